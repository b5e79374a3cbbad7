//! Events and who gets them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waybill_model::{DeliveryId, EventId, Legacy, Tag, TrackingKey};
use waybill_storage::{EventKind, JobChange, NewDelivery, NewEvent, NewJob, Unavailable, WriteSet};

use crate::{DELIVER_JOB, Service, webhooks::settings};

/// What of a webhook's settings says which news it gets.
#[derive(Deserialize)]
struct Receiver {
    events: Vec<String>,
}

impl Receiver {
    /// Whether it asked for updates of this tag.
    fn wants(&self, tag: Tag) -> bool {
        self.events
            .iter()
            .any(|topic| match topic.strip_prefix("tracking_update") {
                Some("") => true,
                Some(rest) => rest.strip_prefix('.') == Some(tag.as_str()),
                None => false,
            })
    }
}

/// The body of an event of one of our kinds in the newest version, fixed at the commit; a webhook of an older version
/// gets it in that version's shape.
pub(crate) fn body(kind: &str, id: EventId, first_tag: bool, msg: &str, at: Timestamp) -> String {
    format!(
        r#"{{"event":"{kind}","event_id":"{id}","is_tracking_first_tag":{first_tag},"msg":{msg},"ts":{}}}"#,
        at.as_second()
    )
}

impl Service {
    /// Gives the news in a set a delivery with its job for each webhook that wants it. One that is
    /// paused gets them too, and its worker lets them wait: a delivery without a job would wait for ever.
    ///
    /// The set says which webhooks it was told of, so that it is refused where others are meant by now.
    pub(crate) async fn address(&self, set: &mut WriteSet) -> Result<(), Unavailable> {
        if !set.events.iter().any(is_news) {
            return Ok(());
        }
        let webhooks = self.0.storage.receivers(set.organization).await?;
        for row in webhooks.iter() {
            let Some(receiver) = settings::<Receiver>(row) else {
                continue;
            };
            for event in set.events.iter_mut().filter(|event| is_news(event)) {
                if !event.tag.is_some_and(|tag| receiver.wants(tag)) {
                    continue;
                }
                let delivery = DeliveryId::from_uuid(self.0.identities.at(event.at));
                event.deliver_to.push(NewDelivery {
                    id: delivery,
                    webhook: row.id,
                });
                set.jobs.push(JobChange::Add(NewJob {
                    kind: DELIVER_JOB,
                    due_at: event.at,
                    payload: delivery.to_string(),
                }));
            }
        }
        set.webhooks = Some(webhooks);
        Ok(())
    }

    /// The event that tells news of a tracking.
    pub(crate) fn update(&self, update: &Update<'_>) -> NewEvent {
        let id = EventId::from_uuid(self.0.identities.random());
        let kind = EventKind::TrackingUpdate;
        let body = body(
            kind.as_str(),
            id,
            update.first_tag,
            update.message,
            update.at,
        );
        NewEvent {
            id,
            kind,
            tracking: update.key,
            tag: Some(update.tag),
            at: update.at,
            body: update.legacy.beside(body),
            deliver_to: Vec::new(),
        }
    }

    /// An event that only the feed and the audit see: it says what was done to which tracking.
    pub(crate) fn note(
        &self,
        kind: EventKind,
        key: TrackingKey,
        at: Timestamp,
        what: &impl Serialize,
    ) -> NewEvent {
        let id = EventId::from_uuid(self.0.identities.random());
        let what = serde_json::to_string(what).unwrap_or_default();
        NewEvent {
            id,
            kind,
            tracking: key,
            tag: None,
            at,
            body: body(kind.as_str(), id, false, &what, at),
            deliver_to: Vec::new(),
        }
    }
}

/// What webhooks are told.
fn is_news(event: &NewEvent) -> bool {
    event.kind == EventKind::TrackingUpdate
}

/// News of a tracking.
pub(crate) struct Update<'a> {
    pub key: TrackingKey,
    /// The tag that it comes to.
    pub tag: Tag,
    /// The tracking as it is then, in the newest shape.
    pub message: &'a str,
    pub first_tag: bool,
    /// What only old versions can say of it; a receiver of theirs is told.
    pub legacy: &'a Legacy,
    pub at: Timestamp,
}
