//! Claims due jobs and hands them to their workers.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::join_all};
use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waybill_model::Clock;
use waybill_storage::{Claim, Commit, Conflict, Hint, Job, JobChange, Storage, WriteSet};

use crate::{
    Backoff, Done, Held, Lease, Schedule, Wake, Worker,
    batches::{Filling, put_together},
};

/// A crash holds a job up no longer than this.
const LEASE: SignedDuration = SignedDuration::from_secs(10);
/// Renewed well before it ends, so that one slow commit does not lose it.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// One claim takes at most this many jobs: a claim costs about the same for one as for a hundred.
const CLAIM_LIMIT: usize = 100;
/// How long the runner sleeps at most without a hint.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// At a stop, jobs under way have so long to end by themselves; then they are handed back, for other
/// nodes to do at once.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// How often the schedules are looked at.
const SCHEDULES_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// A job that cannot be done is tried again after this, then later and later.
const RETRY: Backoff = Backoff {
    first: SignedDuration::from_secs(2),
    longest: SignedDuration::from_secs(900),
    jitter_percent: 20,
};

/// Builds a [`Runner`].
pub struct RunnerBuilder {
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    wake: Wake,
    workers: Vec<Arc<dyn Worker>>,
    schedules: Vec<Arc<dyn Schedule>>,
}

impl RunnerBuilder {
    /// Adds a worker.
    #[must_use]
    pub fn worker(mut self, worker: impl Worker) -> Self {
        self.workers.push(Arc::new(worker));
        self
    }

    /// Adds a schedule.
    #[must_use]
    pub fn schedule(mut self, schedule: impl Schedule) -> Self {
        self.schedules.push(Arc::new(schedule));
        self
    }

    /// The runner.
    pub fn build(self) -> Runner {
        Runner(Arc::new(self))
    }
}

/// Runs the jobs of one process.
#[derive(Clone)]
pub struct Runner(Arc<RunnerBuilder>);

/// What was claimed to be done in one go, with its worker.
struct Claimed {
    worker: Arc<dyn Worker>,
    held: Vec<Held>,
}

impl Runner {
    /// Starts a runner's description.
    pub fn builder(storage: Arc<dyn Storage>, clock: Arc<dyn Clock>, wake: Wake) -> RunnerBuilder {
        RunnerBuilder {
            storage,
            clock,
            wake,
            workers: Vec::new(),
            schedules: Vec::new(),
        }
    }

