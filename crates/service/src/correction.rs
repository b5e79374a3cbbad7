//! A tracking gets another courier.

use jiff::Timestamp;
use serde_json::json;
use waybill_model::{CourierSlug, TrackingKey};
use waybill_storage::{EventKind, Name, NameRow, Put, TrackingRow, WriteSet};
use waybill_versions::Problem;

use crate::{
    Service,
    advance::{Draft, new_poll, poll_job},
    unavailable,
};

impl Service {
    /// Gives a tracking another courier: it keeps its names and gets one more, and an event says what
    /// was there before, what is now, and why. The name must be free or its own.
    pub(crate) async fn correct(
        &self,
        set: &mut WriteSet,
        row: &mut TrackingRow,
        (name, slug): (Name, &CourierSlug),
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let names = self.0.storage.names_of(row.organization, row.key);
        let names = names.await.map_err(unavailable)?;
        if !names.iter().any(|known| known.name == name) {
            set.put.push(Put::Name(NameRow {
                name,
                tracking: row.key,
            }));
        }
        let what = json!({
            "id": row.key.id(),
            "before": row.slug.as_str(),
            "after": slug.as_str(),
            "reason": reason,
        });
        set.events
            .push(self.note(EventKind::TrackingCorrected, row.key, now, &what));
        row.slug = slug.clone();
        Ok(())
    }
}

/// The first leg is asked anew under its new courier; what the old one told stays in the history.
pub(crate) fn ask_anew(set: &mut WriteSet, draft: &mut Draft, now: Timestamp) {
    let row = &draft.row;
    let (organization, key): (_, TrackingKey) = (row.organization, row.key);
    let slug = row.slug.clone();
    let mut poll = new_poll(organization, key, 0, slug, row.number.clone(), now);
    if let Some(old) = draft.polls.iter_mut().find(|poll| poll.leg == 0) {
        (poll.revision, poll.tracked_count) = (old.revision, old.tracked_count);
        *old = poll.clone();
    }
    set.jobs.extend(poll_job(&poll));
    set.put.push(Put::Poll(poll));
}
