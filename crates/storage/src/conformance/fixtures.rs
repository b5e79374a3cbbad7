//! Rows and sets the stories are told with. All values follow from small numbers.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use waybill_model::{
    ApiKeyId, ClockFacts, CourierSlug, DeliveryId, EventId, OrganizationId, ResourceId, SubStatus,
    Tag, TrackingKey, WebhookId,
};

use super::Engine;
use crate::{
    ApiKeyRow, Authentication, Claim, Commit, Conflict, DeliveryRow, DeliveryStatus, EventKind,
    Job, JobChange, Name, NameRow, NewDelivery, NewEvent, NewJob, OnceRow, PollOutcome, PollRow,
    Put, ResourceKind, ResourceRow, Storage, TrackingRow, WALK_BUDGET_ROWS, WebhookRow, WriteSet,
};

/// 2026-01-01T00:00:00Z: where the stories begin.
const BEGINNING: i64 = 1_767_225_600;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGINNING + seconds).unwrap()
}

pub fn millis_after(seconds: i64, millis: i64) -> Timestamp {
    at(seconds) + SignedDuration::from_millis(millis)
}

/// Organizations 1, 2, 3 …
pub fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(0x0a00 << 64 | number))
}

/// The key of a tracking made `number` seconds after the beginning.
pub fn key(number: u64) -> TrackingKey {
    let millis = (BEGINNING as u128 + u128::from(number)) * 1_000;
    TrackingKey::from_uuid(Uuid::from_u128(
        millis << 80 | 7 << 76 | 2 << 62 | u128::from(number),
    ))
}

pub fn webhook_id(number: u128) -> WebhookId {
    WebhookId::from_uuid(Uuid::from_u128(0x0b00 << 64 | number))
}

pub fn delivery_id(number: u128) -> DeliveryId {
    DeliveryId::from_uuid(Uuid::from_u128(0x0c00 << 64 | number))
}

pub fn event_id(number: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(0x0d00 << 64 | number))
}

pub fn api_key_id(number: u128) -> ApiKeyId {
    ApiKeyId::from_uuid(Uuid::from_u128(0x0e00 << 64 | number))
}

pub fn slug(text: &str) -> CourierSlug {
    CourierSlug::parse(text).unwrap()
}

pub fn sub_status(tag: Tag) -> SubStatus {
    *SubStatus::ALL
        .iter()
        .find(|sub_status| sub_status.tag() == tag)
        .unwrap()
}

/// An empty database with the usual budget.
pub async fn fresh(engine: &dyn Engine) -> Arc<dyn Storage> {
    engine.fresh(WALK_BUDGET_ROWS).await
}

/// A new tracking of organization 1.
pub fn tracking(number: u64) -> TrackingRow {
    tracking_of(organization(1), number)
}

/// A new tracking, with little in it.
pub fn tracking_of(organization: OrganizationId, number: u64) -> TrackingRow {
    TrackingRow {
        organization,
        key: key(number),
        revision: 0,
        own_id: None,
        number: format!("NUMBER{number}"),
        slug: slug("ups"),
        tag: Tag::Pending,
        sub_status: sub_status(Tag::Pending),
        active: true,
        order_id: None,
        origin: None,
        destination: None,
        courier_destination: None,
        return_to_sender: false,
        shipment_tags: Vec::new(),
        created_at: at(number as i64),
        updated_at: at(number as i64),
        clock: ClockFacts::default(),
        document: format!("{{\"number\":{number}}}").into(),
        record: "{}".to_owned(),
    }
}

/// The name a tracking is made with.
pub fn name_of(row: &TrackingRow) -> NameRow {
    number_name(&row.number, row.slug.as_str(), "", row.key)
}

pub fn number_name(
    number: &str,
    slug: &str,
    discriminator: &str,
    tracking: TrackingKey,
) -> NameRow {
    let (number, slug, discriminator) =
        (number.to_owned(), slug.to_owned(), discriminator.to_owned());
    NameRow {
        name: Name::Number {
            number,
            slug,
            discriminator,
        },
        tracking,
    }
}

pub fn poll_of(row: &TrackingRow, leg: u8) -> PollRow {
    PollRow {
        organization: row.organization,
        tracking: row.key,
        leg,
        revision: 0,
        slug: row.slug.clone(),
        number: row.number.clone(),
        next_check_at: Some(at(3_600)),
        checked_at: None,
        answered_at: None,
        outcome: None,
        reason: String::new(),
        tracked_count: 0,
        failures: 0,
    }
}

