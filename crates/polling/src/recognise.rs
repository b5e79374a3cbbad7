//! The job that looks again at numbers that no courier recognised.

use async_trait::async_trait;
use waybill_jobs::{Done, Held, Worker};
use waybill_service::{RECOGNISE_JOB, RecogniseJob, Service};

/// Looks at a page of an organization's unrecognized numbers.
pub struct RecogniseWorker {
    service: Service,
}

impl RecogniseWorker {
    /// A worker.
    pub fn new(service: Service) -> Self {
        Self { service }
    }
}

#[async_trait]
impl Worker for RecogniseWorker {
    fn kind(&self) -> &'static str {
        RECOGNISE_JOB
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn run(&self, held: &Held) -> Done {
        let Held { job, lease } = held;
        let Ok(recognise) = serde_json::from_str::<RecogniseJob>(&job.payload) else {
            tracing::error!(
                payload = job.payload,
                "a job to recognise numbers cannot be read"
            );
            return Done::Nothing;
        };
        let recognised = self.service.recognise(job.organization, &recognise, lease);
        match recognised.await {
            Ok(()) => Done::Committed,
            Err(problem) => Done::Retry(problem.message),
        }
    }
}
