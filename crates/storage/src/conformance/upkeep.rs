//! Upkeep: sweeping, backups, readiness.

use super::{
    Engine,
    fixtures::{
        api_key_of, apply, at, attempt_of, create, delivery_id, delivery_of, event, fresh, key,
        organization, tracking, webhook_id, webhook_of,
    },
};
use crate::{
    Append, DeliveryAttemptRow, DeliveryFilter, DeliveryRow, DeliveryStatus, NewDelivery, Put,
    Storage, SweepBorders, TrackingFilter, WriteSet,
};

fn borders(poll_attempts: i64, events: i64, deliveries: i64) -> SweepBorders {
    SweepBorders {
        poll_attempts: at(poll_attempts),
        events: at(events),
        deliveries: at(deliveries),
    }
}

async fn sweep_all(storage: &dyn Storage, borders: &SweepBorders) -> u64 {
    let mut swept = 0;
    loop {
        let count = storage.sweep(borders, 3).await.unwrap();
        if count == 0 {
            return swept;
        }
        swept += count;
    }
}

pub async fn old_rows_are_swept(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let storage = &*storage;
    let row = tracking(1);
    apply(
        storage,
        create(&row).put(Put::Webhook(Box::new(webhook_of(organization(1), 1)))),
    )
    .await;
    for number in 1..=20 {
        let mut set = WriteSet::new(organization(1));
        set.append
            .push(Append::PollAttempt(attempt_of(&row, 0, number)));
        // The deliveries of even events are done, with an attempt each; that of 3 stays pending.
        if number % 2 == 0 {
            let delivered = DeliveryStatus::Delivered;
            let delivery = DeliveryRow {
                status: delivered,
                ..delivery_of(organization(1), number as u128, 1, key(1))
            };
            set.put.push(Put::Delivery(Box::new(delivery)));
            set.append.push(Append::DeliveryAttempt(DeliveryAttemptRow {
                delivery: delivery_id(number as u128),
                attempt: 1,
                at: at(number),
                http_status: Some(200),
                latency_ms: 1,
                error: String::new(),
                answer: String::new(),
            }));
        }
        let pending = [NewDelivery {
            id: delivery_id(1_000),
            webhook: webhook_id(1),
        }];
        set.events.push(event(
            number as u128,
            key(1),
            if number == 3 { &pending } else { &[] },
        ));
        apply(storage, set).await;
    }
    let attempts = async || {
        storage
            .poll_attempts(organization(1), key(1), 100)
            .await
            .unwrap()
            .len()
    };
    let events = async || {
        let rows = storage.events_after(organization(1), 0, 100).await.unwrap();
        rows.iter().map(|row| row.sequence).collect::<Vec<_>>()
    };
    let deliveries = async || {
        storage
            .deliveries(organization(1), &DeliveryFilter::default(), None, 100)
            .await
            .unwrap()
            .deliveries
            .len()
    };
    assert_eq!(
        (attempts().await, events().await.len(), deliveries().await),
        (20, 20, 11)
    );

    assert_eq!(sweep_all(storage, &borders(0, 0, 0)).await, 0);
    sweep_all(storage, &borders(6, 0, 0)).await;
    assert_eq!(
        (attempts().await, events().await.len(), deliveries().await),
        (15, 20, 11)
    );
    sweep_all(storage, &borders(0, 6, 0)).await;
    assert_eq!((attempts().await, deliveries().await), (15, 11));
    assert_eq!(
        events().await,
        [3].into_iter().chain(6..=20).collect::<Vec<_>>()
    );
    sweep_all(storage, &borders(0, 0, 11)).await;
    assert_eq!(
        (attempts().await, events().await.len(), deliveries().await),
        (15, 16, 6)
    );
    assert_eq!(
        storage
            .delivery_attempts(organization(1), delivery_id(4))
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        storage
            .delivery_attempts(organization(1), delivery_id(12))
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        storage
            .delivery(organization(1), delivery_id(1_000))
            .await
            .unwrap()
            .is_some()
    );

    // A new attempt after a sweep of everything is told alone.
    sweep_all(storage, &borders(1_000, 0, 0)).await;
    let mut set = WriteSet::new(organization(1));
    set.append
        .push(Append::PollAttempt(attempt_of(&row, 0, 2_000)));
    apply(storage, set).await;
    let told = storage
        .poll_attempts(organization(1), key(1), 100)
        .await
        .unwrap();
    assert_eq!(told, [attempt_of(&row, 0, 2_000)]);
}

pub async fn swept_sequences_go_on(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=9 {
        let mut set = WriteSet::new(organization(1 + number % 2));
        set.events.push(event(number, key(1), &[]));
        apply(&*storage, set).await;
    }
    sweep_all(&*storage, &borders(0, 1_000, 0)).await;
    for (number, sequence) in [(1, 5), (2, 6)] {
        let mut set = WriteSet::new(organization(number));
        set.events.push(event(100 + number, key(1), &[]));
        assert_eq!(apply(&*storage, set).await, Some(sequence));
        let newest = storage
            .events_after(organization(number), sequence - 1, 10)
            .await
            .unwrap();
        assert_eq!(newest.len(), 1);
    }
}

pub async fn a_backup_opens_as_a_database(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=50 {
        apply(&*storage, create(&tracking(number))).await;
    }
    let key_row = api_key_of(organization(1), 1);
    apply(
        &*storage,
        WriteSet::new(organization(1)).put(Put::ApiKey(Box::new(key_row.clone()))),
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    if storage.backup(&file).await.is_err() {
        assert!(
            engine.open_backup(&file).await.is_none(),
            "an engine that can open backups makes them"
        );
        return;
    }
    // What comes after is not in it, and it can be made again.
    apply(&*storage, create(&tracking(51))).await;
    let Some(copy) = engine.open_backup(&file).await else {
        return;
    };
    let all = TrackingFilter::default();
    assert_eq!(
        copy.count_trackings(organization(1), &all, at(0))
            .await
            .unwrap(),
        50
    );
    let original = storage.tracking(organization(1), key(7)).await.unwrap();
    assert_eq!(
        copy.tracking(organization(1), key(7)).await.unwrap(),
        original
    );
    assert!(copy.api_key_by_hash(&key_row.hash).await.unwrap().is_some());
    apply(&*copy, create(&tracking(60))).await;
    assert_eq!(
        storage.tracking(organization(1), key(60)).await.unwrap(),
        None
    );
    storage
        .backup(&folder.path().join("again.db"))
        .await
        .unwrap();
    assert!(
        storage
            .backup(&folder.path().join("no such folder/copy.db"))
            .await
            .is_err()
    );
}

pub async fn a_database_is_ready(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    storage.ready().await.unwrap();
    apply(&*storage, create(&tracking(1))).await;
    storage.flush().await.unwrap();
    storage.ready().await.unwrap();
}
