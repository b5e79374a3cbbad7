//! Many trackings are made at once.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use waybill_model::OrganizationId;
use waybill_storage::Storage;
use waybill_versions::{CreateTracking, Problem};

use crate::{Service, Source, once::in_parts, trackings::create::Wanted};

/// Rows of batches whose commit is waited for, in each queue of the database: four full commits, and
/// half of what may wait there, so that batches leave room for single requests.
const BATCH_ROWS_AT_ONCE: usize = 1_024;

/// Room for rows of batches, by the queue that they wait in.
pub(crate) struct BatchRows(Vec<Semaphore>);

impl BatchRows {
    /// All of the room.
    pub(crate) fn new(storage: &dyn Storage) -> Self {
        let queues = 0..storage.queues();
        Self(queues.map(|_| Semaphore::new(BATCH_ROWS_AT_ONCE)).collect())
    }
}

/// What became of a row: the tracking as JSON text, or why there is none.
type Made = Result<String, Problem>;

impl Service {
    /// Makes each of these trackings as a single create would, and answers in their order. Each
    /// commits by itself, many of them together with others. What repeats an earlier row is 4003.
    ///
    /// # Errors
    /// Where the database is away for one, for all: what was made is 4003 when they are sent again.
    pub async fn create_trackings(
        &self,
        organization: OrganizationId,
        requests: Vec<Result<CreateTracking, Problem>>,
    ) -> Result<Vec<Made>, Problem> {
        // Each row commits by itself, so the answer to all of them is kept apart.
        in_parts(self.create_each(organization, requests, Source::Api)).await
    }

    /// The same for the rows of a file: a number that no courier recognises is kept, as
    /// [`crate::UNRECOGNIZED`].
    ///
    /// # Errors
    /// As [`Self::create_trackings`].
    pub async fn import_trackings(
        &self,
        organization: OrganizationId,
        requests: Vec<Result<CreateTracking, Problem>>,
    ) -> Result<Vec<Made>, Problem> {
        self.create_each(organization, requests, Source::Csv).await
    }

    async fn create_each(
        &self,
        organization: OrganizationId,
        requests: Vec<Result<CreateTracking, Problem>>,
        source: Source,
    ) -> Result<Vec<Made>, Problem> {
        let active = self.active_couriers(organization).await?;
        let mut results = Vec::with_capacity(requests.len());
        let (mut fresh, mut repeated) = (Vec::new(), Vec::new());
        let mut names = HashSet::new();
        for (index, request) in requests.into_iter().enumerate() {
            let wanted = match request {
                Ok(request) => self.wanted(organization, request, &active, source).await,
                Err(problem) => Err(problem),
            };
            match wanted {
                Ok(wanted) => {
                    // All of its names are noted, also where the first is taken.
                    let taken = wanted.names().filter(|name| !names.insert(name.clone()));
                    let is_fresh = taken.count() == 0;
                    if is_fresh {
                        fresh.push((index, wanted));
                    } else {
                        repeated.push((index, wanted));
                    }
                }
                Err(problem) => results.push((index, Err(problem))),
            }
        }
        let made = async |(index, wanted): &(usize, Wanted)| {
            let made = self.make_in_turn(organization, wanted).await;
            made.map(|made| (*index, made))
        };
        let mut making = stream::iter(&fresh)
            .map(made)
            .buffer_unordered(BATCH_ROWS_AT_ONCE);
        while let Some(made) = making.next().await {
            results.push(made?);
        }
        // After the rows they repeat.
        for row in &repeated {
            results.push(made(row).await?);
        }
        results.sort_unstable_by_key(|(index, _)| *index);
        Ok(results.into_iter().map(|(_, made)| made).collect())
    }

    /// Makes one row when there is room; what is no fault of the row is an error.
    async fn make_in_turn(
        &self,
        organization: OrganizationId,
        wanted: &Wanted,
    ) -> Result<Made, Problem> {
        let queue = self.0.storage.queue_of(organization);
        let room = self.0.batch_rows.0[queue].acquire().await;
        let _room = room.map_err(|_| Problem::unavailable())?;
        match self.make(organization, wanted).await {
            Err(problem) if problem.code.entry().http_status >= 500 => Err(problem),
            made => Ok(made),
        }
    }
}
