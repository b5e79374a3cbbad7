//! The poll job.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use waybill_couriers::Query;
use waybill_jobs::{Done, Lease, Worker};
use waybill_model::{Details, Record};
use waybill_service::{POLL_JOB, PollJob, Service, credential_fields, ship_date};
use waybill_storage::{Commit, Job, PollRow, TrackingRow, WriteSet};

use crate::{
    ask::{Asked, Asker, could_not},
    cadence::{lesson, next_check},
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

    async fn look_up(
        &self,
        job: &Job,
        poll_job: &PollJob,
    ) -> Result<Option<(TrackingRow, Details, PollRow)>, String> {
        let storage = self.service.storage();
        let polls = storage
            .polls(job.organization, poll_job.tracking)
            .await
            .map_err(|error| error.to_string())?;
        let Some(poll) = polls.into_iter().find(|poll| poll.leg == poll_job.leg) else {
            return Ok(None);
        };
        // The job is a hint: the row says whether the leg is due.
        if poll
            .next_check_at
            .is_none_or(|due| due > self.service.now())
        {
            return Ok(None);
        }
        let row = storage
            .tracking(job.organization, poll_job.tracking)
            .await
            .map_err(|error| error.to_string())?;
        let Some(row) = row else { return Ok(None) };
        // What cannot be read cannot be asked for either: the courier is left in peace.
        let record: Record = serde_json::from_str(&row.record)
            .map_err(|error| format!("the record cannot be read: {error}"))?;
        Ok(Some((row, record.details, poll)))
    }

    fn query(&self, row: &TrackingRow, details: Details, poll: &PollRow) -> Query {
        let Details {
            language,
            destination_postal_code,
            destination_country_region,
            origin_country_region,
            tracking_ship_date,
            tracking_account_number,
            tracking_key,
            destination_state,
            ..
        } = details;
        Query {
            number: poll.number.clone(),
            leg: poll.leg,
            language,
            destination_postal_code,
            destination_country: destination_country_region,
            origin_country: origin_country_region,
            ship_date: tracking_ship_date.as_deref().and_then(ship_date),
            destination_state,
            account_number: tracking_account_number,
            tracking_key,
            created_at: row.created_at,
            now: self.service.now(),
        }
    }

    /// Asks; an error is the database's, and worth another try of the job.
    async fn asked(
        &self,
        row: &TrackingRow,
        details: Details,
        poll: &PollRow,
    ) -> Result<Asked, String> {
        // A connection that was chosen is one to the first carrier.
        let connection = details.courier_connection_id.clone();
        let connection = connection.filter(|_| poll.leg == 0);
        let query = self.query(row, details, poll);
        let couriers = self.service.couriers();
        let not = |reason| Ok(Asked::Report(Box::new(could_not(query.now, reason))));
        let Some(courier) = couriers.get(poll.slug.as_str()) else {
            return not(format!(
                "the courier `{}` is not installed any more",
                poll.slug
            ));
        };
        if credential_fields(courier).is_empty() {
            return Ok(self.asker.ask(courier, None, &query).await);
        }
        let account = self
            .service
            .account_for(row.organization, &poll.slug, connection.as_deref())
            .await
            .map_err(|problem| problem.message)?;
        match account {
            Ok(account) => Ok(self.asker.ask(courier, account.as_ref(), &query).await),
            Err(reason) => not(reason),
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

    async fn run(&self, job: &Job, lease: &Lease) -> Done {
        let Ok(poll_job) = serde_json::from_str::<PollJob>(&job.payload) else {
            tracing::error!(payload = job.payload, "a poll job cannot be read");
            return Done::Nothing;
        };
        let (row, details, poll) = match self.look_up(job, &poll_job).await {
            Ok(Some(found)) => found,
            Ok(None) => return Done::Nothing,
            Err(reason) => return Done::Retry(reason),
        };
        let report = match self.asked(&row, details, &poll).await {
            Err(reason) => return Done::Retry(reason),
            Ok(Asked::Report(report)) => report,
            // The tracking's own courier does not wait for another one that has no time.
            Ok(Asked::Later(until))
                if poll.leg == 0 && poll.slug != row.slug && until > self.service.now() + BUSY =>
            {
                let reason = format!("{} may not be asked before {until}", poll.slug);
                Box::new(could_not(self.service.now(), reason))
            }
            Ok(Asked::Later(until)) => {
                let set = WriteSet::new(job.organization).job(lease.put_off(until).await);
                return match self.service.commit(set).await {
                    Ok(Commit::Applied { .. } | Commit::Conflict(_)) => Done::Committed,
                    Err(error) => Done::Retry(error.to_string()),
                };
            }
        };
        let random = self.service.identities().fraction();
        let scale = self.scale(poll.slug.as_str());
        let ingested = self
            .service
            .ingest_poll(
                job.organization,
                &poll_job,
                &poll.slug,
                &report,
                Some(lease),
                |facts| {
                    // A rehearsal's compressed days would teach nothing true.
                    let lesson = lesson(facts).filter(|_| scale >= 1.0);
                    let slug = poll.slug.as_str();
                    self.rhythms
                        .with(slug, lesson.as_ref(), facts.now, |rhythm| {
                            next_check(facts, rhythm, random, scale)
                        })
                },
            )
            .await;
        match ingested {
            Ok(Some(_)) => Done::Committed,
            Ok(None) => Done::Nothing,
            Err(problem) => Done::Retry(problem.message),
        }
    }
}
