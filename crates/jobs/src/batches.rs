//! Jobs that are done in one go: put together as they are claimed, and filled up with jobs that are nearly due.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use waybill_model::OrganizationId;
use waybill_storage::{Job, Storage, Upcoming};

use crate::{Batch, Held, Worker};

/// So far ahead it is looked for jobs that may be early.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// So many of the jobs that come due next are looked at: some microseconds each.
const LOOK_JOBS: usize = 1_000;
/// A batch is filled up for so many organizations at most, a look each.
const LOOK_ORGANIZATIONS: usize = 3;

/// Where jobs come from, and for how long they are taken.
pub(crate) struct Filling<'a> {
    pub storage: &'a dyn Storage,
    pub now: Timestamp,
    /// How long a lease lasts.
    pub lease: SignedDuration,
}

/// Puts claimed jobs together by their batches, in the order in which they came, and fills up what has room.
pub(crate) async fn put_together(
    worker: &Arc<dyn Worker>,
    jobs: Vec<Job>,
    filling: &Filling<'_>,
) -> Vec<Vec<Held>> {
    let mut parts: Vec<(Option<Batch>, Vec<Job>)> = Vec::new();
    let mut open: HashMap<Batch, usize> = HashMap::new();
    for job in jobs {
        let Some(batch) = worker.batch(&job).filter(|batch| batch.size > 1) else {
            parts.push((None, vec![job]));
            continue;
        };
        match open.get(&batch).and_then(|place| parts.get_mut(*place)) {
            Some((_, jobs)) if jobs.len() < batch.size => jobs.push(job),
            _ => {
                open.insert(batch.clone(), parts.len());
                parts.push((Some(batch), vec![job]));
            }
        }
    }
    let mut together = Vec::with_capacity(parts.len());
    for (batch, mut jobs) in parts {
        if let Some(batch) = batch
            && jobs.len() < batch.size
        {
            fill(worker, &batch, &mut jobs, filling).await;
        }
        together.push(jobs.into_iter().map(Held::new).collect());
    }
    together
}

/// Adds jobs of the same batch that may be early. What fails is only not filled.
async fn fill(worker: &Arc<dyn Worker>, batch: &Batch, jobs: &mut Vec<Job>, filling: &Filling<'_>) {
    let now = filling.now;
    let mut organizations: Vec<OrganizationId> = Vec::new();
    for job in jobs.iter() {
        if !organizations.contains(&job.organization) {
            organizations.push(job.organization);
        }
    }
    for organization in organizations.into_iter().take(LOOK_ORGANIZATIONS) {
        let room = batch.size.saturating_sub(jobs.len());
        if room == 0 {
            return;
        }
        let upcoming = Upcoming {
            kind: worker.kind(),
            organization,
            // Clocks of nodes differ a little, and a lease may have been renewed just now.
            after: now + filling.lease * 2,
            until: now + LOOK_AHEAD,
            look: LOOK_JOBS,
        };
        let early = match filling.storage.upcoming(upcoming).await {
            Ok(early) => early,
            Err(error) => {
                tracing::warn!(%error, "a batch could not be filled");
                return;
            }
        };
        let early: Vec<Job> = early
            .into_iter()
            .filter(|job| worker.may_be_early(job, now))
            .filter(|job| worker.batch(job).as_ref() == Some(batch))
            .take(room)
            .collect();
        if early.is_empty() {
            continue;
        }
        let handles = early.iter().map(|job| job.handle).collect();
        let Ok(leased) = filling.storage.renew(handles, now + filling.lease).await else {
            return;
        };
        let leased: HashMap<_, _> = leased.into_iter().collect();
        jobs.extend(early.into_iter().filter_map(|job| {
            let handle = *leased.get(&job.handle)?;
            Some(Job { handle, ..job })
        }));
    }
}
