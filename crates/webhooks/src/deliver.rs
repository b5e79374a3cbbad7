//! The deliver job: one attempt of the delivery at the head of its lane.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use waybill_jobs::{Done, Held, Lease, Worker};
use waybill_model::DeliveryId;
use waybill_service::{DELIVER_JOB, DrainJob, Service, WebhookDocument};
use waybill_storage::{
    Append, Commit, DeliveryAttemptRow, DeliveryRow, DeliveryStatus, EventKind, EventRow, Job,
    JobChange, NewJob, Put, Unavailable, WebhookRow, WriteSet,
};

use crate::{
    health::{Entry, Health},
    schedule::{ATTEMPTS, REFUSALS_THAT_FREE_A_LANE, next_attempt},
    send::{Attempt, Sender},
};

/// Deliveries in flight at once in one process.
const CONCURRENCY: usize = 64;
/// A delivery behind another looks again after this, should the hint that its turn has come be
/// lost.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// How often a good webhook's last success is written down.
const SUCCESS_NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Sends deliveries.
pub struct DeliverWorker {
    service: Service,
    sender: Sender,
    health: Health,
}

/// What a job found.
enum Turn {
    /// Nothing is left to do.
    Over,
    /// Not yet: look again then.
    Wait(Timestamp),
    /// Its webhook was deleted while its event was being committed.
    Orphan(Box<DeliveryRow>),
    /// Its turn.
    Now(Box<(DeliveryRow, WebhookRow, WebhookDocument, EventRow)>),
}

impl DeliverWorker {
    /// A worker.
    pub fn new(service: Service, sender: Sender) -> Self {
        Self {
            service,
            sender,
            health: Health::default(),
        }
    }

    async fn turn(&self, job: &Job, id: DeliveryId, now: Timestamp) -> Result<Turn, Unavailable> {
        let storage = self.service.storage();
        let Some(delivery) = storage.delivery(job.organization, id).await? else {
            return Ok(Turn::Over);
        };
        if delivery.status != DeliveryStatus::Pending {
            return Ok(Turn::Over);
        }
        let Some(webhook) = storage.webhook(job.organization, delivery.webhook).await? else {
            return Ok(Turn::Orphan(Box::new(delivery)));
        };
        let Some(settings) = WebhookDocument::read(&webhook) else {
            return Ok(Turn::Over);
        };
        if settings.paused {
            // A resume brings the backlog back.
            return Ok(Turn::Over);
        }
        if !delivery.left_lane {
            let head = storage
                .lane_head(job.organization, delivery.webhook, delivery.tracking)
                .await?;
            if let Some(head) = head.filter(|head| head.id != delivery.id) {
                let after_head = head.next_attempt_at.unwrap_or(now).max(now);
                return Ok(Turn::Wait(after_head + LOOK_AGAIN));
            }
        }
        if delivery.next_attempt_at.is_some_and(|at| at > now) {
            // Its own job waits for that time.
            return Ok(Turn::Over);
        }
        match storage.event(job.organization, delivery.sequence).await? {
            Some(event) => Ok(Turn::Now(Box::new((delivery, webhook, settings, event)))),
            None => Ok(Turn::Over),
        }
    }

    /// Whether a delivery is as it was read: another job of it may have sent it in between.
    async fn is_still(&self, read: &DeliveryRow) -> Result<bool, Unavailable> {
        let storage = self.service.storage();
        let now = storage.delivery(read.organization, read.id).await?;
        Ok(now.is_some_and(|now| now.revision == read.revision))
    }

    /// Ends a delivery that nobody can take any more.
    async fn bury(&self, job: &Job, lease: &Lease, delivery: DeliveryRow) -> Done {
        let dead = DeliveryRow {
            status: DeliveryStatus::Dead,
            next_attempt_at: None,
            ..delivery
        };
        let set = WriteSet::new(job.organization)
            .put(Put::Delivery(Box::new(dead)))
            .job(lease.finish().await);
        match self.service.commit(set).await {
            Ok(_) => Done::Committed,
            Err(error) => Done::Retry(error.to_string()),
        }
    }

    async fn put_off(&self, job: &Job, lease: &Lease, until: Timestamp) -> Done {
        let set = WriteSet::new(job.organization).job(lease.put_off(until).await);
        match self.service.commit(set).await {
            Ok(_) => Done::Committed,
            Err(error) => Done::Retry(error.to_string()),
        }
    }

    async fn attempt(
        &self,
        job: &Job,
        lease: &Lease,
        found: (DeliveryRow, WebhookRow, WebhookDocument, EventRow),
    ) -> Done {
        let (delivery, webhook, settings, event) = found;
        let started_at = self.service.now();
        let attempt = self
            .sender
            .send(&self.service, &settings, &delivery, &event, started_at)
            .await;
        let now = self.service.now();
        if attempt.succeeded() {
            self.health.succeeded(delivery.webhook, now);
        }
        let limit = if event.kind == EventKind::WebhookSample {
            1
        } else {
            ATTEMPTS
        };
        let healthy = delivery
            .last_attempt_at
            .is_some_and(|last| self.health.took_since(delivery.webhook, last));
        let random = self.service.identities().fraction();
        let after = after_attempt(&delivery, &attempt, healthy, limit, now, random);

        let mut set = WriteSet::new(job.organization);
        set.append.push(Append::DeliveryAttempt(DeliveryAttemptRow {
            delivery: delivery.id,
            attempt: after.attempts,
            at: started_at,
            http_status: attempt.http_status,
            latency_ms: attempt.latency_ms,
            error: attempt.error.clone(),
            answer: attempt.answer.clone(),
        }));
        if let Some(due_at) = after.next_attempt_at {
            set.jobs.push(deliver_job(after.id, due_at));
        }
        let frees_lane = after.status != DeliveryStatus::Pending || after.left_lane;
        set.put.push(Put::Delivery(Box::new(after)));
        set.jobs.push(lease.finish().await);
        match self.service.commit(set).await {
            Ok(Commit::Applied { .. }) => {}
            // Another node has the job now, and the receiver knows a repeat by the event's id.
            Ok(Commit::Conflict(_)) => return Done::Committed,
            Err(error) => return Done::Retry(error.to_string()),
        }
        self.note_health(&webhook, &attempt, now).await;
        if frees_lane {
            self.call_next(&delivery, now).await;
        }
        Done::Committed
    }

