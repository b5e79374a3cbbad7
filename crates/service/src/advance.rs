//! The one way a tracking comes to its next state: derive, render, tell, put.

use std::borrow::Cow;

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use serde::Serialize;
use waybill_model::{
    Checkpoint, CountryCode, CourierSlug, Journey, Live, OrganizationId, Record, Tag, Tracking,
    TrackingKey, unfold,
};
use waybill_storage::{EventKind, JobChange, NewJob, PollRow, Put, TrackingRow, WriteSet};

use crate::{
    POLL_JOB, PollJob, Service,
    document::{Identity, JourneyParts, document, second_leg},
    events::Update,
};

/// What a document, a record, and a checkpoint in either mostly take.
const DOCUMENT_BYTES: usize = 3_072;
const RECORD_BYTES: usize = 1_024;
const CHECKPOINT_BYTES: usize = 512;

/// A tracking on its way to the next state.
pub(crate) struct Draft {
    pub row: TrackingRow,
    pub record: Record,
    pub polls: Vec<PollRow>,
}

/// A tracking in its next state.
pub(crate) struct Advanced {
    pub answer: String,
    pub journey: Journey,
    pub last_news_at: Timestamp,
    pub created_at: Timestamp,
    /// The day of delivery, as promised last.
    pub due_day: Option<Date>,
    /// What clocks show where the parcel is, as far as that is known.
    pub offset: Offset,
}

impl Service {
    /// Brings a tracking to its next state: derives, renders, adds events for each step of the
    /// status and puts the row where it changed.
    pub(crate) fn advance(
        &self,
        set: &mut WriteSet,
        draft: Draft,
        learned: Vec<Checkpoint>,
        now: Timestamp,
    ) -> Advanced {
        let Draft {
            mut row,
            mut record,
            polls,
        } = draft;
        let couriers = self.couriers();
        let identity = Identity {
            key: row.key,
            own_id: row.own_id.clone(),
            number: row.number.clone(),
            slug: row.slug.clone(),
            created_at: row.created_at,
        };
        let polled_at = polls
            .iter()
            .find(|poll| poll.leg == 0)
            .and_then(|poll| poll.answered_at);
        let tracked_count = polls.iter().map(|poll| poll.tracked_count).sum();
        let parts = JourneyParts::of(&record);

        let mut checkpoints = std::mem::take(&mut record.checkpoints);
        let unfolding = {
            let input = parts.input(&identity, &record, polled_at, now);
            unfold(&input, &mut checkpoints, learned)
        };
        record.checkpoints = checkpoints;

        let journey = &unfolding.last;
        let mut news: Vec<&Journey> = unfolding.steps.iter().map(|step| &step.journey).collect();
        // The clock, a mark or a corrected courier can change the status without a new checkpoint.
        let told = news
            .last()
            .map_or(row.sub_status, |journey| journey.sub_status);
        if journey.sub_status != told && journey.tag != Tag::Pending {
            news.push(journey);
        }
        // As of now: whether there is anything new is seen beside the document of before.
        let newest = rendered(&document(&identity, &record, journey, &couriers, now));
        let live = Live::new(&journey.clock, tracked_count, now);
        for step in news {
            // The last one is mostly where the tracking stands.
            let message = if step == journey {
                live.splice(&newest)
            } else {
                let step_document = document(&identity, &record, step, &couriers, now);
                Live::new(&step.clock, tracked_count, now).splice(&rendered(&step_document))
            };
            let update = Update {
                key: row.key,
                tag: step.tag,
                message: &message,
                first_tag: reach(&mut record.tags_reached, step.tag),
                legacy: &record.details.legacy,
                at: now,
            };
            set.events.push(self.update(&update));
        }

        let created_at = row.created_at;
        self.add_second_leg(set, &row, &record, &polls, journey.active, now);
        let last_news_at = record
            .checkpoints
            .iter()
            .map(|checkpoint| checkpoint.seen_at)
            .max()
            .unwrap_or(created_at);
        let is_new = row.revision == 0;
        let newest = record.details.legacy.beside(newest);
        // Every change is an event, and what there is an event of is changed then: what changed since is
        // answered from them.
        let is_told = set.events.iter().any(|event| event.tracking == row.key);
        // Whoever told something need not look; one that the disk has broken is written anew.
        let before = (!is_new && !is_told).then(|| {
            let text = row.document.text().inspect_err(|error| {
                tracing::error!(tracking = %row.key, %error, "the document of a tracking cannot be read; it is written anew");
            });
            text.ok()
        });
        let unchanged = before
            .flatten()
            .filter(|before| differ_by_stamp_alone(&newest, before))
            .map(Cow::into_owned);
        let document_changed = unchanged.is_none();
        let shown = unchanged.unwrap_or(newest);
        let answer = live.splice(&shown);
        if document_changed {
            row.document = shown.into();
            row.updated_at = now;
            if !is_told {
                let what = serde_json::json!({"id": row.key.id()});
                set.events
                    .push(self.note(EventKind::TrackingRefreshed, row.key, now, &what));
            }
        }
        let record_text = json(&record, RECORD_BYTES, record.checkpoints.len());
        if document_changed || record_text != row.record {
            columns(&mut row, &record, journey);
            row.record = record_text;
            set.put.push(Put::Tracking(Box::new(row)));
        }
        let offset = offset(&record, &unfolding.last, now);
        Advanced {
            answer,
            journey: unfolding.last,
            last_news_at,
            created_at,
            due_day: parts.due_day(),
            offset,
        }
    }

