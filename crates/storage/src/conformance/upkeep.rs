//! Upkeep: sweeping, backups, readiness.

use jiff::Timestamp;

use super::{
    Engine,
    fixtures::{
        api_key_of, apply, at, attempt_of, create, delivery_id, delivery_of, event, fresh, key,
        once_of, organization, tracking, webhook_id, webhook_of,
    },
};
use crate::{
    Append, DeliveryAttemptRow, DeliveryFilter, DeliveryRow, DeliveryStatus, NewDelivery, NewEvent,
    OnceRow, PollAttemptRow, Put, Storage, SweepBorders, TrackingFilter, WriteSet,
};

/// Engines may keep what is old for a week more.
pub(super) fn fortnight(number: i64) -> Timestamp {
    at(number * 14 * 86_400)
}

fn borders(poll_attempts: i64, events: i64, deliveries: i64) -> SweepBorders {
    SweepBorders {
        poll_attempts: fortnight(poll_attempts),
        events: fortnight(events),
        deliveries: fortnight(deliveries),
        once: at(0),
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

/// Twenty fortnights of work on one tracking: an attempt and an event each; the deliveries of even
/// ones are done after one try, that of the third stays pending.
async fn work(storage: &dyn Storage) {
    let row = tracking(1);
    let webhook = webhook_of(organization(1), 1);
    apply(storage, create(&row).put(Put::Webhook(Box::new(webhook)))).await;
    for number in 1..=20 {
        let now = fortnight(number);
        let id = number as u128;
        let mut set = WriteSet::new(organization(1));
        set.append.push(Append::PollAttempt(PollAttemptRow {
            at: now,
            ..attempt_of(&row, 0, 0)
        }));
        if number % 2 == 0 {
            let delivery = DeliveryRow {
                status: DeliveryStatus::Delivered,
                created_at: now,
                ..delivery_of(organization(1), id, 1, key(1))
            };
            set.put.push(Put::Delivery(Box::new(delivery)));
            set.append.push(Append::DeliveryAttempt(DeliveryAttemptRow {
                delivery: delivery_id(id),
                attempt: 1,
                at: now,
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
        let deliver_to: &[NewDelivery] = if number == 3 { &pending } else { &[] };
        set.events.push(NewEvent {
            at: now,
            ..event(id, key(1), deliver_to)
        });
        apply(storage, set).await;
    }
}

/// How many attempts and deliveries there are, and which events.
async fn census(storage: &dyn Storage) -> (usize, usize, Vec<u64>) {
    let all = DeliveryFilter::default();
    let attempts = storage
        .poll_attempts(organization(1), key(1), 100)
        .await
        .unwrap();
    let deliveries = storage
        .deliveries(organization(1), &all, None, 100)
        .await
        .unwrap()
        .deliveries;
    let events = storage.events_after(organization(1), 0, 100).await.unwrap();
    (
        attempts.len(),
        deliveries.len(),
        events.iter().map(|event| event.sequence).collect(),
    )
}

pub async fn old_rows_are_swept(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let storage = &*storage;
    work(storage).await;
    let all: Vec<u64> = (1..=20).collect();
    assert_eq!(sweep_all(storage, &borders(0, 0, 0)).await, 0);
    assert_eq!(census(storage).await, (20, 11, all.clone()));
    sweep_all(storage, &borders(6, 0, 0)).await;
    assert_eq!(census(storage).await, (15, 11, all));
    // An event stays as long as a delivery of it is pending.
    sweep_all(storage, &borders(0, 6, 0)).await;
    let young: Vec<u64> = [3].into_iter().chain(6..=20).collect();
    assert_eq!(census(storage).await, (15, 11, young.clone()));
    sweep_all(storage, &borders(0, 0, 11)).await;
    assert_eq!(census(storage).await, (15, 6, young));
    let attempts = async |number| {
        storage
            .delivery_attempts(organization(1), delivery_id(number))
            .await
            .unwrap()
    };
    assert_eq!((attempts(4).await.len(), attempts(12).await.len()), (0, 1));
    assert!(
        storage
            .delivery(organization(1), delivery_id(1_000))
            .await
            .unwrap()
            .is_some()
    );

    // A new attempt after a sweep of everything is told alone.
    sweep_all(storage, &borders(100, 0, 0)).await;
    let newest = attempt_of(&tracking(1), 0, 2_000);
    let mut set = WriteSet::new(organization(1));
    set.append.push(Append::PollAttempt(newest.clone()));
    apply(storage, set).await;
    assert_eq!(
        storage
            .poll_attempts(organization(1), key(1), 100)
            .await
            .unwrap(),
        [newest]
    );
}

pub async fn what_may_be_done_again_is_swept(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=5 {
        let row = OnceRow {
            expires_at: at(i64::from(number)),
            ..once_of(organization(1), number)
        };
        let set = WriteSet::new(organization(1)).put(Put::Once(Box::new(row)));
        apply(&*storage, set).await;
    }
    let borders = SweepBorders {
        once: at(3),
        ..borders(0, 0, 0)
    };
    assert_eq!(sweep_all(&*storage, &borders).await, 3);
    for number in 1..=5 {
        let row = storage.once(organization(1), &[number; 32]).await.unwrap();
        assert_eq!(row.is_some(), number > 3, "{number}");
    }
}

pub async fn swept_sequences_go_on(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=9 {
        let mut set = WriteSet::new(organization(1 + number % 2));
        set.events.push(event(number, key(1), &[]));
        apply(&*storage, set).await;
    }
    sweep_all(&*storage, &borders(0, 1, 0)).await;
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
