//! A tracking is deleted.

use waybill_model::OrganizationId;
use waybill_storage::{Delete, EventKind, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{Service, unavailable};

impl Service {
    /// Removes document, names and polls in one commit, leaves an event, and answers the tracking
    /// as it was.
    pub async fn delete_tracking(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<String, Problem> {
        let key = self.resolve(organization, id).await?;
        self.decide(
            async || {
                let answer = self.tracking(organization, &key.id()).await?;
                let row = self
                    .0
                    .storage
                    .tracking(organization, key)
                    .await
                    .map_err(unavailable)?;
                let row = row.ok_or_else(|| Problem::new(Code::TrackingNotFound))?;
                let mut set = WriteSet::new(organization);
                set.delete.push(Delete::Tracking {
                    key,
                    revision: row.revision,
                });
                let what = serde_json::json!({
                    "id": key.id(), "tracking_number": row.number, "slug": row.slug.as_str(),
                });
                set.events
                    .push(self.note(EventKind::TrackingDeleted, key, self.now(), &what));
                Ok((set, answer))
            },
            |_| None,
        )
        .await
    }
}
