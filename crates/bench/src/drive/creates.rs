//! Trackings made through the storage by many callers at once, without HTTP and the rules.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use jiff::Timestamp;
use tokio::task::JoinSet;
use uuid::Uuid;
use waybill_model::{
    ClockFacts, CourierSlug, EventId, OrganizationId, SubStatus, Tag, TrackingKey,
};
use waybill_storage::{
    Append, Commit, EventKind, JobChange, Name, NameRow, NewEvent, NewJob, PollRow, Put, Storage,
    TrackingRow, WriteSet,
};

use super::{On, machine_now, meter, open};
use crate::contest::Round;

/// As large as the document of a new tracking.
const DOCUMENT_BYTES: usize = 2_000;
const RECORD_BYTES: usize = 300;

/// So many callers, each of which waits for its commit.
pub async fn creates(on: &On, organizations: u64, callers: u64) -> Result<Round> {
    let storage = open(on).await?;
    let next = Arc::new(AtomicU64::new(1));
    let until = Instant::now() + Duration::from_secs(on.seconds);
    let meter = meter(on).await?;
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let (storage, next) = (storage.clone(), next.clone());
        running.spawn(async move { create(storage.as_ref(), &next, organizations, until).await });
    }
    let mut made = 0;
    while let Some(ended) = running.join_next().await {
        made += ended??;
    }
    meter.stop(made).await
}

async fn create(
    storage: &dyn Storage,
    next: &AtomicU64,
    organizations: u64,
    until: Instant,
) -> Result<u64> {
    let slug = CourierSlug::parse("ups").ok_or_else(|| anyhow::anyhow!("no courier"))?;
    let run = u64::from(std::process::id()) << 32;
    let mut made = 0;
    while Instant::now() < until {
        let number = run + next.fetch_add(1, Ordering::Relaxed);
        let organization = OrganizationId::from_uuid(Uuid::from_u128(
            u128::from(number % organizations) << 32 | 7,
        ));
        let set = set(organization, number, &slug, machine_now());
        match storage.commit(set).await? {
            Commit::Applied { .. } => made += 1,
            Commit::Conflict(conflict) => bail!("a tracking was refused: {conflict:?}"),
        }
    }
    Ok(made)
}

/// What a create commits.
fn set(organization: OrganizationId, number: u64, slug: &CourierSlug, now: Timestamp) -> WriteSet {
    let millis = now.as_millisecond().unsigned_abs();
    let key = u128::from(millis) << 80 | 7 << 76 | 2 << 62 | u128::from(number);
    let tracking = TrackingKey::from_uuid(Uuid::from_u128(key));
    let row = TrackingRow {
        organization,
        key: tracking,
        revision: 0,
        own_id: None,
        number: format!("1Z{number}"),
        slug: slug.clone(),
        tag: Tag::Pending,
        sub_status: SubStatus::PENDING_001,
        active: true,
        order_id: Some(format!("O{}", number / 2)),
        origin: None,
        destination: None,
        courier_destination: None,
        return_to_sender: false,
        shipment_tags: Vec::new(),
        created_at: now,
        updated_at: now,
        clock: ClockFacts::default(),
        document: "d".repeat(DOCUMENT_BYTES).into(),
        record: "r".repeat(RECORD_BYTES),
    };
    let poll = PollRow {
        organization,
        tracking,
        leg: 0,
        revision: 0,
        slug: slug.clone(),
        number: row.number.clone(),
        next_check_at: Some(now),
        checked_at: None,
        answered_at: None,
        outcome: None,
        reason: String::new(),
        tracked_count: 0,
        failures: 0,
    };
    let name = NameRow {
        name: Name::Number {
            number: row.number.clone(),
            slug: slug.as_str().to_owned(),
            discriminator: String::new(),
        },
        tracking,
    };
    let mut set = WriteSet::new(organization)
        .put(Put::Name(name))
        .put(Put::Tracking(Box::new(row)))
        .put(Put::Poll(poll))
        .job(JobChange::Add(NewJob {
            kind: "poll",
            due_at: now,
            payload: format!(r#"{{"tracking":"{}","leg":0}}"#, tracking.id()),
        }));
    set.append.push(Append::Unsearchable(tracking));
    set.events.push(NewEvent {
        id: EventId::from_uuid(tracking.as_uuid()),
        kind: EventKind::TrackingCreated,
        tracking,
        tag: Some(Tag::Pending),
        at: now,
        body: "b".repeat(DOCUMENT_BYTES),
        deliver_to: Vec::new(),
    });
    set
}