    /// A hint that the next of the lane has its turn; without it, it looks by itself a little later.
    async fn call_next(&self, delivery: &DeliveryRow, now: Timestamp) {
        let storage = self.service.storage();
        let head = storage
            .lane_head(delivery.organization, delivery.webhook, delivery.tracking)
            .await;
        if let Ok(Some(head)) = head
            && head.next_attempt_at.is_none_or(|at| at <= now)
        {
            let set = WriteSet::new(delivery.organization).job(deliver_job(head.id, now));
            if let Err(error) = self.service.commit(set).await {
                tracing::debug!(%error, "the next delivery was not called");
            }
        }
    }

    /// Writes down that a webhook began to fail, or takes deliveries (again). A webhook that takes
    /// them again gets its waiting heads at once. Best effort: the next attempt says it again.
    async fn note_health(&self, webhook: &WebhookRow, attempt: &Attempt, now: Timestamp) {
        let noted_lately = webhook
            .last_success_at
            .is_some_and(|at| now.duration_since(at) < SUCCESS_NOTED_EVERY);
        let news = if attempt.succeeded() {
            webhook.failing_since.is_some() || !noted_lately
        } else {
            webhook.failing_since.is_none()
        };
        if !news {
            return;
        }
        let Ok(Some(mut row)) = self
            .service
            .storage()
            .webhook(webhook.organization, webhook.id)
            .await
        else {
            return;
        };
        let mut set = WriteSet::new(row.organization);
        if attempt.succeeded() {
            if row.failing_since.take().is_some() {
                set.jobs
                    .push(DrainJob::Recovered { webhook: row.id }.due(now));
            }
            row.last_success_at = Some(now);
            if let Some(mut settings) =
                WebhookDocument::read(&row).filter(|settings| !settings.verified)
            {
                settings.verified = true;
                row.document = settings.text();
            }
        } else if row.failing_since.is_none() {
            row.failing_since = Some(now);
        }
        set.put.push(Put::Webhook(Box::new(row)));
        if let Err(error) = self.service.commit(set).await {
            tracing::debug!(%error, "the state of a webhook was not noted");
        }
    }
}

#[async_trait]
impl Worker for DeliverWorker {
    fn kind(&self) -> &'static str {
        DELIVER_JOB
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn run(&self, held: &Held) -> Done {
        let Held { job, lease } = held;
        let Some(id) = DeliveryId::parse(&job.payload) else {
            tracing::error!(payload = job.payload, "a deliver job cannot be read");
            return Done::Nothing;
        };
        let now = self.service.now();
        let found = match self.turn(job, id, now).await {
            Ok(Turn::Over) => return Done::Nothing,
            Ok(Turn::Wait(until)) => return self.put_off(job, lease, until).await,
            Ok(Turn::Orphan(delivery)) => return self.bury(job, lease, *delivery).await,
            Ok(Turn::Now(found)) => *found,
            Err(error) => return Done::Retry(error.to_string()),
        };
        let webhook = found.0.webhook;
        match self.health.enter(webhook, id) {
            Entry::InFlight => Done::Nothing,
            Entry::Full => self.put_off(job, lease, now + LOOK_AGAIN).await,
            Entry::Go(place) => {
                let done = match self.is_still(&found.0).await {
                    Ok(true) => self.attempt(job, lease, found).await,
                    Ok(false) => Done::Nothing,
                    Err(error) => Done::Retry(error.to_string()),
                };
                drop(place);
                done
            }
        }
    }
}

/// The job that tries a delivery.
pub(crate) fn deliver_job(id: DeliveryId, due_at: Timestamp) -> JobChange {
    JobChange::Add(NewJob {
        kind: DELIVER_JOB,
        due_at,
        payload: id.to_string(),
    })
}

/// Where a delivery stands after an attempt: pure.
fn after_attempt(
    delivery: &DeliveryRow,
    attempt: &Attempt,
    webhook_takes_others: bool,
    limit: u32,
    now: Timestamp,
    random: f64,
) -> DeliveryRow {
    let attempts = delivery.attempts + 1;
    let mut after = DeliveryRow {
        attempts,
        last_attempt_at: Some(now),
        next_attempt_at: None,
        ..delivery.clone()
    };
    if attempt.succeeded() {
        after.status = DeliveryStatus::Delivered;
        return after;
    }
    after.next_attempt_at = next_attempt(now, attempts, limit, random);
    if after.next_attempt_at.is_none() {
        after.status = DeliveryStatus::Dead;
    }
    if webhook_takes_others {
        after.refused_while_healthy += 1;
        after.left_lane |= after.refused_while_healthy >= REFUSALS_THAT_FREE_A_LANE;
    }
    after
}
