//! Claims due jobs and hands them to their workers.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use waybill_model::Clock;
use waybill_storage::{Claim, Commit, Conflict, Hint, Job, JobChange, Storage, WriteSet};

use crate::{
    Backoff, Done, Held, Schedule, Wake, Worker,
    batches::{Filling, put_together},
    desk::{Desk, Seat},
    under_way::{Claimed, LEASE, UnderWay},
};

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
        let (mut tasks, under_way) = (JoinSet::new(), UnderWay::default());
        let over = CancellationToken::new();
        tokio::join!(
            async {
                self.serve(&stop, &mut tasks, &under_way).await;
                over.cancel();
            },
            under_way.keep_leases(&*self.0.storage, &*self.0.clock, &over)
        );
        tasks.shutdown().await;
        let left = under_way.drain();
        let left = left.iter().flat_map(|claimed| &claimed.held);
        join_all(left.map(|held| self.hand_back(held))).await;
    }

    async fn serve(&self, stop: &CancellationToken, tasks: &mut JoinSet<()>, under_way: &UnderWay) {
        let freed = Arc::<Notify>::default();
        let mut desks = self.desks(&freed);
        let mut schedules_at = self.0.clock.now();
        while !stop.is_cancelled() {
            while let Some(ended) = tasks.try_join_next_with_id() {
                under_way.end(&ended);
            }
            let now = self.0.clock.now();
            if now >= schedules_at {
                schedules_at = now + SCHEDULES_EVERY;
                self.take_turns().await;
            }
            for claimed in self.claim(&mut desks).await {
                let runner = self.clone();
                under_way.start(tasks, claimed, |claimed| async move {
                    runner.work(&claimed).await;
                });
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.0.wake.asleep() => desks.iter_mut().for_each(Desk::hint),
                () = self.0.storage.hinted(Hint::Jobs) => desks.iter_mut().for_each(Desk::hint),
                () = freed.notified() => {}
                () = tokio::time::sleep_until(next_look(&desks)) => {}
            }
        }
        let ended = async {
            while let Some(ended) = tasks.join_next_with_id().await {
                under_way.end(&ended);
            }
        };
        let _ = tokio::time::timeout(STOP_GRACE, ended).await;
    }

    /// Does all jobs that are due by the clock, and those they bring that are due as well, then
    /// comes back with how many. For tests and command-line tools, which move the clock themselves.
    pub async fn run_due(&self) -> usize {
        let mut done = 0;
        loop {
            let claimed = self.claim(&mut self.desks(&Arc::default())).await;
            if claimed.is_empty() {
                return done;
            }
            done += claimed
                .iter()
                .map(|(claimed, _)| claimed.held.len())
                .sum::<usize>();
            let mut running = JoinSet::new();
            for (claimed, _) in claimed {
                let runner = self.clone();
                running.spawn(async move { runner.work(&claimed).await });
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

    fn desks(&self, freed: &Arc<Notify>) -> Vec<Desk> {
        let workers = self.0.workers.iter();
        workers
            .map(|worker| Desk::new(worker.clone(), freed.clone()))
            .collect()
    }

    /// Claims for all desks that want jobs now.
    async fn claim(&self, desks: &mut [Desk]) -> Vec<(Claimed, Seat)> {
        let mut claimed = Vec::new();
        for desk in desks {
            claimed.extend(self.claim_for(desk).await);
        }
        claimed
    }

    async fn claim_for(&self, desk: &mut Desk) -> Vec<(Claimed, Seat)> {
        let limit = desk.wanted(Instant::now());
        if limit == 0 {
            return Vec::new();
        }
        let (kind, now) = (desk.worker().kind(), self.0.clock.now());
        // A look is a read; a claim is a write, so it is made only where there is a job.
        if !desk.expects_more() {
            match self.0.storage.next_due(&[kind]).await {
                Ok(Some(due)) if due <= now => {}
                Ok(due) => {
                    desk.nothing_until(due.map(|due| due.duration_since(now)));
                    return Vec::new();
                }
                Err(error) => {
                    tracing::warn!(%error, "jobs could not be looked for");
                    desk.nothing_until(None);
                    return Vec::new();
                }
            }
        }
        let claim = Claim {
            kinds: vec![kind],
            now,
            lease_until: now + LEASE,
            limit,
        };
        let jobs = match self.0.storage.claim(claim).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(%error, "jobs could not be claimed");
                desk.nothing_until(None);
                return Vec::new();
            }
        };
        let got_all = jobs.len() == limit;
        let filling = Filling {
            storage: &*self.0.storage,
            now,
            lease: LEASE,
        };
        let together = put_together(desk.worker(), jobs, &filling).await;
        let seats = desk.claimed(together.len(), got_all);
        let claimed = together.into_iter().map(|held| Claimed {
            worker: desk.worker().clone(),
            held,
            at: Instant::now(),
        });
        claimed.zip(seats).collect()
    }

    async fn work(&self, claimed: &Claimed) {
        let Claimed { worker, held, .. } = claimed;
        if let [one] = &held[..] {
            return self.end_as(one, worker.run(one).await).await;
        }
        let mut done = worker.run_batch(held).await.into_iter();
        let ends = held.iter().map(|held| {
            let missing = || Done::Retry("the worker did not say how it ended".to_owned());
            self.end_as(held, done.next().unwrap_or_else(missing))
        });
        join_all(ends).await;
    }

    /// Ends a job as its worker says.
    async fn end_as(&self, held: &Held, done: Done) {
        let Held { job, lease } = held;
        let change = match done {
            Done::Committed => return,
            Done::Nothing => lease.finish().await,
            Done::Retry(reason) => {
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

    /// Lets a job that was not waited for come due at once. If its worker has committed its end, the lease is lost.
    async fn hand_back(&self, Held { job, lease }: &Held) {
        let change = lease.put_off(self.0.clock.now().max(job.due_at)).await;
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
}

fn next_look(desks: &[Desk]) -> Instant {
    let looks = desks.iter().map(Desk::look_at);
    looks.min().unwrap_or_else(Instant::now)
}

/// A number from 0 to 1 that differs between jobs, so that jobs that failed together do not come
/// back together.
fn spread(key: i64) -> f64 {
    (key.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64
}
