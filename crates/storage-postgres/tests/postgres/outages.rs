//! The server goes away, with and without warning: nothing acknowledged is lost, nothing hangs, and
//! all goes on by itself when it is back.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use waybill_storage::{Commit, Storage};
use waybill_storage_postgres::PostgresStorage;

use crate::{
    fixtures::{create, key, organization},
    server::{self, Server},
};

const WRITERS: u64 = 16;

/// What a writer was told.
#[derive(Default)]
struct Told {
    applied: Vec<u64>,
    unavailable: Vec<u64>,
}

/// Writers that create trackings of four organizations until they are told to stop.
fn write(storage: &Arc<PostgresStorage>, stop: &Arc<AtomicBool>) -> tokio::task::JoinSet<Told> {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (storage, stop) = (storage.clone(), stop.clone());
        writers.spawn(async move {
            let mut told = Told::default();
            let mut number = writer;
            while !stop.load(Ordering::Relaxed) {
                number += WRITERS;
                match storage.commit(create(owner(number), number)).await {
                    Ok(Commit::Applied { .. }) => told.applied.push(number),
                    Ok(Commit::Conflict(conflict)) => panic!("refused: {conflict:?}"),
                    Err(_) => {
                        told.unavailable.push(number);
                        tokio::task::yield_now().await;
                    }
                }
            }
            told
        });
    }
    writers
}

fn owner(number: u64) -> waybill_model::OrganizationId {
    organization(u128::from(number % 4))
}

/// Whatever was acknowledged is there; what was not is there as a whole or not at all.
async fn check(storage: &PostgresStorage, told: &[Told]) {
    let mut whole = 0;
    for number in told.iter().flat_map(|told| &told.applied) {
        let row = storage
            .tracking(owner(*number), key(*number))
            .await
            .unwrap();
        assert!(row.is_some(), "{number} was acknowledged and is lost");
        whole += 1;
    }
    for number in told.iter().flat_map(|told| &told.unavailable) {
        let row = storage
            .tracking(owner(*number), key(*number))
            .await
            .unwrap();
        let names = storage
            .names_of(owner(*number), key(*number))
            .await
            .unwrap();
        assert_eq!(row.is_some(), names.len() == 1);
        whole += usize::from(row.is_some());
    }
    let mut events = 0;
    for number in 0..4 {
        let rows = storage
            .events_after(organization(number), 0, 1_000_000)
            .await
            .unwrap();
        let sequences: Vec<_> = rows.iter().map(|row| row.sequence).collect();
        assert_eq!(sequences, (1..=rows.len() as u64).collect::<Vec<_>>());
        events += rows.len();
    }
    assert_eq!(events, whole);
}

/// Waits until an organization has so many events.
async fn progress(storage: &PostgresStorage, events: usize) {
    loop {
        let rows = storage.events_after(organization(0), 0, events).await;
        if rows.is_ok_and(|rows| rows.len() == events) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_a_crash() {
    let mut server = Server::start();
    let url = server.url("postgres");
    let storage = Arc::new(PostgresStorage::connect(&url).await.unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let writers = write(&storage, &stop);
    progress(&storage, 100).await;
    server.crash();
    stop.store(true, Ordering::Relaxed);
    let told = writers.join_all().await;
    assert!(told.iter().any(|told| !told.unavailable.is_empty()));

    // While it is away everything says so.
    assert!(storage.ready().await.is_err());
    assert!(storage.commit(create(organization(9), 1)).await.is_err());
    assert!(storage.tracking(organization(9), key(1)).await.is_err());
    assert!(storage.next_due(&["poll"]).await.is_err());
    storage.flush().await.unwrap();
    assert!(PostgresStorage::connect(&url).await.is_err());

    server.start_again();
    storage.ready().await.unwrap();
    check(&storage, &told).await;
    let commit = storage.commit(create(organization(9), 1)).await.unwrap();
    assert_eq!(commit, Commit::Applied { sequence: Some(1) });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_lose_nothing() {
    let url = server::migrated().await;
    let storage = Arc::new(PostgresStorage::connect(&url).await.unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let writers = write(&storage, &stop);
    let client = server::client(&url).await;
    for round in 1..=10 {
        progress(&storage, round * 30).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'waybill'";
        client.batch_execute(cut).await.unwrap();
    }
    progress(&storage, 400).await;
    stop.store(true, Ordering::Relaxed);
    let told = writers.join_all().await;
    check(&storage, &told).await;
}

#[tokio::test]
async fn what_was_submitted_is_committed_before_the_end() {
    let url = server::migrated().await;
    let storage = PostgresStorage::connect(&url).await.unwrap();
    let writes = (1..=300).map(|number| storage.commit(create(organization(1), number)));
    let mut writes: Vec<_> = writes.collect();
    // The first poll submits.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for write in &mut writes {
        assert!(write.as_mut().poll(&mut context).is_pending());
    }
    drop(writes);
    storage.flush().await.unwrap();
    drop(storage);
    let storage = PostgresStorage::connect(&url).await.unwrap();
    let rows = storage
        .events_after(organization(1), 0, 1_000)
        .await
        .unwrap();
    assert_eq!(rows.len(), 300);
}
