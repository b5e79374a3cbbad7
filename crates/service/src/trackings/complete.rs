//! A tracking is completed by hand.

use waybill_model::{Mark, OrganizationId};
use waybill_storage::{Put, WriteSet};
use waybill_versions::{CompleteTracking, Problem};

use crate::Service;

impl Service {
    /// Fixes the status: what the courier says afterwards has no effect until a retrack.
    pub async fn complete_tracking(
        &self,
        organization: OrganizationId,
        id: &str,
        request: CompleteTracking,
    ) -> Result<String, Problem> {
        let request = &request;
        self.decide_once(
            async || {
                let now = self.now();
                let mut set = WriteSet::new(organization);
                let mut draft = self.meant(organization, id).await?;
                draft.record.marks.push(Mark::Completed {
                    reason: request.reason,
                    at: now,
                    event_datetime: request.event_datetime.clone(),
                });
                for poll in draft
                    .polls
                    .iter_mut()
                    .filter(|poll| poll.next_check_at.is_some())
                {
                    poll.next_check_at = None;
                    set.put.push(Put::Poll(poll.clone()));
                }
                let advanced = self.advance(&mut set, draft, Vec::new(), now);
                Ok((set, advanced.answer))
            },
            |_| None,
        )
        .await
    }
}
