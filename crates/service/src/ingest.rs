//! What came of asking a courier becomes the next state of its tracking.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use waybill_couriers::Reading;
use waybill_jobs::Lease;
use waybill_model::{CourierSlug, Journey, OrganizationId, Tag};
use waybill_storage::{
    Append, Conflict, PollAttemptRow, PollCount, PollOutcome, PollRow, Put, TrackingRow, WriteSet,
};
use waybill_versions::Problem;

use crate::{
    PollJob, Service,
    advance::{Draft, poll_job},
    history::turned_out,
    settling::{self, Step, Turn},
    told::{take_checkpoints, take_told},
    trackings::read_record,
    unavailable,
    unclassified::unclassified,
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

/// Who was asked for what, and what came of it.
struct Answer<'a> {
    job: &'a PollJob,
    asked: &'a CourierSlug,
    report: &'a PollReport,
}

impl Service {
    /// Takes in what came of a poll: poll state, log and counts, the tracking if there is news, its
    /// events, and the next poll, all in one commit that also ends the poll's job.
    ///
    /// `asked` is whom the report is of. Where the courier of the tracking is a guess, what came of it
    /// may settle the courier, correct it, or give the turn to another. `next` decides when the leg is
    /// asked again. `None`: the tracking or its leg is gone, or is another courier's by now.
    pub async fn ingest_poll(
        &self,
        organization: OrganizationId,
        job: &PollJob,
        asked: &CourierSlug,
        report: &PollReport,
        lease: Option<&Lease>,
        next: impl Fn(&CadenceFacts<'_>) -> Option<Timestamp>,
    ) -> Result<Option<Ingested>, Problem> {
        let next = &next;
        self.decide(
            async || {
                let Some((row, polls)) = self.followed(organization, job, asked).await? else {
                    return Ok((WriteSet::new(organization), None));
                };
                let record = read_record(&row)?;
                let turn = match job.leg {
                    0 => self.turn(&row, &record, asked, report).await?,
                    _ => Turn::STAY,
                };
                let draft = Draft { row, record, polls };
                if let Some(lease) = lease {
                    lease.unseal().await;
                }
                let answer = Answer { job, asked, report };
                let (mut set, ingested) = self.taken_in(draft, &answer, turn, next).await?;
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
        asked: &CourierSlug,
    ) -> Result<Option<(TrackingRow, Vec<PollRow>)>, Problem> {
        let followed = self.0.storage.followed(organization, job.tracking).await;
        let Some((row, polls)) = followed.map_err(unavailable)? else {
            return Ok(None);
        };
        // A courier sends its news also while another one is asked.
        let is_asked = |poll: &PollRow| {
            poll.leg == job.leg && (poll.slug == *asked || (job.leg == 0 && row.slug == *asked))
        };
        Ok(polls.iter().any(is_asked).then_some((row, polls)))
    }

    async fn taken_in(
        &self,
        draft: Draft,
        answer: &Answer<'_>,
        turn: Turn,
        next: &impl Fn(&CadenceFacts<'_>) -> Option<Timestamp>,
    ) -> Result<(WriteSet, Ingested), Problem> {
        let now = self.now();
        let Answer { job, asked, report } = *answer;
        let Draft {
            mut row,
            mut record,
            mut polls,
        } = draft;
        let mut set = WriteSet::new(row.organization);
        // The answer of a courier that was asked in place of the tracking's own is taken once it
        // proves that the parcel is its own.
        let is_own = job.leg != 0 || *asked == row.slug;
        let is_taken = is_own || matches!(turn.step, Step::Correct(_));
        if let Some(detected) = record.detected.as_mut() {
            let age = now.duration_since(row.created_at);
            settling::note(detected, &turn.step, asked, is_own, age);
        }
        if let Step::Correct(name) = turn.step.clone() {
            let reason = "the courier before does not know the parcel, this one does";
            self.correct(&mut set, &mut row, (name, asked), reason, now)
                .await?;
        }
        let reason = turn.doubt.as_ref().unwrap_or(&report.reason);
        let mut answered_before = None;
        for poll in polls.iter_mut().filter(|poll| poll.leg == job.leg) {
            answered_before = poll.answered_at.filter(|_| is_own);
            note_asking(poll, report, reason, is_taken);
        }
        let learned = match &report.reading {
            Some(reading) if report.outcome == PollOutcome::Ok && is_taken => {
                take_told(&mut record, reading, now);
                let learned = take_checkpoints(&mut record, asked, reading, now);
                set.append
                    .extend(unclassified(asked, reading, &learned, now));
                learned
            }
            _ => Vec::new(),
        };
        let new_checkpoints = learned.len();
        let is_first = record.checkpoints.is_empty() && turn.doubt.is_none();
        if job.leg == 0 && is_first && new_checkpoints > 0 {
            set.append.extend(turned_out(&row.number, asked));
        }
        let slug = row.slug.clone();
        let round = record.detected.as_ref();
        let round = round.and_then(|it| settling::next_round(it, row.created_at));
        let draft = Draft {
            row,
            record,
            polls: polls.clone(),
        };
        let advanced = self.advance(&mut set, draft, learned, now);

        for poll in polls.iter_mut().filter(|poll| poll.leg == job.leg) {
            let last_news_at = advanced.last_news_at;
            // A failure of the tracking's own courier goes on being one while others are asked.
            let outcome = match report.outcome {
                outcome if is_taken => outcome,
                _ if poll.failures > 0 => PollOutcome::CouldNotAsk,
                _ => PollOutcome::UnknownToCourier,
            };
            let facts = CadenceFacts {
                now,
                created_at: advanced.created_at,
                journey: &advanced.journey,
                last_news_at,
                outcome,
                failures: poll.failures,
                answered_before,
                due_day: advanced.due_day,
                offset: advanced.offset,
            };
            let is_active = advanced.journey.active;
            let told = report.next_check_at.filter(|_| is_active && is_taken);
            poll.next_check_at = told.or_else(|| next(&facts));
            if job.leg == 0 {
                poll.slug = slug.clone();
                match &turn.step {
                    Step::Ask(rival) if is_active => {
                        poll.slug = rival.clone();
                        poll.next_check_at = Some(now);
                    }
                    _ => poll.next_check_at = earlier(poll.next_check_at, round, now),
                }
            }
            set.jobs.extend(poll_job(poll));
            set.put.push(Put::Poll(poll.clone()));
        }
        set.append
            .extend(answer.logged(reason.clone(), new_checkpoints));
        let ingested = Ingested {
            new_checkpoints,
            tag: advanced.journey.tag,
        };
        Ok((set, ingested))
    }
}

impl Answer<'_> {
    /// The asking in the log and in the daily counts.
    fn logged(&self, reason: String, new_checkpoints: usize) -> [Append; 2] {
        let Answer { job, asked, report } = *self;
        [
            Append::PollAttempt(PollAttemptRow {
                tracking: job.tracking,
                leg: job.leg,
                slug: asked.clone(),
                at: report.at,
                outcome: report.outcome,
                reason,
                http_status: report.http_status,
                latency_ms: report.latency_ms,
                new_checkpoints: u32::try_from(new_checkpoints).unwrap_or(u32::MAX),
                excerpt: report.excerpt.clone(),
            }),
            Append::PollCount(PollCount {
                day: day_of(report.at),
                slug: asked.clone(),
                outcome: report.outcome,
                count: 1,
            }),
        ]
    }
}

/// A tracking that is still followed is asked again when the next round begins.
fn earlier(next: Option<Timestamp>, round: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let round = round.filter(|round| *round > now);
    next.map(|next| round.map_or(next, |round| next.min(round)))
}

fn note_asking(poll: &mut PollRow, report: &PollReport, reason: &str, is_taken: bool) {
    poll.tracked_count += 1;
    // The leg says how things stand with the tracking's own courier.
    if !is_taken {
        return;
    }
    poll.checked_at = Some(report.at);
    poll.outcome = Some(report.outcome);
    reason.clone_into(&mut poll.reason);
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
