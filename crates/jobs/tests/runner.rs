//! The runner on a real engine under a clock that stands still until it is moved.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use waybill_jobs::{Done, Held, Runner, Schedule, Wake, Worker};
use waybill_model::{Clock, FakeClock, OrganizationId};
use waybill_storage::{Claim, Commit, Conflict, Job, JobChange, NewJob, Storage, WriteSet};
use waybill_storage_sqlite::SqliteStorage;

const KIND: &str = "count";

struct Bench {
    storage: Arc<dyn Storage>,
    clock: Arc<FakeClock>,
    organization: OrganizationId,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = SqliteStorage::open(&folder.path().join("jobs.db")).expect("a database");
        Self {
            storage: Arc::new(storage),
            clock: Arc::new(FakeClock::new(
                Timestamp::from_second(1_790_000_000).expect("an instant"),
            )),
            organization: OrganizationId::from_uuid(uuid::Uuid::from_u128(1)),
            _folder: folder,
        }
    }

    async fn add(&self, payload: &str) {
        let job = NewJob {
            kind: KIND,
            due_at: self.clock.now(),
            payload: payload.to_owned(),
        };
        let set = WriteSet::new(self.organization).job(JobChange::Add(job));
        let commit = self.storage.commit(set).await.expect("a commit");
        assert!(matches!(commit, Commit::Applied { .. }));
    }

    fn runner(&self, worker: Counting) -> Runner {
        Runner::builder(self.storage.clone(), self.clock.clone(), Wake::default())
            .worker(worker)
            .build()
    }
}

/// Counts its runs and ends them as it is told.
struct Counting {
    runs: Arc<AtomicUsize>,
    done: fn(&Job) -> Done,
}

#[async_trait]
impl Worker for Counting {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn concurrency(&self) -> usize {
        8
    }

    async fn run(&self, Held { job, .. }: &Held) -> Done {
        self.runs.fetch_add(1, Ordering::SeqCst);
        (self.done)(job)
    }
}

fn counting(done: fn(&Job) -> Done) -> (Counting, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let worker = Counting {
        runs: runs.clone(),
        done,
    };
    (worker, runs)
}

