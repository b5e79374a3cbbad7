//! Journeys as Waybill itself writes them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_couriers::{Couriers, ReadCheckpoint, Reading};
use waybill_jobs::Wake;
use waybill_model::{
    ClockFacts, CourierSlug, EventId, EventTime, FakeClock, OrganizationId, SubStatus, Tag,
    TrackingKey,
};
use waybill_service::{
    Identities, MasterKey, NewKey, POLL_JOB, Parts, PollJob, PollReport, Service, Settings,
};
use waybill_storage::{
    Append, Authentication, EventKind, JobChange, Name, NameRow, NewEvent, NewJob, PollOutcome,
    PollRow, Put, TrackingRow, WriteSet,
};
use waybill_storage_sqlite::SqliteStorage;
use waybill_versions::CreateTracking;

use super::pattern::{Marks, Moved, Pattern};
use crate::failure::Failure;

/// When the templates' trackings are made: noon, so that a date moves with it.
const MADE_AT: &str = "2026-01-15T12:00:00Z";
const NUMBER: &str = "WBTEMPLATE000000";
const ORDER: &str = "ORDERTEMPLATE";
/// A scan every so often before the tracking is made.
const HOURS_BETWEEN_SCANS: i64 = 7;
/// A silent parcel has expired by then.
const SILENCE: SignedDuration = SignedDuration::from_hours(31 * 24);
/// What is in the parcels of a courier, by the length of its slug: a word of its title finds some of an
/// organization's trackings, as what people type does.
const COLOURS: [&str; 4] = ["white", "green", "blue", "red"];
/// More than any template has.
const EVENTS_OF_A_TEMPLATE: usize = 100;

/// How a journey ends, and whether a tracking older than the retention of logs may be in it.
pub const ENDS: &[(SubStatus, bool)] = &[
    (SubStatus::DELIVERED_001, true),
    (SubStatus::IN_TRANSIT_001, false),
    (SubStatus::OUT_FOR_DELIVERY_001, false),
    (SubStatus::INFO_RECEIVED_001, false),
    (SubStatus::ATTEMPT_FAIL_001, false),
    (SubStatus::AVAILABLE_FOR_PICKUP_001, false),
    (SubStatus::EXCEPTION_001, false),
    (SubStatus::IN_TRANSIT_003, true),
];

/// One journey of one courier.
pub struct Template {
    row: TrackingRow,
    names: Vec<Name>,
    polls: Vec<PollRow>,
    document: Pattern,
    record: Pattern,
    clock: Pattern,
    events: Vec<(EventKind, Option<Tag>, Timestamp, Pattern)>,
}

/// What tells one tracking from another of the same template.
pub struct Particulars {
    /// Whose.
    pub organization: OrganizationId,
    /// Its key, made at [`Self::created_at`].
    pub key: TrackingKey,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its number.
    pub number: String,
    /// Its order.
    pub order: String,
    /// When an active one is asked next.
    pub next_check_at: Timestamp,
    /// Older events were swept.
    pub events_since: Timestamp,
    /// Makes the ids of its events.
    pub event_id: [u8; 16],
}

impl Template {
    /// Of which tag.
    pub fn tag(&self) -> Tag {
        self.row.tag
    }

