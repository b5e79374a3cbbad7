//! The poll job.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use waybill_cadence::worth;
use waybill_jobs::{Batch, Done, Held, Worker};
use waybill_model::Record;
use waybill_service::{
    Account, POLL_JOB, PollJob, PollReport, Service, UNRECOGNIZED, credential_fields,
};
use waybill_storage::{Commit, Job, PollOutcome, PollRow, TrackingRow, WriteSet};

use crate::{
    ask::{Asked, Asker},
    cadence::{PRICE, lesson, next_check},
    question::{Question, Together, may_be_early, put_together, query},
    report::could_not,
    rhythms::Rhythms,
};

/// Couriers asked at once by one process, unless the operator says otherwise.
pub const CONCURRENCY: usize = 64;

/// So long a courier that is asked in place of a tracking's own is waited for.
const BUSY: SignedDuration = SignedDuration::from_secs(60);

/// Asks the courier of a leg and takes in what came of it.
pub struct PollWorker {
    service: Service,
    asker: Arc<Asker>,
    rhythms: Rhythms,
    seconds_per_minute: f64,
    concurrency: usize,
}

/// What looking at a job's rows came to.
enum LookedUp<'a> {
    Question(Box<Question<'a>>),
    /// There is nothing to ask now.
    Done(Done),
}

impl PollWorker {
    /// A worker; `seconds_per_minute` is the sandbox's time, which also holds for couriers that
    /// are redirected to a rehearsal.
    pub fn new(service: Service, asker: Arc<Asker>, seconds_per_minute: f64) -> Self {
        Self {
            service,
            asker,
            rhythms: Rhythms::default(),
            seconds_per_minute,
            concurrency: CONCURRENCY,
        }
    }

