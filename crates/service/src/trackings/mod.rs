//! Trackings: one file per use case.

mod batch;
mod checkpoints;
mod complete;
mod create;
mod delete;
mod get;
mod notifications;
mod retrack;
mod update;

pub(crate) use batch::BatchRows;
pub use create::Source;
pub(crate) use create::{group_members, require, unknown_slug};
pub use get::TrackingList;

use waybill_model::{OrganizationId, Record, TrackingKey};
use waybill_storage::TrackingRow;
use waybill_versions::{Code, Problem};

use crate::{Service, advance::Draft, names::itself, unavailable};

/// The record of a row. One that cannot be read (a newer program wrote it, or the disk broke it)
/// is refused: whoever went on without it would write its loss over it.
pub(crate) fn read_record(row: &TrackingRow) -> Result<Record, Problem> {
    serde_json::from_str(&row.record).map_err(|error| {
        tracing::error!(tracking = %row.key, %error, "the record of a tracking cannot be read");
        Problem::internal()
    })
}

impl Service {
    /// A tracking with all that its next state is made from.
    pub(crate) async fn draft(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Draft, Problem> {
        let draft = self.draft_if_there(organization, key).await?;
        draft.ok_or_else(|| Problem::new(Code::TrackingNotFound))
    }

    /// The same for the tracking that an id in a path means.
    pub(crate) async fn meant(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<Draft, Problem> {
        if let Some(key) = itself(id)
            && let Some(draft) = self.draft_if_there(organization, key).await?
        {
            return Ok(draft);
        }
        let key = self.resolve(organization, id).await?;
        self.draft(organization, key).await
    }

    async fn draft_if_there(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<Draft>, Problem> {
        let followed = self.0.storage.followed(organization, key).await;
        let Some((row, polls)) = followed.map_err(unavailable)? else {
            return Ok(None);
        };
        let record = read_record(&row)?;
        Ok(Some(Draft { row, record, polls }))
    }
}