pub fn attempt_of(row: &TrackingRow, leg: u8, seconds: i64) -> crate::PollAttemptRow {
    crate::PollAttemptRow {
        tracking: row.key,
        leg,
        slug: row.slug.clone(),
        at: at(seconds),
        outcome: PollOutcome::CouldNotRead,
        reason: "not JSON".to_owned(),
        http_status: Some(200),
        latency_ms: 321,
        new_checkpoints: 0,
        excerpt: Some("<html>".to_owned()),
    }
}

/// What a create commits: the tracking, its name and its first leg.
pub fn create(row: &TrackingRow) -> WriteSet {
    WriteSet::new(row.organization)
        .put(Put::Tracking(Box::new(row.clone())))
        .put(Put::Name(name_of(row)))
        .put(Put::Poll(poll_of(row, 0)))
}

pub fn event(number: u128, tracking: TrackingKey, deliver_to: &[NewDelivery]) -> NewEvent {
    NewEvent {
        id: event_id(number),
        kind: EventKind::TrackingUpdate,
        tracking,
        tag: Some(Tag::InTransit),
        at: at(number as i64),
        body: format!("{{\"event\":{number}}}"),
        deliver_to: deliver_to.to_vec(),
    }
}

pub fn webhook_of(organization: OrganizationId, number: u128) -> WebhookRow {
    WebhookRow {
        organization,
        id: webhook_id(number),
        revision: 0,
        document: format!("{{\"webhook\":{number}}}"),
        last_success_at: None,
        failing_since: None,
    }
}

pub fn delivery_of(
    organization: OrganizationId,
    number: u128,
    webhook: u128,
    tracking: TrackingKey,
) -> DeliveryRow {
    DeliveryRow {
        organization,
        id: delivery_id(number),
        revision: 0,
        webhook: webhook_id(webhook),
        tracking,
        sequence: number as u64,
        event: event_id(number),
        status: DeliveryStatus::Pending,
        attempts: 0,
        refused_while_healthy: 0,
        left_lane: false,
        next_attempt_at: Some(at(number as i64)),
        last_attempt_at: None,
        created_at: at(number as i64),
    }
}

pub fn api_key_of(organization: OrganizationId, number: u8) -> ApiKeyRow {
    ApiKeyRow {
        id: api_key_id(u128::from(number)),
        revision: 0,
        organization,
        name: format!("key {number}"),
        hash: [number; 32],
        prefix: "wb_1234".to_owned(),
        authentication: Authentication::Aes,
        proof: Some("sealed".to_owned()),
        scopes: vec!["tracking:read".to_owned(), "tracking:write".to_owned()],
        created_at: at(i64::from(number)),
        last_used_at: None,
        revoked_at: None,
    }
}

pub fn resource_id(number: u128) -> ResourceId {
    ResourceId::from_uuid(Uuid::from_u128(0x0f00 << 64 | number))
}

pub fn resource_of(organization: OrganizationId, number: u128) -> ResourceRow {
    ResourceRow {
        organization,
        kind: ResourceKind::CourierConnection,
        id: resource_id(number),
        revision: 0,
        name: "ups".to_owned(),
        document: format!("{{\"resource\":{number}}}"),
    }
}

/// Done at the beginning, for ten seconds.
pub fn once_of(organization: OrganizationId, number: u8) -> OnceRow {
    OnceRow {
        organization,
        key: [number; 32],
        fingerprint: [number + 100; 32],
        answer: Some(format!("answer {number}")),
        at: at(0),
        expires_at: at(10),
    }
}

pub fn new_job(kind: &'static str, seconds: i64, payload: &str) -> JobChange {
    JobChange::Add(NewJob {
        kind,
        due_at: at(seconds),
        payload: payload.to_owned(),
    })
}

/// A claim that leases for ten seconds.
pub fn claim(kind: &'static str, seconds: i64, limit: usize) -> Claim {
    Claim {
        kinds: vec![kind],
        now: at(seconds),
        lease_until: at(seconds + 10),
        limit,
    }
}

pub fn payloads(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.payload.as_str()).collect()
}

/// Commits a set that must hold; the last sequence number.
pub async fn apply(storage: &dyn Storage, set: WriteSet) -> Option<u64> {
    match storage.commit(set).await.unwrap() {
        Commit::Applied { sequence } => sequence,
        Commit::Conflict(conflict) => panic!("the set was refused: {conflict:?}"),
    }
}

/// Commits a set that must be refused.
pub async fn refuse(storage: &dyn Storage, set: WriteSet) -> Conflict {
    match storage.commit(set).await.unwrap() {
        Commit::Applied { .. } => panic!("the set was applied"),
        Commit::Conflict(conflict) => conflict,
    }
}
