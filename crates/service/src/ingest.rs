//! What was learned of a tracking becomes its next state, its events and its next jobs.

use std::collections::HashSet;

use jiff::{Timestamp, tz::TimeZone};
use waybill_couriers::{PieceKind, ReadCheckpoint, Reading};
use waybill_jobs::Lease;
use waybill_model::{
    Checkpoint, CheckpointSource, CourierSlug, Dimensions, EstimatedDeliveryDate, Journey,
    LearnedEstimate, Live, Measure, OrganizationId, Piece, ProofOfDelivery, Record, Tag, ToldLastMile,
    Tracking, TrackingKey, unfold,
};
use waybill_storage::{
    Append, Conflict, JobChange, NewJob, PollAttemptRow, PollCount, PollOutcome, PollRow, Put, TrackingRow,
    WriteSet,
};
use waybill_versions::Problem;

use crate::{
    POLL_JOB, PollJob, Service,
    document::{CARRIER_ESTIMATE, Identity, JourneyParts, document, second_leg},
    events::{Receiver, Update},
    trackings::read_record,
    unavailable,
};

/// A checkpoint that this many complete answers in a row lacked was withdrawn by the carrier.
const WITHDRAWN_AFTER: u8 = 2;
/// No tracking grows without end: scans beyond this many are not kept.
const CHECKPOINTS_LIMIT: usize = 1_000;
/// Delivery dates kept of one tracking.
const ESTIMATES_LIMIT: usize = 200;

/// What the API calls the ways of signing.
const SIGNATURE_REQUIREMENTS: [&str; 4] = [
    "signature_required",
    "adult_signature_required",
    "indirect_signature_required",
    "no_signature_required",
];

/// What came of asking a courier.
#[derive(Debug)]
pub struct PollReport {
    /// When it was asked.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: PollOutcome,
    /// Why, in words for the operator.
    pub reason: String,
    /// Status of the answer, if there was one.
    pub http_status: Option<u16>,
    /// How long the answer took.
    pub latency_ms: u64,
    /// A redacted piece of what could not be read.
    pub excerpt: Option<String>,
    /// What the answer says, where it says something.
    pub reading: Option<Reading>,
    /// When the courier itself says that the next news is due.
    pub next_check_at: Option<Timestamp>,
}

/// What the time of the next asking is decided from.
#[derive(Debug)]
pub struct CadenceFacts<'a> {
    /// The instant of the decision.
    pub now: Timestamp,
    /// When the tracking was made.
    pub created_at: Timestamp,
    /// The derived state.
    pub journey: &'a Journey,
    /// When something was last learned; the creation where nothing was.
    pub last_news_at: Timestamp,
    /// What came of this asking.
    pub outcome: PollOutcome,
    /// Failures in a row, this one included.
    pub failures: u32,
}

/// What an ingest did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingested {
    /// Checkpoints not known before.
    pub new_checkpoints: usize,
    /// The derived tag.
    pub tag: Tag,
}