    /// The write set that brings such a tracking into a database.
    pub fn write_set(&self, particulars: &Particulars, moved: &mut Moved) -> WriteSet {
        let Particulars {
            organization,
            key,
            created_at,
            ..
        } = *particulars;
        moved.by(created_at.duration_since(self.row.created_at));
        let id = key.id();
        let marks = Marks {
            id: &id,
            number: &particulars.number,
            order: &particulars.order,
        };
        let mut set = WriteSet::new(organization);
        let row = TrackingRow {
            organization,
            key,
            number: particulars.number.clone(),
            order_id: Some(particulars.order.clone()),
            created_at,
            updated_at: moved.instant(self.row.updated_at),
            clock: serde_json::from_str::<ClockFacts>(&self.clock.print(&marks, moved))
                .unwrap_or_default(),
            document: self.document.print(&marks, moved).into(),
            record: self.record.print(&marks, moved),
            ..self.row.clone()
        };
        for name in &self.names {
            let mut name = name.clone();
            if let Name::Number { number, .. } = &mut name {
                number.clone_from(&particulars.number);
            }
            set.put.push(Put::Name(NameRow {
                name,
                tracking: key,
            }));
        }
        set.put.push(Put::Tracking(Box::new(row)));
        set.append.push(Append::Unsearchable(key));
        for poll in &self.polls {
            let next_check_at = poll.next_check_at.map(|_| particulars.next_check_at);
            if let Some(due_at) = next_check_at {
                let job = PollJob {
                    tracking: key,
                    ..PollJob::of(poll)
                };
                let payload = serde_json::to_string(&job).unwrap_or_default();
                set.jobs.push(JobChange::Add(NewJob {
                    kind: POLL_JOB,
                    due_at,
                    payload,
                }));
            }
            set.put.push(Put::Poll(PollRow {
                organization,
                tracking: key,
                number: particulars.number.clone(),
                next_check_at,
                checked_at: poll.checked_at.map(|at| moved.instant(at)),
                answered_at: poll.answered_at.map(|at| moved.instant(at)),
                ..poll.clone()
            }));
        }
        for (position, (kind, tag, at, body)) in self.events.iter().enumerate() {
            let at = moved.instant(*at);
            if at < particulars.events_since {
                continue;
            }
            let mut event_id = particulars.event_id;
            event_id[15] = event_id[15].wrapping_add(position as u8);
            set.events.push(NewEvent {
                id: EventId::from_uuid(uuid::Builder::from_random_bytes(event_id).into_uuid()),
                kind: *kind,
                tracking: key,
                tag: *tag,
                at,
                body: body.print(&marks, moved),
                deliver_to: Vec::new(),
            });
        }
        set
    }
}

/// A template of each end for a courier.
pub async fn templates(
    couriers: &Arc<Couriers>,
    slug: &str,
    checkpoints: usize,
) -> Result<Vec<(Template, bool)>, Failure> {
    let made_at: Timestamp = MADE_AT.parse().map_err(broken)?;
    let mut made = Vec::new();
    for (end, may_be_old) in ENDS {
        let clock = Arc::new(FakeClock::new(made_at));
        let service = Service::new(Parts {
            storage: Arc::new(SqliteStorage::open_in_memory().map_err(broken)?),
            couriers: couriers.clone(),
            clock: clock.clone(),
            identities: Identities::system(),
            master_key: MasterKey::from_text("templates hold no secret")
                .ok_or_else(|| broken("no key"))?,
            settings: Settings::default(),
            courier_credentials: std::collections::BTreeMap::new(),
            wake: Wake::default(),
        });
        let expires = *end == SubStatus::IN_TRANSIT_003;
        let template = template(&service, &clock, slug, *end, checkpoints, expires).await?;
        made.push((template, *may_be_old));
    }
    Ok(made)
}

async fn template(
    service: &Service,
    clock: &FakeClock,
    slug: &str,
    end: SubStatus,
    checkpoints: usize,
    expires: bool,
) -> Result<Template, Failure> {
    let new = NewKey {
        name: "template".to_owned(),
        authentication: Authentication::ApiKey,
        public_key: None,
        scopes: Vec::new(),
        key: None,
    };
    let made = service
        .create_organization_with_key("template", new)
        .await?;
    let organization = made
        .ok_or_else(|| broken("the throw-away database is not new"))?
        .0
        .id;
    let request = CreateTracking::parse(request(slug))?;
    let slug = CourierSlug::parse(slug).ok_or_else(|| broken("no slug"))?;
    service.create_tracking(organization, request).await?;
    let events = service
        .storage()
        .events_after(organization, 0, EVENTS_OF_A_TEMPLATE)
        .await?;
    let key = events
        .first()
        .ok_or_else(|| broken("a create without an event"))?
        .tracking;

    let job = PollJob::new(key, 0);
    let made_at = waybill_model::Clock::now(clock);
    if checkpoints > 0 {
        clock.advance(SignedDuration::from_secs(1));
        poll(
            service,
            organization,
            (&job, &slug),
            Some(reading(made_at, end, checkpoints)),
        )
        .await?;
        if expires {
            clock.advance(SILENCE);
            poll(service, organization, (&job, &slug), None).await?;
        }
    }
    let storage = service.storage();
    let row = storage
        .tracking(organization, key)
        .await?
        .ok_or_else(|| broken("no row"))?;
    let names = storage.names_of(organization, key).await?;
    let polls = storage.polls(organization, key).await?;
    let events = storage
        .events_after(organization, 0, EVENTS_OF_A_TEMPLATE)
        .await?;

    let id = key.id();
    let marks = Marks {
        id: &id,
        number: NUMBER,
        order: ORDER,
    };
    let facts = serde_json::to_string(&row.clock).map_err(broken)?;
    Ok(Template {
        document: Pattern::new(row.document.text()?.into_owned(), &marks),
        record: Pattern::new(row.record.clone(), &marks),
        clock: Pattern::new(facts, &marks),
        events: events
            .into_iter()
            .map(|event| {
                (
                    event.kind,
                    event.tag,
                    event.at,
                    Pattern::new(event.body, &marks),
                )
            })
            .collect(),
        names: names.into_iter().map(|row| row.name).collect(),
        polls: polls
            .into_iter()
            .map(|poll| PollRow {
                revision: 0,
                ..poll
            })
            .collect(),
        row: TrackingRow {
            revision: 0,
            document: String::new().into(),
            record: String::new(),
            ..row
        },
    })
}

