//! Opening databases of every kind.

use waybill_storage::{Commit, NameQuery, Put, Storage};
use waybill_storage_postgres::{OpenError, PostgresStorage};

use crate::{
    fixtures::{create, key, organization},
    server,
};

async fn refused(url: &str) -> OpenError {
    match PostgresStorage::connect(url).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_nodes_may_start_at_once() {
    let url = server::empty().await;
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        starts.spawn(async move { PostgresStorage::connect(&url).await.unwrap() });
    }
    for storage in starts.join_all().await {
        storage.ready().await.unwrap();
    }
}

#[tokio::test]
async fn databases_of_others_are_refused_and_left_alone() {
    let url = server::empty().await;
    server::execute(&url, "CREATE TABLE theirs (a int)").await;
    assert!(matches!(refused(&url).await, OpenError::Foreign));
    // Nothing of ours was made: making it would fail now.
    server::execute(&url, "CREATE TABLE schema_version (theirs int)").await;
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let url = server::migrated().await;
    server::execute(&url, "UPDATE schema_version SET version = 9999").await;
    let error = refused(&url).await;
    assert!(
        matches!(error, OpenError::Newer { found: 9999, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let error = refused(&server::not_there()).await;
    assert!(matches!(error, OpenError::Failed(_)), "{error}");
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[tokio::test]
async fn the_master_key_is_made_once() {
    let url = server::migrated().await;
    let first = PostgresStorage::connect(&url).await.unwrap();
    let second = PostgresStorage::connect(&url).await.unwrap();
    assert_eq!(
        first.master_key(&[1; 32]).await.unwrap(),
        (vec![1; 32], true)
    );
    assert_eq!(
        second.master_key(&[2; 32]).await.unwrap(),
        (vec![1; 32], false)
    );
}

/// What PostgreSQL cannot keep is changed or refused, and its neighbours in the batch are not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_texts_harm_nobody() {
    let url = server::migrated().await;
    let storage = std::sync::Arc::new(PostgresStorage::connect(&url).await.unwrap());
    let mut writers = tokio::task::JoinSet::new();
    for number in 1..=100_u64 {
        let storage = storage.clone();
        writers.spawn(async move {
            let mut set = create(organization(1), number);
            for put in &mut set.put {
                match put {
                    Put::Tracking(row) if number % 10 == 1 => {
                        row.order_id = Some("long ".repeat(2_000));
                        row.document = "a\0b".to_owned().into();
                    }
                    // Longer than an entry of an index can be, and not to be compressed.
                    Put::Name(row) if number % 10 == 2 => {
                        let text = (0..20_000_u64).map(|place| {
                            let mixed = (place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                            char::from(33 + (mixed % 90) as u8)
                        });
                        row.name = waybill_storage::Name::OwnId(text.collect());
                    }
                    _ => {}
                }
            }
            (number, storage.commit(set).await)
        });
    }
    for (number, commit) in writers.join_all().await {
        match commit {
            Ok(commit) => assert!(matches!(commit, Commit::Applied { .. })),
            Err(error) => assert_eq!(number % 10, 2, "{error}"),
        }
    }
    let events = storage
        .events_after(organization(1), 0, 1_000)
        .await
        .unwrap();
    assert_eq!(events.len(), 90);
    let row = storage.tracking(organization(1), key(1)).await.unwrap();
    assert_eq!(row.unwrap().document.text().unwrap(), "a\u{fffd}b");
    let odd = NameQuery::OwnId("\0".to_owned());
    let found = storage
        .trackings_named(organization(1), &odd)
        .await
        .unwrap();
    assert_eq!(found, []);
}
