//! The drain job: brings the waiting deliveries of a webhook due, after a resume or a recovery.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use waybill_jobs::{Done, Held, Worker};
use waybill_model::{DeliveryId, OrganizationId, WebhookId};
use waybill_service::{DRAIN_JOB, DrainJob, Service};
use waybill_storage::{
    Commit, DeliveryFilter, DeliveryRow, DeliveryStatus, Put, Unavailable, WriteSet,
};

use crate::deliver::deliver_job;

/// Deliveries brought due by one commit; the next job goes on behind them.
const PAGE: usize = 500;
/// Refused deliveries that a recovery looks at. One lane has one, but for those that left it.
const REFUSED_LIMIT: usize = 10_000;
/// The head of a lane calls the next one when it is taken. Should the call be lost, the next looks
/// by itself this long after a resume.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// Brings waiting deliveries due.
pub struct DrainWorker {
    service: Service,
}

impl DrainWorker {
    /// A worker.
    pub fn new(service: Service) -> Self {
        Self { service }
    }

    /// The heads of lanes are tried at once. What left its lane was refused while others were
    /// taken: it keeps its own times, or each recovery would cost it one of its attempts.
    async fn recovered(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        now: Timestamp,
    ) -> Result<WriteSet, Unavailable> {
        let mut set = WriteSet::new(organization);
        let refused = self
            .service
            .storage()
            .pending_deliveries(organization, webhook, true, REFUSED_LIMIT)
            .await?;
        let mut heads = refused.into_iter().filter(|delivery| {
            !delivery.left_lane && delivery.next_attempt_at.is_some_and(|at| at > now)
        });
        for head in heads.by_ref().take(PAGE) {
            try_now(&mut set, head, now);
        }
        if heads.next().is_some() {
            set.jobs.push(DrainJob::Recovered { webhook }.due(now));
        }
        Ok(set)
    }

    async fn resumed(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        now: Timestamp,
    ) -> Result<WriteSet, Unavailable> {
        let storage = self.service.storage();
        let mut set = WriteSet::new(organization);
        let filter = DeliveryFilter {
            webhook: Some(webhook),
            status: Some(DeliveryStatus::Pending),
            ..DeliveryFilter::default()
        };
        let page = storage
            .deliveries(organization, &filter, before, PAGE)
            .await?;
        for delivery in page.deliveries {
            if delivery.left_lane {
                let own_time = delivery.next_attempt_at.unwrap_or(now).max(now);
                set.jobs.push(deliver_job(delivery.id, own_time));
                continue;
            }
            let head = storage
                .lane_head(organization, webhook, delivery.tracking)
                .await?;
            if head.is_some_and(|head| head.id != delivery.id) {
                set.jobs.push(deliver_job(delivery.id, now + LOOK_AGAIN));
            } else {
                try_now(&mut set, delivery, now);
            }
        }
        if let before @ Some(_) = page.next {
            set.jobs
                .push(DrainJob::Resumed { webhook, before }.due(now));
        }
        Ok(set)
    }
}

#[async_trait]
impl Worker for DrainWorker {
    fn kind(&self) -> &'static str {
        DRAIN_JOB
    }

    fn concurrency(&self) -> usize {
        2
    }

    async fn run(&self, held: &Held) -> Done {
        let Held { job, lease } = held;
        let now = self.service.now();
        let organization = job.organization;
        let set = match serde_json::from_str(&job.payload) {
            Ok(DrainJob::Recovered { webhook }) => self.recovered(organization, webhook, now).await,
            Ok(DrainJob::Resumed { webhook, before }) => {
                self.resumed(organization, webhook, before, now).await
            }
            Err(error) => {
                tracing::error!(payload = job.payload, %error, "a drain job cannot be read");
                return Done::Nothing;
            }
        };
        let set = match set {
            Ok(set) => set.job(lease.finish().await),
            Err(error) => return Done::Retry(error.to_string()),
        };
        match self.service.commit(set).await {
            Ok(Commit::Applied { .. }) => Done::Committed,
            // An attempt was made meanwhile; look again.
            Ok(Commit::Conflict(conflict)) => Done::Retry(format!("{conflict:?}")),
            Err(error) => Done::Retry(error.to_string()),
        }
    }
}

fn try_now(set: &mut WriteSet, mut delivery: DeliveryRow, now: Timestamp) {
    set.jobs.push(deliver_job(delivery.id, now));
    if delivery.next_attempt_at.is_some_and(|at| at > now) {
        delivery.next_attempt_at = Some(now);
        set.put.push(Put::Delivery(Box::new(delivery)));
    }
}