/// What a caller sends, with what every courier may require.
fn request(slug: &str) -> Value {
    let colour = COLOURS[slug.len() % COLOURS.len()];
    json!({
        "tracking_number": NUMBER,
        "slug": slug,
        "title": format!("Ceramic teapot, {colour}"),
        "order_id": ORDER,
        "order_number": ORDER,
        "customers": [{"role": "buyer", "name": "Jo Bench", "email": "jo@example.com", "language": "en"}],
        "origin_country_region": "CHN",
        "destination_country_region": "USA",
        "destination_postal_code": "94107",
        "destination_state": "California",
        "tracking_account_number": "1",
        "tracking_key": "1",
        "tracking_ship_date": "2026-01-10",
    })
}

async fn poll(
    service: &Service,
    organization: OrganizationId,
    (job, slug): (&PollJob, &CourierSlug),
    reading: Option<Reading>,
) -> Result<(), Failure> {
    let report = PollReport {
        at: service.now(),
        outcome: if reading.is_some() {
            PollOutcome::Ok
        } else {
            PollOutcome::NoDataYet
        },
        reason: String::new(),
        http_status: Some(200),
        latency_ms: 180,
        excerpt: None,
        reading,
        next_check_at: None,
    };
    let next =
        |facts: &waybill_service::CadenceFacts<'_>| facts.journey.active.then_some(facts.now);
    service
        .ingest_poll(organization, job, slug, &report, None, next)
        .await?;
    Ok(())
}

/// Scans before the tracking was made, so that they are one event, the last of them the end.
fn reading(made_at: Timestamp, end: SubStatus, checkpoints: usize) -> Reading {
    const PLACES: [(&str, &str); 5] = [
        ("Shenzhen", "Accepted at the origin facility"),
        ("Shanghai", "Departed from the export hub"),
        ("Anchorage, AK", "Arrived at the transit facility"),
        (
            "Oakland, CA",
            "Cleared customs and handed to the local carrier",
        ),
        ("San Francisco, CA", "Arrived at the destination facility"),
    ];
    let scan = |position: usize| {
        let before = HOURS_BETWEEN_SCANS * (checkpoints - position) as i64;
        let at = made_at - SignedDuration::from_hours(before);
        let (place, said) = PLACES[position * PLACES.len() / checkpoints];
        let is_last = position + 1 == checkpoints;
        let sub_status = match position {
            _ if is_last => end,
            0 => SubStatus::INFO_RECEIVED_001,
            _ => SubStatus::IN_TRANSIT_001,
        };
        ReadCheckpoint {
            time: EventTime::from_timestamp(at),
            code: Some(format!("C{position:02}")),
            message: if is_last {
                sub_status.message().to_owned()
            } else {
                format!("{said}, stage {position}")
            },
            sub_status,
            classified: true,
            understood: true,
            location: Some(place.to_owned()),
            city: None,
            state: None,
            postal_code: None,
            country: None,
            coordinate: None,
            signed_by: None,
            piece: None,
            events: Vec::new(),
        }
    };
    Reading {
        checkpoints: (0..checkpoints).map(scan).collect(),
        complete: true,
        ..Reading::default()
    }
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("a template could not be made: {error}"))
}
