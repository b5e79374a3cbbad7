//! The sample that verifies or tests a webhook: an event with a full body about no real tracking.

use jiff::{SignedDuration, Timestamp};
use waybill_model::{
    Checkpoint, CheckpointSource, CourierSlug, Details, EventId, EventTime, Live, Record,
    SubStatus, Tag, TrackingKey, WebhookId, derive,
};
use waybill_storage::{EventKind, JobChange, NewDelivery, NewEvent, NewJob, WriteSet};

use super::document::WebhookDocument;
use crate::{
    DELIVER_JOB, Service,
    document::{Identity, JourneyParts, document},
    events::body,
};

/// The courier of the sample: the one that exists everywhere.
const SAMPLE_SLUG: &str = "testing-courier";
/// The number of the sample: it says what it is.
const SAMPLE_NUMBER: &str = "ITOD-1-SAMPLE";

impl Service {
    /// Adds the sample, its delivery and the job that sends it at once.
    pub(super) fn add_sample(
        &self,
        set: &mut WriteSet,
        webhook: WebhookId,
        settings: &WebhookDocument,
        now: Timestamp,
    ) -> waybill_model::DeliveryId {
        let delivery = waybill_model::DeliveryId::from_uuid(self.0.identities.at(now));
        let id = EventId::from_uuid(self.0.identities.random());
        let key = TrackingKey::from_uuid(self.0.identities.at(now));
        let kind = settings
            .events
            .first()
            .map_or("tracking_update", String::as_str);
        let kind = kind.split('.').next().unwrap_or("tracking_update");
        set.events.push(NewEvent {
            id,
            kind: EventKind::WebhookSample,
            tracking: key,
            tag: Some(Tag::InTransit),
            at: now,
            body: body(kind, id, true, &self.sample_message(key, now), now),
            deliver_to: vec![NewDelivery {
                id: delivery,
                webhook,
            }],
        });
        set.jobs.push(JobChange::Add(NewJob {
            kind: DELIVER_JOB,
            due_at: now,
            payload: delivery.to_string(),
        }));
        delivery
    }

    fn sample_message(&self, key: TrackingKey, now: Timestamp) -> String {
        let Some(slug) = CourierSlug::parse(SAMPLE_SLUG) else {
            return "{}".to_owned();
        };
        let created_at = now - SignedDuration::from_hours(1);
        let identity = Identity {
            key,
            own_id: None,
            number: SAMPLE_NUMBER.to_owned(),
            slug: slug.clone(),
            created_at,
        };
        let details = Details {
            title: Some("Sample".to_owned()),
            order_id: Some("1001".to_owned()),
            ..Details::default()
        };
        let mut record = Record::new("api", details);
        let scans = [
            (
                45,
                SubStatus::INFO_RECEIVED_001,
                "Shipment information received",
            ),
            (15, SubStatus::IN_TRANSIT_002, "Parcel accepted"),
        ];
        record.checkpoints = scans
            .into_iter()
            .map(|(minutes, sub_status, message)| {
                sample_checkpoint(
                    &slug,
                    now - SignedDuration::from_mins(minutes),
                    sub_status,
                    message,
                )
            })
            .collect();
        let parts = JourneyParts::of(&record);
        let journey = derive(
            &parts.input(&identity, &record, None, now),
            &record.checkpoints,
        );
        let tracking = document(&identity, &record, &journey, &self.couriers(), now);
        let text = serde_json::to_string(&tracking).unwrap_or_default();
        Live::new(&journey.clock, 1, now).splice(&text)
    }
}

fn sample_checkpoint(
    slug: &CourierSlug,
    at: Timestamp,
    sub_status: SubStatus,
    message: &str,
) -> Checkpoint {
    let time = EventTime::from_timestamp(at);
    Checkpoint {
        hash: Checkpoint::hash_of(slug, None, &time.text, None, message, Some("Sampletown")),
        slug: slug.clone(),
        piece: None,
        time,
        code: None,
        sub_status,
        message: message.to_owned(),
        location: Some("Sampletown".to_owned()),
        city: Some("Sampletown".to_owned()),
        state: None,
        postal_code: None,
        country: None,
        coordinate: None,
        signed_by: None,
        events: Vec::new(),
        source: CheckpointSource::Carrier,
        seen_at: at,
        withdrawn: false,
        missing_count: 0,
    }
}
