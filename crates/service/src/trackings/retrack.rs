//! A tracking that is no longer followed is followed again.

use waybill_model::{Mark, OrganizationId};
use waybill_storage::{Put, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{Service, advance::poll_job};

impl Service {
    /// Allowed while the tracking is inactive and was retracked fewer than `limit` times; the limit
    /// is the calling version's.
    pub async fn retrack_tracking(
        &self,
        organization: OrganizationId,
        id: &str,
        limit: usize,
    ) -> Result<String, Problem> {
        self.decide_once(
            async || {
                let now = self.now();
                let mut set = WriteSet::new(organization);
                let mut draft = self.meant(organization, id).await?;
                if draft.row.active {
                    return Err(Problem::new(Code::RetrackActive));
                }
                if draft.record.retracks() >= limit {
                    return Err(Problem::new(Code::RetrackLimit));
                }
                draft.record.marks.push(Mark::Retrack { at: now });
                // Whoever asks again may mean another courier's parcel.
                if let Some(detected) = &mut draft.record.detected {
                    detected.round = 0;
                }
                for poll in &mut draft.polls {
                    poll.next_check_at = Some(now);
                    poll.failures = 0;
                    set.put.push(Put::Poll(poll.clone()));
                    set.jobs.extend(poll_job(poll));
                }
                let advanced = self.advance(&mut set, draft, Vec::new(), now);
                Ok((set, advanced.answer))
            },
            |_| None,
        )
        .await
    }
}
