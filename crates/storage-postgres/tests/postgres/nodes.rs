//! Several nodes on one database.

use std::{collections::HashSet, sync::Arc};

use jiff::SignedDuration;
use waybill_storage::{
    Claim, Commit, Conflict, JobChange, Put, Storage, TrackingFilter, TrackingRow, WriteSet,
};
use waybill_storage_postgres::PostgresStorage;

use crate::{
    fixtures::{BEGINNING, create, event, key, organization, tracking},
    server,
};

async fn nodes(count: usize) -> Vec<Arc<PostgresStorage>> {
    let url = server::migrated().await;
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(Arc::new(PostgresStorage::connect(&url).await.unwrap()));
    }
    nodes
}

fn claim(limit: usize) -> Claim {
    Claim {
        kinds: vec!["poll"],
        now: BEGINNING + SignedDuration::from_hours(1),
        lease_until: BEGINNING + SignedDuration::from_hours(2),
        limit,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sequences_have_no_gaps_whoever_writes() {
    const SETS: u64 = 150;
    let nodes = nodes(3).await;
    let mut writers = tokio::task::JoinSet::new();
    for (node, storage) in (0..).zip(&nodes) {
        for number in 0..SETS {
            let storage = storage.clone();
            writers.spawn(async move {
                let set = create(organization(1), node * SETS + number);
                assert!(matches!(
                    storage.commit(set).await.unwrap(),
                    Commit::Applied { .. }
                ));
            });
        }
    }
    // Whoever reads on after what it has seen misses nothing, whenever and wherever it looks.
    let (mut seen, mut looks) = (0, 0);
    while seen < 3 * SETS {
        let reader = &nodes[looks % 3];
        looks += 1;
        for row in reader
            .events_after(organization(1), seen, 50)
            .await
            .unwrap()
        {
            assert_eq!(row.sequence, seen + 1);
            seen = row.sequence;
        }
    }
    writers.join_all().await;
    let all = TrackingFilter::default();
    let count = nodes[0]
        .count_trackings(organization(1), &all, BEGINNING)
        .await;
    assert_eq!(count.unwrap(), 3 * SETS);
}

/// Sets that want the same rows in opposite orders, from nodes that know nothing of each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_in_each_others_way_try_again() {
    const ROUNDS: usize = 40;
    let nodes = nodes(2).await;
    for number in [1, 2] {
        nodes[0]
            .commit(create(organization(1), number))
            .await
            .unwrap();
    }
    let mut writers = tokio::task::JoinSet::new();
    for (storage, order) in nodes.iter().zip([[1, 2], [2, 1]]) {
        let storage = storage.clone();
        writers.spawn(async move {
            let (mut applied, mut tries) = (0, 0);
            while applied < ROUNDS {
                tries += 1;
                assert!(tries < 100 * ROUNDS, "never gets its turn");
                let mut set = WriteSet::new(organization(1));
                for number in order {
                    let row = storage
                        .tracking(organization(1), key(number))
                        .await
                        .unwrap();
                    set.put.push(Put::Tracking(Box::new(row.unwrap())));
                }
                set.events.push(event(1));
                match storage.commit(set).await.unwrap() {
                    Commit::Applied { .. } => applied += 1,
                    Commit::Conflict(conflict) => assert_eq!(conflict, Conflict::Changed),
                }
            }
        });
    }
    writers.join_all().await;
    for number in [1, 2] {
        let row: TrackingRow = nodes[1]
            .tracking(organization(1), key(number))
            .await
            .unwrap()
            .unwrap();
        let expected = TrackingRow {
            revision: 1 + 2 * ROUNDS as u64,
            ..tracking(organization(1), number)
        };
        assert_eq!(row, expected);
    }
}

/// Ten of each node fight for each number, all in full batches.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_has_one_winner_over_all_nodes() {
    let nodes = nodes(2).await;
    let mut writers = tokio::task::JoinSet::new();
    for (node, storage) in (0..).zip(&nodes) {
        for number in 0..200_u64 {
            let storage = storage.clone();
            writers.spawn(async move {
                let mut set = create(organization(1), 1 + node * 1_000 + number);
                for put in &mut set.put {
                    if let Put::Name(row) = put {
                        row.name = waybill_storage::Name::OwnId(format!("shared {}", number / 10));
                    }
                }
                matches!(storage.commit(set).await.unwrap(), Commit::Applied { .. })
            });
        }
    }
    let applied = writers.join_all().await;
    assert_eq!(applied.iter().filter(|applied| **applied).count(), 20);
    let events = nodes[0]
        .events_after(organization(1), 0, 1_000)
        .await
        .unwrap();
    assert_eq!(events.last().unwrap().sequence, 20);
    assert_eq!(events.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_the_jobs() {
    const JOBS: u64 = 900;
    let nodes = nodes(3).await;
    for number in 0..JOBS {
        let mut set = WriteSet::new(organization(u128::from(number % 40)));
        set.jobs = create(set.organization, number).jobs;
        nodes[0].commit(set).await.unwrap();
    }
    let mut workers = tokio::task::JoinSet::new();
    for storage in &nodes {
        let storage = storage.clone();
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let jobs = storage.claim(claim(50)).await.unwrap();
                if jobs.is_empty() && storage.next_due(&["poll"]).await.unwrap().is_none() {
                    return done;
                }
                for job in jobs {
                    let finish = WriteSet::new(job.organization).job(JobChange::Finish(job.handle));
                    let commit = storage.commit(finish).await.unwrap();
                    assert_eq!(commit, Commit::Applied { sequence: None });
                    done.push(job.handle.key);
                }
            }
        });
    }
    let done = workers.join_all().await.concat();
    assert_eq!(done.len(), JOBS as usize);
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), JOBS as usize);
}

/// Many organizations wait on many shards: each is served within a few claims, crowds or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_organization_gets_its_turn() {
    let nodes = nodes(1).await;
    let mut waiting = HashSet::new();
    for number in 0..200 {
        let mut set = WriteSet::new(organization(number));
        let jobs = create(set.organization, number as u64).jobs;
        let count = if number < 5 { 300 } else { 1 };
        set.jobs = jobs.into_iter().cycle().take(count).collect();
        nodes[0].commit(set).await.unwrap();
        waiting.insert(organization(number));
    }
    for _ in 0..16 {
        for job in nodes[0].claim(claim(100)).await.unwrap() {
            waiting.remove(&job.organization);
        }
    }
    assert_eq!(waiting, HashSet::new());
}
