//! The durable job queue on the storage: claim, lease, retry, schedules.
//!
//! A job says *what to look at*, never what is true: its [`Worker`] reads the state, acts, and
//! commits what it learned **together with** the end of the job ([`Lease::finish`]). A crash before
//! that commit makes the job come due again when its lease ends; a worker that lost its lease
//! cannot commit. This crate knows nothing of what jobs mean.
//!
//! To add a job: a constant kind, a [`Worker`] in the crate that does the work, and a line where
//! the binary builds its [`Runner`]. To add something that runs by the clock: a [`Schedule`].

mod backoff;
mod batches;
mod desk;
mod lease;
mod runner;
mod schedule;
mod under_way;
mod wake;

pub use backoff::Backoff;
pub use desk::LONGEST_SLEEP;
pub use lease::Lease;
pub use runner::{Runner, RunnerBuilder};
pub use schedule::Schedule;
pub use wake::Wake;

use async_trait::async_trait;
use jiff::Timestamp;
use waybill_storage::Job;

/// Does the jobs of one kind.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// The kind of job it does.
    fn kind(&self) -> &'static str;

    /// How many jobs of the kind may run at once in this process.
    fn concurrency(&self) -> usize;

    /// Does a job. Everything it does can be repeated without harm.
    async fn run(&self, held: &Held) -> Done;

    /// With which others a job is done in one go; `None`: by itself.
    fn batch(&self, _job: &Job) -> Option<Batch> {
        None
    }

    /// Whether a job that is not due yet may be done now, where a batch has room for it.
    fn may_be_early(&self, _job: &Job, _now: Timestamp) -> bool {
        false
    }

    /// Does the jobs of one batch; answers how each ended, in their order. Of those that may be early, some
    /// are ([`Job::due_at`] tells).
    async fn run_batch(&self, batch: &[Held]) -> Vec<Done> {
        let mut done = Vec::with_capacity(batch.len());
        for held in batch {
            done.push(self.run(held).await);
        }
        done
    }
}

/// What jobs that are done in one go have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Batch {
    /// Jobs of equal names go together.
    pub name: String,
    /// At most so many.
    pub size: usize,
}

/// A job that is worked on, with its lease.
#[derive(Debug)]
pub struct Held {
    /// The job.
    pub job: Job,
    /// Its lease.
    pub lease: Lease,
}

impl Held {
    /// A job that was claimed.
    pub fn new(job: Job) -> Self {
        Self {
            lease: Lease::new(job.handle),
            job,
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The worker committed the end of the job itself, or found that the lease is lost.
    Committed,
    /// There is nothing to do: the state moved on. The runner ends the job.
    Nothing,
    /// It could not be done now; it comes due again later and later.
    Retry(String),
}
