//! Rows and sets the tests write.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use waybill_model::{
    ClockFacts, CourierSlug, EventId, OrganizationId, SubStatus, Tag, TrackingKey,
};
use waybill_storage::{
    EventKind, JobChange, Name, NameRow, NewEvent, NewJob, Put, TrackingRow, WriteSet,
};

/// 2026-01-01T00:00:00Z: where the tests begin.
pub const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// Organizations 1, 2, 3 …
pub fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(0x0a00 << 64 | number))
}

/// The key of a tracking made `number` milliseconds after the beginning.
pub fn key(number: u64) -> TrackingKey {
    let millis = BEGINNING.as_millisecond() as u128 + u128::from(number);
    TrackingKey::from_uuid(Uuid::from_u128(
        millis << 80 | 7 << 76 | 2 << 62 | u128::from(number),
    ))
}

/// A new tracking.
pub fn tracking(organization: OrganizationId, number: u64) -> TrackingRow {
    let at = BEGINNING + SignedDuration::from_millis(number as i64);
    TrackingRow {
        organization,
        key: key(number),
        revision: 0,
        own_id: None,
        number: format!("NUMBER{number}"),
        slug: CourierSlug::parse("ups").unwrap(),
        tag: Tag::Pending,
        sub_status: SubStatus::PENDING_001,
        active: true,
        order_id: None,
        origin: None,
        destination: None,
        courier_destination: None,
        return_to_sender: false,
        shipment_tags: Vec::new(),
        created_at: at,
        updated_at: at,
        clock: ClockFacts::default(),
        document: "d".repeat(900).into(),
        record: "r".repeat(300),
    }
}

/// What creating a tracking commits: row, name, event, job.
pub fn create(organization: OrganizationId, number: u64) -> WriteSet {
    let row = tracking(organization, number);
    let at = row.created_at;
    let name = Name::Number {
        number: row.number.clone(),
        slug: "ups".to_owned(),
        discriminator: String::new(),
    };
    let mut set = WriteSet::new(organization)
        .put(Put::Tracking(Box::new(row)))
        .put(Put::Name(NameRow {
            name,
            tracking: key(number),
        }))
        .job(JobChange::Add(NewJob {
            kind: "poll",
            due_at: at,
            payload: number.to_string(),
        }));
    set.events.push(event(number));
    set
}

/// An event of a tracking.
pub fn event(number: u64) -> NewEvent {
    NewEvent {
        id: EventId::from_uuid(Uuid::from_u128(u128::from(number))),
        kind: EventKind::TrackingCreated,
        tracking: key(number),
        tag: None,
        at: BEGINNING,
        body: "b".repeat(900),
        deliver_to: Vec::new(),
    }
}