#[tokio::test]
async fn a_job_with_nothing_to_do_ends() {
    let bench = Bench::new();
    for payload in ["a", "b", "c"] {
        bench.add(payload).await;
    }
    let (worker, runs) = counting(|_| Done::Nothing);
    let runner = bench.runner(worker);
    assert_eq!(runner.run_due().await, 3);
    bench.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(runner.run_due().await, 0);
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_cannot_be_done_comes_due_later_and_later() {
    let bench = Bench::new();
    bench.add("stubborn").await;
    let (worker, _) = counting(|job| {
        if job.attempt < 4 {
            Done::Retry("not yet".to_owned())
        } else {
            Done::Nothing
        }
    });
    let runner = bench.runner(worker);
    let mut waits = Vec::new();
    let mut last = bench.clock.now();
    while waits.len() < 5 {
        if runner.run_due().await == 1 {
            waits.push(bench.clock.now().duration_since(last).as_secs());
            last = bench.clock.now();
        }
        bench.clock.advance(SignedDuration::from_secs(1));
    }
    assert!(
        waits[1..].windows(2).all(|pair| pair[0] < pair[1]),
        "{waits:?}"
    );
    assert_eq!(bench.storage.next_due(&[KIND]).await.expect("a look"), None);
}

#[tokio::test]
async fn a_worker_that_breaks_leaves_its_job_to_the_end_of_the_lease() {
    let bench = Bench::new();
    bench.add("fragile").await;
    // A process that died: the job is claimed and nobody works on it.
    let now = bench.clock.now();
    let claim = Claim {
        kinds: vec![KIND],
        now,
        lease_until: now + SignedDuration::from_secs(10),
        limit: 10,
    };
    let dead = bench.storage.claim(claim).await.expect("a claim");
    assert_eq!(dead.len(), 1);

    let (worker, runs) = counting(|_| Done::Nothing);
    let runner = bench.runner(worker);
    assert_eq!(runner.run_due().await, 0, "the lease holds");
    bench.clock.advance(SignedDuration::from_secs(11));
    assert_eq!(runner.run_due().await, 1, "the lease has ended");
    assert_eq!(runs.load(Ordering::SeqCst), 1);

    // The dead process wakes: what it commits with its old lease is refused as a whole.
    let set = WriteSet::new(bench.organization)
        .job(JobChange::Finish(dead[0].handle))
        .job(JobChange::Add(NewJob {
            kind: KIND,
            due_at: bench.clock.now(),
            payload: "ghost".to_owned(),
        }));
    let commit = bench.storage.commit(set).await.expect("an answer");
    assert_eq!(commit, Commit::Conflict(Conflict::LeaseLost));
    assert_eq!(runner.run_due().await, 0, "no ghost was added");
}

/// Works until it is let go, then ends its job in a commit of its own.
struct Slow {
    storage: Arc<dyn Storage>,
    begun: Arc<Notify>,
    let_go: Arc<Notify>,
}

#[async_trait]
impl Worker for Slow {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn concurrency(&self) -> usize {
        8
    }

    async fn run(&self, Held { job, lease }: &Held) -> Done {
        self.begun.notify_one();
        self.let_go.notified().await;
        let set = WriteSet::new(job.organization).job(lease.finish().await);
        match self.storage.commit(set).await {
            Ok(Commit::Applied { .. }) => Done::Committed,
            other => panic!("{other:?}"),
        }
    }
}

/// A runner with one slow job under way, and how it is stopped.
struct SlowJob {
    let_go: Arc<Notify>,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
}

impl SlowJob {
    async fn begin(bench: &Bench) -> Self {
        bench.add("slow").await;
        let (begun, let_go) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let worker = Slow {
            storage: bench.storage.clone(),
            begun: begun.clone(),
            let_go: let_go.clone(),
        };
        let runner = Runner::builder(bench.storage.clone(), bench.clock.clone(), Wake::default())
            .worker(worker)
            .build();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let running = tokio::spawn(async move { runner.run(stopped).await });
        begun.notified().await;
        Self {
            let_go,
            stop,
            running,
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.expect("a runner that stops");
    }
}

// Time is paused: it goes on by itself whenever there is nothing to do but to wait.
#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_its_job_is_under_way() {
    let bench = Bench::new();
    let job = SlowJob::begin(&bench).await;
    let next_due = async || bench.storage.next_due(&[KIND]).await.expect("a look");
    for _ in 0..3 {
        bench.clock.advance(SignedDuration::from_secs(9));
        let renewed = Some(bench.clock.now() + SignedDuration::from_secs(10));
        let mut turns = 0..1_000;
        while next_due().await != renewed {
            turns.next().expect("a renewal");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    job.let_go.notify_one();
    let mut turns = 0..1_000;
    while next_due().await.is_some() {
        turns
            .next()
            .expect("an end by the lease that was renewed last");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    job.end().await;
}

#[tokio::test(start_paused = true)]
async fn at_a_stop_what_does_not_end_is_handed_back() {
    let bench = Bench::new();
    SlowJob::begin(&bench).await.end().await;
    let (worker, runs) = counting(|_| Done::Nothing);
    assert_eq!(bench.runner(worker).run_due().await, 1, "it is due at once");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

struct Ticking(Arc<AtomicUsize>);

#[async_trait]
impl Schedule for Ticking {
    fn name(&self) -> &'static str {
        "ticking"
    }

    fn every(&self) -> SignedDuration {
        SignedDuration::from_mins(5)
    }

    async fn run(&self, _now: Timestamp) -> Result<(), String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn a_schedule_runs_once_over_all_nodes() {
    let bench = Bench::new();
    let ticks = Arc::new(AtomicUsize::new(0));
    let nodes: Vec<Runner> = (0..3)
        .map(|_| {
            Runner::builder(bench.storage.clone(), bench.clock.clone(), Wake::default())
                .schedule(Ticking(ticks.clone()))
                .build()
        })
        .collect();
    for turn in 1..=4 {
        for node in &nodes {
            node.take_turns().await;
        }
        assert_eq!(ticks.load(Ordering::SeqCst), turn);
        bench.clock.advance(SignedDuration::from_mins(5));
    }
}
