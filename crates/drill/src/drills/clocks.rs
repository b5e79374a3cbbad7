//! Nodes whose clocks jump and disagree, in one process on the real engines: jobs are claimed twice, and
//! still each is committed once.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use waybill_drill::{Database, folder};
use waybill_model::{EventId, OrganizationId, TrackingKey};
use waybill_storage::{
    Claim, Commit, Conflict, EventKind, Job, JobChange, NewEvent, NewJob, Storage, WriteSet,
};

use crate::{Drill, Ended, random::Random};

const KIND: &str = "drill";
const NODES: usize = 3;
const JOBS: u64 = 100;
/// What nodes do in a round, in all.
const STEPS: u32 = 1_500;
const MOST_ROUNDS: u32 = 5;
/// 2026-10-01: where the clocks begin.
const BEGINNING: i64 = 1_790_812_800;
const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// A node with a clock of its own and what it has claimed.
struct Node {
    now: Timestamp,
    held: Vec<Job>,
}

/// Whatever the clocks do, each job's event is there once, and the events have no gaps.
pub fn run(drill: &mut Drill) -> Ended {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut lost = 0;
    let rounds = drill.rounds.min(MOST_ROUNDS);
    for _ in 0..rounds {
        let folder = folder();
        for database in [Database::file(folder.path()), Database::postgres()] {
            lost += runtime.block_on(async {
                let storage = database.open().await;
                round(&storage, &mut drill.random).await
            });
        }
    }
    Ended::Held(format!(
        "{rounds} rounds on each engine, {JOBS} jobs each, {lost} commits refused for a lost lease"
    ))
}

async fn round(storage: &Arc<dyn Storage>, random: &mut Random) -> u64 {
    let begin = Timestamp::from_second(BEGINNING).unwrap();
    for number in 0..JOBS {
        let job = NewJob {
            kind: KIND,
            due_at: begin,
            payload: number.to_string(),
        };
        storage
            .commit(WriteSet::new(organization()).job(JobChange::Add(job)))
            .await
            .unwrap();
    }
    let mut nodes: Vec<Node> = (0..NODES)
        .map(|_| Node {
            now: begin,
            held: Vec::new(),
        })
        .collect();
    let mut lost = 0;
    for _ in 0..STEPS {
        let node = &mut nodes[random.below(NODES as u64) as usize];
        match random.below(12) {
            0..=3 => node.claim(storage.as_ref(), random.below(8) as usize).await,
            4..=6 => lost += u64::from(!node.finish(storage.as_ref(), random).await),
            7 => node.renew(storage.as_ref()).await,
            // It dies, and another comes.
            8 => node.held.clear(),
            9 => {
                let jump = random.below(7_200) as i64 - 3_600;
                node.now += SignedDuration::from_secs(jump);
            }
            _ => {
                for node in &mut nodes {
                    node.now += SignedDuration::from_secs(1);
                }
            }
        }
    }
    // All clocks are right again, and a node does the rest.
    let node = &mut nodes[0];
    node.now = begin + SignedDuration::from_hours(24 * 30);
    node.held.clear();
    loop {
        node.claim(storage.as_ref(), 100).await;
        if node.held.is_empty() {
            break;
        }
        while !node.held.is_empty() {
            assert!(node.finish(storage.as_ref(), random).await);
        }
    }
    check(storage.as_ref()).await;
    lost
}

impl Node {
    async fn claim(&mut self, storage: &dyn Storage, limit: usize) {
        let claim = Claim {
            kinds: vec![KIND],
            now: self.now,
            lease_until: self.now + LEASE,
            limit,
        };
        self.held.extend(storage.claim(claim).await.unwrap());
    }

    /// Commits the event of a job with its end, unless the lease was lost.
    async fn finish(&mut self, storage: &dyn Storage, random: &mut Random) -> bool {
        if self.held.is_empty() {
            return true;
        }
        let place = random.below(self.held.len() as u64) as usize;
        let job = self.held.swap_remove(place);
        let mut set = WriteSet::new(organization()).job(JobChange::Finish(job.handle));
        set.events.push(event(&job, self.now));
        match storage.commit(set).await.unwrap() {
            Commit::Applied { .. } => true,
            Commit::Conflict(conflict) => {
                assert_eq!(conflict, Conflict::LeaseLost);
                false
            }
        }
    }

    async fn renew(&mut self, storage: &dyn Storage) {
        let handles = self.held.iter().map(|job| job.handle).collect();
        let renewed = storage.renew(handles, self.now + LEASE).await.unwrap();
        let renewed: BTreeMap<i64, _> = renewed.iter().map(|(old, new)| (old.key, *new)).collect();
        self.held
            .retain_mut(|job| match renewed.get(&job.handle.key) {
                Some(new) => {
                    job.handle = *new;
                    true
                }
                None => false,
            });
    }
}

async fn check(storage: &dyn Storage) {
    let events = storage
        .events_after(organization(), 0, 10 * JOBS as usize)
        .await
        .unwrap();
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=JOBS).collect::<Vec<_>>());
    let mut times: BTreeMap<EventId, u32> = BTreeMap::new();
    for event in &events {
        *times.entry(event.id).or_default() += 1;
    }
    assert_eq!(times.len(), JOBS as usize, "a job was committed twice");
}

fn organization() -> OrganizationId {
    OrganizationId::parse("00000000000000000000000000000d11").unwrap()
}

fn event(job: &Job, at: Timestamp) -> NewEvent {
    let number: u64 = job.payload.parse().unwrap();
    NewEvent {
        id: EventId::parse(&format!("{number:032x}")).unwrap(),
        kind: EventKind::TrackingEdited,
        tracking: TrackingKey::parse(&format!("{number:032x}")).unwrap(),
        tag: None,
        at,
        body: "{}".to_owned(),
        deliver_to: Vec::new(),
    }
}
