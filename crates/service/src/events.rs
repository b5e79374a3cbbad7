//! Events and who gets them.

use jiff::Timestamp;
use serde_json::json;
use waybill_model::{EventId, Legacy, Live, OrganizationId, Tag, Tracking, TrackingKey};
use waybill_storage::{EventKind, JobChange, NewDelivery, NewEvent, NewJob, WriteSet};
use waybill_versions::Problem;

use crate::{DELIVER_JOB, Service, WebhookDocument, unavailable};

/// A receiver as an event sees it.
pub(crate) struct Receiver {
    pub id: waybill_model::WebhookId,
    pub topics: Vec<String>,
}

impl Receiver {
    /// Whether it asked for updates of this tag.
    fn wants(&self, tag: Tag) -> bool {
        self.topics
            .iter()
            .any(|topic| match topic.strip_prefix("tracking_update") {
                Some("") => true,
                Some(rest) => rest.strip_prefix('.') == Some(tag.as_str()),
                None => false,
            })
    }
}

/// The body of an event in the newest version, fixed at the commit; a webhook of an older version gets
/// it in that version's shape.
pub(crate) fn body(kind: &str, id: EventId, first_tag: bool, msg: &str, at: Timestamp) -> String {
    let event = json!(kind);
    format!(
        r#"{{"event":{event},"event_id":"{id}","is_tracking_first_tag":{first_tag},"msg":{msg},"ts":{}}}"#,
        at.as_second()
    )
}

impl Service {
    /// The webhooks of an organization.
    pub(crate) async fn receivers(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Receiver>, Problem> {
        let rows = self
            .0
            .storage
            .webhooks(organization)
            .await
            .map_err(unavailable)?;
        Ok(rows
            .iter()
            .filter_map(|row| {
                let document = WebhookDocument::read(row)?;
                Some(Receiver {
                    id: row.id,
                    topics: document.events,
                })
            })
            .collect())
    }

    /// Adds the update of a tracking to a write set, with a delivery and its job for each webhook
    /// that wants it. One that is paused gets them too, and its worker lets them wait: what is
    /// read here may be over by the commit, and a delivery without a job would wait for ever.
    pub(crate) fn add_update(
        &self,
        set: &mut WriteSet,
        receivers: &[Receiver],
        update: &Update<'_>,
    ) {
        let id = EventId::from_uuid(self.0.identities.random());
        let msg = serde_json::to_string(update.tracking).unwrap_or_default();
        let msg = update.live.splice(&msg);
        let mut deliver_to = Vec::new();
        for receiver in receivers
            .iter()
            .filter(|receiver| receiver.wants(update.tracking.tag))
        {
            let delivery = waybill_model::DeliveryId::from_uuid(self.0.identities.at(update.at));
            deliver_to.push(NewDelivery {
                id: delivery,
                webhook: receiver.id,
            });
            set.jobs.push(JobChange::Add(NewJob {
                kind: DELIVER_JOB,
                due_at: update.at,
                payload: delivery.to_string(),
            }));
        }
        set.events.push(NewEvent {
            id,
            kind: EventKind::TrackingUpdate,
            tracking: update.key,
            tag: Some(update.tracking.tag),
            at: update.at,
            body: update.legacy.beside(body(
                "tracking_update",
                id,
                update.first_tag,
                &msg,
                update.at,
            )),
            deliver_to,
        });
    }

    /// An event that only the feed and the audit see: it says what was done to which tracking.
    pub(crate) fn note(
        &self,
        kind: EventKind,
        key: TrackingKey,
        at: Timestamp,
        what: &serde_json::Value,
    ) -> NewEvent {
        let id = EventId::from_uuid(self.0.identities.random());
        NewEvent {
            id,
            kind,
            tracking: key,
            tag: None,
            at,
            body: body(kind.as_str(), id, false, &what.to_string(), at),
            deliver_to: Vec::new(),
        }
    }
}

/// News of a tracking.
pub(crate) struct Update<'a> {
    pub key: TrackingKey,
    pub tracking: &'a Tracking,
    pub live: Live,
    pub first_tag: bool,
    /// What only old versions can say of it; a receiver of theirs is told.
    pub legacy: &'a Legacy,
    pub at: Timestamp,
}