    /// Works until it is told to stop, then waits a little for the jobs in flight and hands back
    /// those that do not end.
    pub async fn run(&self, stop: CancellationToken) {
        let hand_back = CancellationToken::new();
        let mut running: JoinSet<&'static str> = JoinSet::new();
        let mut in_flight: HashMap<&'static str, usize> = HashMap::new();
        let mut schedules_at = self.0.clock.now();
        while !stop.is_cancelled() {
            while let Some(ended) = running.try_join_next() {
                note_end(&mut in_flight, &ended);
            }
            let now = self.0.clock.now();
            if now >= schedules_at {
                schedules_at = now + SCHEDULES_EVERY;
                self.take_turns().await;
            }
            let claimed = self.claim(&in_flight).await;
            if claimed.is_empty() {
                let sleep = self.sleep_for(&in_flight).await;
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.0.wake.asleep() => {}
                    () = self.0.storage.hinted(Hint::Jobs) => {}
                    Some(ended) = running.join_next() => note_end(&mut in_flight, &ended),
                    () = tokio::time::sleep(sleep) => {}
                }
                continue;
            }
            for claimed in claimed {
                *in_flight.entry(claimed.worker.kind()).or_default() += 1;
                let (runner, hand_back) = (self.clone(), hand_back.clone());
                running.spawn(async move {
                    let kind = claimed.worker.kind();
                    if AssertUnwindSafe(runner.work(claimed, &hand_back))
                        .catch_unwind()
                        .await
                        .is_err()
                    {
                        tracing::error!(kind, "a worker broke; the job's lease will end by itself");
                    }
                    kind
                });
            }
        }
        let ended = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, ended).await.is_err() {
            hand_back.cancel();
            while running.join_next().await.is_some() {}
        }
    }

    /// Does all jobs that are due by the clock, and those they bring that are due as well, then
    /// comes back with how many. For tests and command-line tools, which move the clock themselves.
    pub async fn run_due(&self) -> usize {
        let mut done = 0;
        loop {
            let claimed = self.claim(&HashMap::new()).await;
            if claimed.is_empty() {
                return done;
            }
            done += claimed
                .iter()
                .map(|claimed| claimed.held.len())
                .sum::<usize>();
            let mut running = JoinSet::new();
            for claimed in claimed {
                let runner = self.clone();
                running.spawn(async move { runner.work(claimed, &CancellationToken::new()).await });
            }
            while running.join_next().await.is_some() {}
        }
    }

    /// Runs the schedules whose turn has come.
    pub async fn take_turns(&self) {
        for schedule in &self.0.schedules {
            let now = self.0.clock.now();
            match self
                .0
                .storage
                .take_turn(schedule.name(), now, now + schedule.every())
                .await
            {
                Ok(true) => {
                    if let Err(error) = schedule.run(now).await {
                        tracing::warn!(schedule = schedule.name(), error, "a schedule failed");
                    }
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(schedule = schedule.name(), %error, "a schedule could not take its turn");
                }
            }
        }
    }

    async fn claim(&self, in_flight: &HashMap<&'static str, usize>) -> Vec<Claimed> {
        let mut claimed = Vec::new();
        for worker in &self.0.workers {
            let busy = in_flight.get(worker.kind()).copied().unwrap_or_default();
            let limit = worker.concurrency().saturating_sub(busy).min(CLAIM_LIMIT);
            if limit == 0 {
                continue;
            }
            let now = self.0.clock.now();
            // A look is a read; a claim is a durable write, so it is made only where there is one.
            match self.0.storage.next_due(&[worker.kind()]).await {
                Ok(Some(due)) if due <= now => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "jobs could not be looked for");
                    continue;
                }
            }
            let claim = Claim {
                kinds: vec![worker.kind()],
                now,
                lease_until: now + LEASE,
                limit,
            };
            match self.0.storage.claim(claim).await {
                Ok(jobs) => {
                    let filling = Filling {
                        storage: &*self.0.storage,
                        now,
                        lease: LEASE,
                    };
                    let together = put_together(worker, jobs, &filling).await;
                    claimed.extend(together.into_iter().map(|held| Claimed {
                        worker: worker.clone(),
                        held,
                    }));
                }
                Err(error) => tracing::warn!(%error, "jobs could not be claimed"),
            }
        }
        claimed
    }

    /// Until the next job comes due that this process has room for.
    async fn sleep_for(&self, in_flight: &HashMap<&'static str, usize>) -> Duration {
        let kinds: Vec<&str> = self
            .0
            .workers
            .iter()
            .filter(|worker| {
                in_flight.get(worker.kind()).copied().unwrap_or_default() < worker.concurrency()
            })
            .map(|worker| worker.kind())
            .collect();
        let next = self.0.storage.next_due(&kinds).await.ok().flatten();
        next.map_or(LONGEST_SLEEP, |due| {
            let wait = due.duration_since(self.0.clock.now());
            Duration::try_from(wait)
                .unwrap_or(Duration::ZERO)
                .min(LONGEST_SLEEP)
        })
        .max(Duration::from_millis(1))
    }

    async fn work(&self, claimed: Claimed, hand_back: &CancellationToken) {
        let Claimed { worker, held } = claimed;
        let done = {
            let work = async {
                match &held[..] {
                    [one] => vec![worker.run(one).await],
                    batch => worker.run_batch(batch).await,
                }
            };
            tokio::pin!(work);
            loop {
                tokio::select! {
                    done = &mut work => break Some(done),
                    () = hand_back.cancelled() => break None,
                    () = tokio::time::sleep(RENEW_EVERY) => {
                        join_all(held.iter().map(|held| self.renew(&held.lease))).await;
                    }
                }
            }
        };
        let ends = held.iter().enumerate().map(|(place, held)| {
            let done = done.as_ref().map(|done| {
                let missing = || Done::Retry("the worker did not say how it ended".to_owned());
                done.get(place).cloned().unwrap_or_else(missing)
            });
            self.end_as(held, done)
        });
        join_all(ends).await;
    }

    /// Ends a job as its worker says; one that was not waited for is handed back.
    async fn end_as(&self, held: &Held, done: Option<Done>) {
        let Held { job, lease } = held;
        let change = match done {
            // If it is about to commit its end, one of the two finds the lease lost.
            None => lease.put_off(self.0.clock.now().max(job.due_at)).await,
            Some(Done::Committed) => return,
            Some(Done::Nothing) => lease.finish().await,
            Some(Done::Retry(reason)) => {
                tracing::info!(
                    kind = job.kind,
                    attempt = job.attempt,
                    reason,
                    "a job comes due again later"
                );
                let wait = RETRY.wait(job.attempt.saturating_add(1), spread(job.handle.key));
                lease.put_off(self.0.clock.now() + wait).await
            }
        };
        self.end(job, change).await;
    }

    async fn end(&self, job: &Job, change: JobChange) {
        match self
            .0
            .storage
            .commit(WriteSet::new(job.organization).job(change))
            .await
        {
            Ok(Commit::Applied { .. } | Commit::Conflict(Conflict::LeaseLost)) => {}
            Ok(Commit::Conflict(conflict)) => {
                tracing::warn!(kind = job.kind, ?conflict, "a job could not be ended");
            }
            Err(error) => tracing::warn!(kind = job.kind, %error, "a job could not be ended"),
        }
    }

    async fn renew(&self, lease: &Lease) {
        lease
            .renew(async |handle| {
                let until = self.0.clock.now() + LEASE;
                let renewed = self.0.storage.renew(vec![handle], until).await.ok()?;
                renewed.first().map(|(_, new)| *new)
            })
            .await;
    }
}

fn note_end(
    in_flight: &mut HashMap<&'static str, usize>,
    ended: &Result<&'static str, tokio::task::JoinError>,
) {
    if let Ok(kind) = ended
        && let Some(count) = in_flight.get_mut(kind)
    {
        *count = count.saturating_sub(1);
    }
}

/// A number from 0 to 1 that differs between jobs, so that jobs that failed together do not come
/// back together.
fn spread(key: i64) -> f64 {
    (key.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64
}