    /// Asks so many at once, over all couriers; each courier's own limit holds besides.
    #[must_use]
    pub fn at_once(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// What a job is about, as its rows say; an error is the database's, and worth another try.
    async fn look_up<'a>(&self, place: usize, held: &'a Held) -> Result<LookedUp<'a>, String> {
        let done = |done| Ok(LookedUp::Done(done));
        let Held { job, .. } = held;
        let Ok(poll_job) = serde_json::from_str::<PollJob>(&job.payload) else {
            tracing::error!(payload = job.payload, "a poll job cannot be read");
            return done(Done::Nothing);
        };
        let storage = self.service.storage();
        let polls = storage
            .polls(job.organization, poll_job.tracking)
            .await
            .map_err(|error| error.to_string())?;
        let Some(poll) = polls.into_iter().find(|poll| poll.leg == poll_job.leg) else {
            return done(Done::Nothing);
        };
        // The job is a hint: the row says whether the leg is due.
        let now = self.service.now();
        let Some(due) = poll.next_check_at else {
            return done(Done::Nothing);
        };
        let is_early = job.due_at > now;
        if due > now && !(is_early && may_be_early(poll.checked_at, due, now)) {
            return if is_early {
                Ok(LookedUp::Done(self.put_off(held, due).await))
            } else {
                done(Done::Nothing)
            };
        }
        let row = storage
            .tracking(job.organization, poll_job.tracking)
            .await
            .map_err(|error| error.to_string())?;
        let Some(row) = row else {
            return done(Done::Nothing);
        };
        let question = self.question(place, held, poll_job, poll, &row).await?;
        Ok(LookedUp::Question(Box::new(question)))
    }

    async fn question<'a>(
        &self,
        place: usize,
        held: &'a Held,
        job: PollJob,
        poll: PollRow,
        row: &TrackingRow,
    ) -> Result<Question<'a>, String> {
        // What cannot be read cannot be asked for either: the courier is left in peace.
        let record: Record = serde_json::from_str(&row.record)
            .map_err(|error| format!("the record cannot be read: {error}"))?;
        // A connection that was chosen is one to the first carrier.
        let connection = record.details.courier_connection_id.clone();
        let connection = connection.filter(|_| poll.leg == 0);
        let account = self.account(row, &poll, connection.as_deref()).await?;
        Ok(Question {
            place,
            held,
            query: query(row, record.details, &poll, self.service.now()),
            is_rival: poll.leg == 0 && poll.slug != row.slug,
            job,
            poll,
            account,
        })
    }

    /// The organization's own account with the leg's courier, if it has one; the inner error says why the
    /// courier cannot be asked.
    async fn account(
        &self,
        row: &TrackingRow,
        poll: &PollRow,
        connection: Option<&str>,
    ) -> Result<Result<Option<Account>, String>, String> {
        let couriers = self.service.couriers();
        let slug = &poll.slug;
        if slug.as_str() == UNRECOGNIZED {
            return Ok(Err(
                "no courier recognises the number; name its courier".to_owned()
            ));
        }
        let Some(courier) = couriers.get(slug.as_str()) else {
            return Ok(Err(format!(
                "the courier `{slug}` is not installed any more"
            )));
        };
        if credential_fields(courier).is_empty() {
            return Ok(Ok(None));
        }
        self.service
            .account_for(row.organization, &poll.slug, connection)
            .await
            .map_err(|problem| problem.message)
    }

    /// Asks for all at once and takes in what came of each, in a commit of its own.
    async fn ask(&self, together: Together<'_>) -> Vec<(usize, Done)> {
        let Together {
            slug,
            account,
            questions,
        } = together;
        // Those that fill a request have none of their own: a leftover job may have called them, or one whose
        // question is of another account.
        if questions.iter().all(Question::is_early) {
            let put_off = questions.iter().map(async |question| {
                let done = self.put_off(question.held, question.due_at()).await;
                (question.place, done)
            });
            return join_all(put_off).await;
        }
        let couriers = self.service.couriers();
        let queries: Vec<_> = questions.iter().map(|it| it.query.clone()).collect();
        let asked = match (account, couriers.get(slug.as_str())) {
            (Ok(account), Some(courier)) => {
                self.asker.ask(courier, account.as_ref(), &queries).await
            }
            (account, _) => {
                let reason = account.err().unwrap_or_default();
                let reports = queries.iter().map(|it| could_not(it.now, reason.clone()));
                Asked::Reports(reports.collect())
            }
        };
        match asked {
            Asked::Later(until) | Asked::Scarce(until) => {
                let is_scarce = matches!(asked, Asked::Scarce(_));
                let put_off = questions.iter().map(async |question| {
                    let place = question.place;
                    // The tracking's own courier does not wait for another one that has no time.
                    if question.is_rival && until > self.service.now() + BUSY {
                        let reason = format!("{slug} may not be asked before {until}");
                        let report = could_not(self.service.now(), reason);
                        return (place, self.take_in(question, &report).await);
                    }
                    let until = until.max(question.held.job.due_at);
                    let until = if is_scarce {
                        until.max(question.can_wait_until())
                    } else {
                        until
                    };
                    (place, self.put_off(question.held, until).await)
                });
                join_all(put_off).await
            }
            Asked::Reports(reports) => {
                let taken = questions
                    .iter()
                    .zip(&reports)
                    .map(async |(question, report)| {
                        (question.place, self.take_in(question, report).await)
                    });
                join_all(taken).await
            }
        }
    }

    async fn put_off(&self, held: &Held, until: Timestamp) -> Done {
        let set = WriteSet::new(held.job.organization).job(held.lease.put_off(until).await);
        match self.service.commit(set).await {
            Ok(Commit::Applied { .. } | Commit::Conflict(_)) => Done::Committed,
            Err(error) => Done::Retry(error.to_string()),
        }
    }

    async fn take_in(&self, question: &Question<'_>, report: &PollReport) -> Done {
        let Question {
            held,
            job,
            poll,
            account,
            ..
        } = question;
        let couriers = self.service.couriers();
        let storage = self.service.storage();
        self.rhythms
            .keep(&**storage, &poll.slug, self.service.now())
            .await;
        let random = self.service.identities().fraction();
        let slug = poll.slug.as_str();
        let scale = self.scale(slug);
        let organization = held.job.organization;
        let lease = Some(&held.lease);
        let ingested = self
            .service
            .ingest_poll(organization, job, &poll.slug, report, lease, |facts| {
                // A rehearsal's compressed days would teach nothing true.
                let lesson = lesson(facts).filter(|_| scale >= 1.0);
                self.rhythms.with(&poll.slug, lesson.as_ref(), |rhythm| {
                    let worth = lesson.as_ref().map(|lesson| worth(rhythm, lesson));
                    let price = couriers.get(slug).map_or(PRICE, |courier| {
                        let account = account.as_ref().ok().and_then(Option::as_ref);
                        self.asker.price(courier, account, worth, PRICE, facts.now)
                    });
                    next_check(facts, rhythm, price, random, scale)
                })
            })
            .await;
        match ingested {
            Ok(Some(_)) => {
                if let Some(before) = poll.answered_at.filter(|_| is_answered(report.outcome)) {
                    let age = report.at.duration_since(before);
                    self.asker.note_renewed(slug, age);
                }
                Done::Committed
            }
            Ok(None) => Done::Nothing,
            Err(problem) => Done::Retry(problem.message),
        }
    }

    /// A courier that is redirected lives in the sandbox's time.
    fn scale(&self, slug: &str) -> f64 {
        if self.asker.is_redirected(slug) {
            (self.seconds_per_minute / 60.0).clamp(0.0, 1.0)
        } else {
            1.0
        }
    }
}

