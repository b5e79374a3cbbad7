//! What came of asking a courier becomes the next state of its tracking.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use waybill_couriers::Reading;
use waybill_jobs::Lease;
use waybill_model::{Journey, OrganizationId, Tag};
use waybill_storage::{
    Append, Conflict, PollAttemptRow, PollCount, PollOutcome, PollRow, Put, TrackingRow, WriteSet,
};
use waybill_versions::Problem;

use crate::{
    PollJob, Service,
    advance::{Draft, poll_job},
    events::Receiver,
    told::{take_checkpoints, take_told},
    trackings::read_record,
    unavailable,
};

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
    /// The asking before this one that was answered.
    pub answered_before: Option<Timestamp>,
    /// The day of delivery, as promised last.
    pub due_day: Option<Date>,
    /// What clocks show where the parcel is, as far as that is known.
    pub offset: Offset,
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
                let (mut set, ingested) =
                    self.taken_in(row, polls, job, report, receivers, next)?;
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
        let Some(row) = storage
            .tracking(organization, job.tracking)
            .await
            .map_err(unavailable)?
        else {
            return Ok(None);
        };
        let polls = storage
            .polls(organization, job.tracking)
            .await
            .map_err(unavailable)?;
        Ok(polls
            .iter()
            .any(|poll| poll.leg == job.leg)
            .then_some((row, polls)))
    }

    fn taken_in(
        &self,
        row: TrackingRow,
        mut polls: Vec<PollRow>,
        job: &PollJob,
        report: &PollReport,
        receivers: &[Receiver],
        next: &impl Fn(&CadenceFacts<'_>) -> Option<Timestamp>,
    ) -> Result<(WriteSet, Ingested), Problem> {
        let now = self.now();
        let mut set = WriteSet::new(row.organization);
        let mut record = read_record(&row)?;
        let slug = polls
            .iter()
            .find(|poll| poll.leg == job.leg)
            .map_or_else(|| row.slug.clone(), |poll| poll.slug.clone());
        let mut answered_before = None;
        for poll in polls.iter_mut().filter(|poll| poll.leg == job.leg) {
            answered_before = poll.answered_at;
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
        let advanced = self.advance(
            &mut set,
            Draft {
                row,
                record,
                polls: polls.clone(),
            },
            learned,
            receivers,
            now,
        );

        for poll in polls.iter_mut().filter(|poll| poll.leg == job.leg) {
            let last_news_at = advanced.last_news_at;
            let facts = CadenceFacts {
                now,
                created_at: advanced.created_at,
                journey: &advanced.journey,
                last_news_at,
                outcome: report.outcome,
                failures: poll.failures,
                answered_before,
                due_day: advanced.due_day,
                offset: advanced.offset,
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
        let ingested = Ingested {
            new_checkpoints,
            tag: advanced.journey.tag,
        };
        Ok((set, ingested))
    }
}

fn note_asking(poll: &mut PollRow, report: &PollReport) {
    poll.checked_at = Some(report.at);
    poll.outcome = Some(report.outcome);
    poll.reason.clone_from(&report.reason);
    poll.tracked_count += 1;
    if matches!(
        report.outcome,
        PollOutcome::CouldNotAsk | PollOutcome::CouldNotRead
    ) {
        poll.failures = poll.failures.saturating_add(1);
    } else {
        poll.failures = 0;
        poll.answered_at = Some(report.at);
    }
}

/// The day of an instant, counted from 1970-01-01, UTC.
fn day_of(at: Timestamp) -> i32 {
    let date = at.to_zoned(TimeZone::UTC).date();
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(date).map_or(0, |span| span.get_days())
}
