//! The drain job: brings the waiting deliveries of a webhook due, after a resume or a recovery.

use async_trait::async_trait;
use jiff::Timestamp;
use waybill_jobs::{Done, Lease, Worker};
use waybill_model::{DeliveryId, OrganizationId, WebhookId};
use waybill_service::{DRAIN_JOB, Service};
use waybill_storage::{
    Commit, DeliveryFilter, DeliveryStatus, Job, JobChange, NewJob, Put, Unavailable, WriteSet,
};

use crate::deliver::deliver_job;

/// Deliveries looked at by one job; the next job goes on behind them.
const PAGE: usize = 500;

/// Brings waiting deliveries due.
pub struct DrainWorker {
    service: Service,
}

impl DrainWorker {
    /// A worker.
    pub fn new(service: Service) -> Self {
        Self { service }
    }

    async fn page(
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
        for mut delivery in page.deliveries {
            if !delivery.left_lane {
                let head = storage
                    .lane_head(organization, webhook, delivery.tracking)
                    .await?;
                if head.is_some_and(|head| head.id != delivery.id) {
                    continue;
                }
            }
            set.jobs.push(deliver_job(delivery.id, now));
            if delivery.next_attempt_at.is_some_and(|at| at > now) {
                delivery.next_attempt_at = Some(now);
                set.put.push(Put::Delivery(Box::new(delivery)));
            }
        }
        if let Some(next) = page.next {
            let payload = format!("{webhook} {next}");
            set.jobs.push(JobChange::Add(NewJob {
                kind: DRAIN_JOB,
                due_at: now,
                payload,
            }));
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

    async fn run(&self, job: &Job, lease: &Lease) -> Done {
        let mut words = job.payload.split(' ');
        let Some(webhook) = words.next().and_then(WebhookId::parse) else {
            tracing::error!(payload = job.payload, "a drain job cannot be read");
            return Done::Nothing;
        };
        let before = words.next().and_then(DeliveryId::parse);
        let set = match self
            .page(job.organization, webhook, before, self.service.now())
            .await
        {
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