#[async_trait]
impl Worker for PollWorker {
    fn kind(&self) -> &'static str {
        POLL_JOB
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    fn batch(&self, job: &Job) -> Option<Batch> {
        let poll_job: PollJob = serde_json::from_str(&job.payload).ok()?;
        let slug = poll_job.slug?;
        let couriers = self.service.couriers();
        let size = couriers.get(slug.as_str())?.batch_size();
        (size > 1).then(|| Batch {
            name: slug.to_string(),
            size,
        })
    }

    fn may_be_early(&self, job: &Job, now: Timestamp) -> bool {
        let poll_job = serde_json::from_str::<PollJob>(&job.payload);
        poll_job.is_ok_and(|poll_job| may_be_early(poll_job.asked_at, job.due_at, now))
    }

    async fn run(&self, held: &Held) -> Done {
        let ends = self.run_batch(std::slice::from_ref(held)).await;
        ends.into_iter().next().unwrap_or(Done::Nothing)
    }

    async fn run_batch(&self, batch: &[Held]) -> Vec<Done> {
        let looks = batch.iter().enumerate();
        let looks = looks.map(
            async |(place, held)| match self.look_up(place, held).await {
                Ok(looked_up) => (place, looked_up),
                Err(reason) => (place, LookedUp::Done(Done::Retry(reason))),
            },
        );
        let mut ends = Vec::with_capacity(batch.len());
        let mut questions = Vec::with_capacity(batch.len());
        for (place, looked_up) in join_all(looks).await {
            match looked_up {
                LookedUp::Question(question) if is_asked(&questions, &question) => {
                    ends.push((place, Done::Nothing));
                }
                LookedUp::Question(question) => questions.push(*question),
                LookedUp::Done(done) => ends.push((place, done)),
            }
        }
        let couriers = self.service.couriers();
        let together = put_together(&couriers, questions);
        let asked = together.into_iter().map(|together| self.ask(together));
        ends.extend(join_all(asked).await.into_iter().flatten());
        ends.sort_by_key(|(place, _)| *place);
        ends.into_iter().map(|(_, done)| done).collect()
    }
}

/// Whether an outcome renews what is known.
fn is_answered(outcome: PollOutcome) -> bool {
    !matches!(
        outcome,
        PollOutcome::CouldNotAsk | PollOutcome::CouldNotRead
    )
}

/// A leftover job may come with the one that took its place.
fn is_asked(questions: &[Question<'_>], question: &Question<'_>) -> bool {
    let leg = |it: &Question<'_>| (it.held.job.organization, it.job.tracking, it.job.leg);
    questions.iter().any(|known| leg(known) == leg(question))
}