    /// The second carrier is asked as soon as it is known and can be asked.
    fn add_second_leg(
        &self,
        set: &mut WriteSet,
        row: &TrackingRow,
        record: &Record,
        polls: &[PollRow],
        active: bool,
        now: Timestamp,
    ) {
        let Some(leg) = second_leg(record) else {
            return;
        };
        let Some(slug) = leg.slug else { return };
        let couriers = self.couriers();
        let can_be_asked = couriers
            .get(slug.as_str())
            .is_some_and(waybill_couriers::Courier::has_connection);
        if !active || !can_be_asked || polls.iter().any(|poll| poll.leg == 1) {
            return;
        }
        let poll = new_poll(row.organization, row.key, 1, slug, leg.number, now);
        set.jobs.extend(poll_job(&poll));
        set.put.push(Put::Poll(poll));
    }
}

/// A leg that was never asked and is due at once.
pub(crate) fn new_poll(
    organization: OrganizationId,
    tracking: TrackingKey,
    leg: u8,
    slug: CourierSlug,
    number: String,
    now: Timestamp,
) -> PollRow {
    PollRow {
        organization,
        tracking,
        leg,
        revision: 0,
        slug,
        number,
        next_check_at: Some(now),
        checked_at: None,
        answered_at: None,
        outcome: None,
        reason: String::new(),
        tracked_count: 0,
        failures: 0,
    }
}

/// The job that asks a leg when it is due; none where it is not asked any more.
pub(crate) fn poll_job(poll: &PollRow) -> Option<JobChange> {
    let payload = serde_json::to_string(&PollJob::of(poll)).unwrap_or_default();
    poll.next_check_at.map(|due_at| {
        JobChange::Add(NewJob {
            kind: POLL_JOB,
            due_at,
            payload,
        })
    })
}

fn rendered(tracking: &Tracking) -> String {
    json(tracking, DOCUMENT_BYTES, tracking.checkpoints.len())
}

/// JSON of about so many bytes beside checkpoints: room that is there need not be made, and filled, again and again.
fn json(value: &impl Serialize, bytes: usize, checkpoints: usize) -> String {
    let mut text = Vec::with_capacity(bytes + CHECKPOINT_BYTES * checkpoints);
    let written = serde_json::to_writer(&mut text, value);
    written
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .unwrap_or_default()
}

/// Whether two documents say the same, but for when they changed last.
fn differ_by_stamp_alone(one: &str, other: &str) -> bool {
    // One of the first fields: before those that callers name.
    let around = |text| {
        let (head, rest) = str::split_once(text, r#""updated_at":""#)?;
        Some((head, rest.split_once('"')?.1))
    };
    around(one).is_some_and(|one| Some(one) == around(other))
}

/// True when the tag is reached for the first time.
fn reach(reached: &mut Vec<Tag>, tag: Tag) -> bool {
    let first = !reached.contains(&tag);
    if first {
        reached.push(tag);
    }
    first
}

fn columns(row: &mut TrackingRow, record: &Record, journey: &Journey) {
    let details = &record.details;
    row.tag = journey.tag;
    row.sub_status = journey.sub_status;
    row.active = journey.active;
    row.order_id.clone_from(&details.order_id);
    row.origin = details.origin_country_region;
    row.destination = details.destination_country_region;
    row.courier_destination = record.told.destination_country;
    row.return_to_sender = journey.return_to_sender;
    row.shipment_tags.clone_from(&details.shipment_tags);
    row.clock = journey.clock.clone();
}

/// The offset the newest scan was told with; else that of the country it goes to or comes from, where one clock
/// rules it; else UTC.
fn offset(record: &Record, journey: &Journey, now: Timestamp) -> Offset {
    let newest = journey.standing.last();
    let told = newest
        .and_then(|standing| record.checkpoints.get(standing.index))
        .and_then(|checkpoint| checkpoint.time.offset);
    let details = &record.details;
    let country = details
        .destination_country_region
        .or(record.told.destination_country)
        .or(details.origin_country_region);
    let zone = || country.as_ref().and_then(CountryCode::zone);
    told.unwrap_or_else(|| zone().unwrap_or(TimeZone::UTC).to_offset(now))
}