impl Service {
    /// Takes in what came of a poll: poll state, log and counts, the tracking if there is news, its
    /// events, and the next poll, all in one commit that also ends the poll's job.
    ///
    /// `next` decides when the leg is asked again. `None`: the tracking or its leg is gone.
    pub async fn ingest_poll(
        &self,
        organization: OrganizationId,
        job: &PollJob,
        report: &PollReport,
        lease: Option<&Lease>,
        next: impl Fn(&CadenceFacts<'_>) -> Option<Timestamp>,
    ) -> Result<Option<Ingested>, Problem> {
        let receivers = self.receivers(organization).await?;
        let next = &next;
        let receivers = &receivers;
        self.decide(
            async || {
                let Some((row, polls)) = self.followed(organization, job).await? else {
                    return Ok((WriteSet::new(organization), None));
                };
                if let Some(lease) = lease {
                    lease.unseal().await;
                }
                let (mut set, ingested) = self.taken_in(row, polls, job, report, receivers, next);
                if let Some(lease) = lease {
                    set.jobs.push(lease.finish().await);
                }
                Ok((set, Some(ingested)))
            },
            |conflict| (*conflict == Conflict::LeaseLost).then(Problem::unavailable),
        )
        .await
    }

    async fn followed(
        &self,
        organization: OrganizationId,
        job: &PollJob,
    ) -> Result<Option<(TrackingRow, Vec<PollRow>)>, Problem> {
        let storage = &self.0.storage;
        let Some(row) = storage.tracking(organization, job.tracking).await.map_err(unavailable)? else {
            return Ok(None);
        };
        let polls = storage.polls(organization, job.tracking).await.map_err(unavailable)?;
        Ok(polls.iter().any(|poll| poll.leg == job.leg).then_some((row, polls)))
    }

    fn taken_in(
        &self,
        row: TrackingRow,
        mut polls: Vec<PollRow>,
        job: &PollJob,
        report: &PollReport,
        receivers: &[Receiver],
        next: &impl Fn(&CadenceFacts<'_>) -> Option<Timestamp>,
    ) -> (WriteSet, Ingested) {
        let now = self.now();
        let mut set = WriteSet::new(row.organization);
        let mut record = read_record(&row);
        let slug = polls.iter().find(|poll| poll.leg == job.leg).map_or_else(|| row.slug.clone(), |poll| poll.slug.clone());
        for poll in polls.iter_mut().filter(|poll| poll.leg == job.leg) {
            note_asking(poll, report);
        }
        let learned = match &report.reading {
            Some(reading) if report.outcome == PollOutcome::Ok => {
                take_told(&mut record, reading, now);
                take_checkpoints(&mut record, &slug, reading, now)
            }
            _ => Vec::new(),
        };
        let new_checkpoints = learned.len();
        let advanced = self.advance(&mut set, Draft { row, record, polls: polls.clone() }, learned, receivers, now);

        for poll in polls.iter_mut().filter(|poll| poll.leg == job.leg) {
            let last_news_at = advanced.last_news_at;
            let facts = CadenceFacts {
                now,
                created_at: advanced.created_at,
                journey: &advanced.journey,
                last_news_at,
                outcome: report.outcome,
                failures: poll.failures,
            };
            let told = report.next_check_at.filter(|_| advanced.journey.active);
            poll.next_check_at = told.or_else(|| next(&facts));
            if let Some(due_at) = poll.next_check_at {
                set.jobs.push(poll_job(job, due_at));
            }
            set.put.push(Put::Poll(poll.clone()));
        }
        set.append.push(Append::PollAttempt(PollAttemptRow {
            tracking: job.tracking,
            leg: job.leg,
            slug: slug.clone(),
            at: report.at,
            outcome: report.outcome,
            reason: report.reason.clone(),
            http_status: report.http_status,
            latency_ms: report.latency_ms,
            new_checkpoints: u32::try_from(new_checkpoints).unwrap_or(u32::MAX),
            excerpt: report.excerpt.clone(),
        }));
        set.append.push(Append::PollCount(PollCount {
            day: day_of(report.at),
            slug,
            outcome: report.outcome,
            count: 1,
        }));
        (set, Ingested { new_checkpoints, tag: advanced.journey.tag })
    }

    /// Brings a tracking to its next state: derives, renders, adds events for each step of the
    /// status and puts the row where it changed.
    pub(crate) fn advance(
        &self,
        set: &mut WriteSet,
        draft: Draft,
        learned: Vec<Checkpoint>,
        receivers: &[Receiver],
        now: Timestamp,
    ) -> Advanced {
        let Draft { mut row, mut record, polls } = draft;
        let couriers = self.couriers();
        let identity = Identity {
            key: row.key,
            own_id: row.own_id.clone(),
            number: row.number.clone(),
            slug: row.slug.clone(),
            created_at: row.created_at,
        };
        let polled_at = polls.iter().find(|poll| poll.leg == 0).and_then(|poll| poll.answered_at);
        let tracked_count = polls.iter().map(|poll| poll.tracked_count).sum();
        let parts = JourneyParts::of(&record);

        let unfolding = {
            let input = parts.input(&identity, &record, polled_at, now);
            unfold(&input, &record.checkpoints, &learned)
        };
        // Every journey of the unfolding points into the known checkpoints and then the learned.
        record.checkpoints.extend(learned);

        let mut told = row.sub_status;
        for step in &unfolding.steps {
            let tracking = document(&identity, &record, &step.journey, &couriers, now);
            let first_tag = reach(&mut record.tags_reached, step.journey.tag);
            let live = Live::new(&step.journey.clock, tracked_count, now);
            self.add_update(set, receivers, &Update { key: row.key, tracking: &tracking, live, first_tag, at: now });
            told = step.journey.sub_status;
        }
        let journey = unfolding.last;
        let mut tracking = document(&identity, &record, &journey, &couriers, row.updated_at);
        let live = Live::new(&journey.clock, tracked_count, now);

        // The clock, a mark or a corrected courier can change the status without a new checkpoint.
        if journey.sub_status != told && journey.tag != Tag::Pending {
            let first_tag = reach(&mut record.tags_reached, journey.tag);
            let tracking = Tracking { updated_at: crate::document::print(now), ..tracking.clone() };
            let live = live.clone();
            self.add_update(set, receivers, &Update { key: row.key, tracking: &tracking, live, first_tag, at: now });
        }

        let created_at = row.created_at;
        self.add_second_leg(set, &row, &record, &polls, journey.active, now);
        let text = |tracking: &Tracking| serde_json::to_string(tracking).unwrap_or_default();
        let mut document_text = text(&tracking);
        if document_text != row.document {
            tracking.updated_at = crate::document::print(now);
            document_text = text(&tracking);
            row.updated_at = now;
        }
        let last_news_at =
            record.checkpoints.iter().map(|checkpoint| checkpoint.seen_at).max().unwrap_or(created_at);
        let record_text = serde_json::to_string(&record).unwrap_or_default();
        if row.revision == 0 || document_text != row.document || record_text != row.record {
            columns(&mut row, &record, &journey);
            row.document = document_text;
            row.record = record_text;
            set.put.push(Put::Tracking(Box::new(row.clone())));
        }
        Advanced { answer: live.splice(&row.document), journey, last_news_at, created_at }
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
        let Some(leg) = second_leg(record) else { return };
        let Some(slug) = leg.slug else { return };
        let couriers = self.couriers();
        let can_be_asked = couriers.get(slug.as_str()).is_some_and(waybill_couriers::Courier::has_connection);
        if !active || !can_be_asked || polls.iter().any(|poll| poll.leg == 1) {
            return;
        }
        set.put.push(Put::Poll(new_poll(row.organization, row.key, 1, slug, leg.number, now)));
        set.jobs.push(poll_job(&PollJob { tracking: row.key, leg: 1 }, now));
    }
}

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

/// The job that asks a leg.
pub(crate) fn poll_job(job: &PollJob, due_at: Timestamp) -> JobChange {
    let payload = serde_json::to_string(job).unwrap_or_default();
    JobChange::Add(NewJob { kind: POLL_JOB, due_at, payload })
}

fn note_asking(poll: &mut PollRow, report: &PollReport) {
    poll.checked_at = Some(report.at);
    poll.outcome = Some(report.outcome);
    poll.reason.clone_from(&report.reason);
    poll.tracked_count += 1;
    if matches!(report.outcome, PollOutcome::CouldNotAsk | PollOutcome::CouldNotRead) {
        poll.failures = poll.failures.saturating_add(1);
    } else {
        poll.failures = 0;
        poll.answered_at = Some(report.at);
    }
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

/// The newest word of a courier wins; silence takes nothing back.
fn take_told(record: &mut Record, reading: &Reading, now: Timestamp) {
    let told = &mut record.told;
    fn newer<T: Clone>(known: &mut Option<T>, said: Option<&T>) {
        if let Some(said) = said {
            *known = Some(said.clone());
        }
    }
    newer(&mut told.service, reading.service.as_ref());
    let weight = reading.weight.as_ref().and_then(|said| {
        Some(Measure { unit: said.unit.clone(), value: said.value.parse().ok()? })
    });
    newer(&mut told.weight, weight.as_ref());
    let dimensions = reading.dimensions.as_ref().and_then(|said| {
        Some(Dimensions {
            unit: said.unit.clone(),
            length: said.length.parse().ok()?,
            width: said.width.parse().ok()?,
            height: said.height.parse().ok()?,
        })
    });
    newer(&mut told.dimensions, dimensions.as_ref());
    newer(&mut told.package_count, reading.package_count.as_ref());
    newer(&mut told.destination_country, reading.destination_country.as_ref());
    newer(&mut told.destination_city, reading.destination_city.as_ref());
    // One of the API's words; a courier's own words for it are not passed on.
    let requirement = reading.signature_requirement.as_ref();
    newer(&mut told.signature_requirement, requirement.filter(|said| SIGNATURE_REQUIREMENTS.contains(&said.as_str())));
    newer(&mut told.redirect_link, reading.redirect_link.as_ref());
    let last_mile = reading.last_mile.as_ref().map(|said| ToldLastMile {
        slug: said.slug.as_deref().and_then(CourierSlug::parse),
        number: said.number.clone(),
    });
    newer(&mut told.last_mile, last_mile.as_ref());
    if !reading.pieces.is_empty() {
        told.pieces = reading
            .pieces
            .iter()
            .map(|said| Piece {
                tracking_id: None,
                tracking_number: said.number.clone(),
                r#type: match said.kind {
                    PieceKind::Master => "master",
                    PieceKind::Child => "child",
                }
                .to_owned(),
                trackable: true,
            })
            .collect();
    }
    if !reading.proof_of_delivery.is_empty() {
        told.proof_of_delivery = reading
            .proof_of_delivery
            .iter()
            .map(|said| ProofOfDelivery { r#type: said.kind.clone(), url: said.url.clone() })
            .collect();
    }
    if let Some(said) = &reading.estimated_delivery {
        let text = |time: &Option<waybill_model::EventTime>| time.as_ref().map(ToString::to_string);
        let estimate = EstimatedDeliveryDate {
            estimated_delivery_date: text(&said.date),
            estimated_delivery_date_min: text(&said.min),
            estimated_delivery_date_max: text(&said.max),
        };
        learn_estimate(record, CARRIER_ESTIMATE, estimate, now);
    }
}

/// Appends a delivery date unless its source said the same last.
pub(crate) fn learn_estimate(record: &mut Record, source: &str, estimate: EstimatedDeliveryDate, now: Timestamp) {
    let last = record.estimates.iter().rev().find(|known| known.source == source);
    let news = last.is_none_or(|known| known.estimate != estimate);
    if news && estimate != EstimatedDeliveryDate::default() && record.estimates.len() < ESTIMATES_LIMIT {
        record.estimates.push(LearnedEstimate { source: source.to_owned(), estimate, seen_at: now });
    }
}

/// The checkpoints of a reading that are not known yet; known ones that a complete reading lacks
/// come closer to being withdrawn.
fn take_checkpoints(
    record: &mut Record,
    slug: &CourierSlug,
    reading: &Reading,
    now: Timestamp,
) -> Vec<Checkpoint> {
    let read: Vec<Checkpoint> =
        reading.checkpoints.iter().map(|said| learned(slug, said, now)).collect();
    if reading.complete && !read.is_empty() {
        let same_scan = |one: &Checkpoint, other: &Checkpoint| {
            one.time.text == other.time.text && one.piece == other.piece && one.code == other.code
        };
        for known in record.checkpoints.iter_mut() {
            if known.slug != *slug || known.source != CheckpointSource::Carrier {
                continue;
            }
            // A rewritten text is the same scan under another hash, not a withdrawn one.
            let told = read.iter().any(|read| read.hash == known.hash || same_scan(read, known));
            known.missing_count = if told { 0 } else { (known.missing_count + 1).min(WITHDRAWN_AFTER) };
            known.withdrawn = known.missing_count >= WITHDRAWN_AFTER;
        }
    }
    let mut known: HashSet<String> =
        record.checkpoints.iter().map(|checkpoint| checkpoint.hash.clone()).collect();
    let room = CHECKPOINTS_LIMIT.saturating_sub(record.checkpoints.len());
    read.into_iter().filter(|read| known.insert(read.hash.clone())).take(room).collect()
}

fn learned(slug: &CourierSlug, said: &ReadCheckpoint, now: Timestamp) -> Checkpoint {
    let hash = Checkpoint::hash_of(
        slug,
        said.piece.as_deref(),
        &said.time.text,
        said.code.as_deref(),
        &said.message,
        said.location.as_deref(),
    );
    Checkpoint {
        hash,
        slug: slug.clone(),
        piece: said.piece.clone(),
        time: said.time.clone(),
        code: said.code.clone(),
        sub_status: said.sub_status,
        message: said.message.clone(),
        location: said.location.clone(),
        city: said.city.clone(),
        state: said.state.clone(),
        postal_code: said.postal_code.clone(),
        country: said.country,
        coordinate: said.coordinate,
        signed_by: said.signed_by.clone(),
        events: said.events.clone(),
        source: CheckpointSource::Carrier,
        seen_at: now,
        withdrawn: false,
        missing_count: 0,
    }
}

/// The day of an instant, counted from 1970-01-01, UTC.
fn day_of(at: Timestamp) -> i32 {
    let date = at.to_zoned(TimeZone::UTC).date();
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(date).map_or(0, |span| span.get_days())
}
