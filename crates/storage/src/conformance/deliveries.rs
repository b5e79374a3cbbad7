//! Deliveries: lanes, lists, attempts.

use waybill_model::{DeliveryId, TrackingKey};

use super::{
    Engine,
    fixtures::{
        apply, at, delivery_id, delivery_of, event_id, fresh, key, organization, refuse,
        webhook_id, webhook_of,
    },
};
use crate::{
    Append, Conflict, Delete, DeliveryAttemptRow, DeliveryFilter, DeliveryRow, DeliveryStatus, Put,
    Storage, WriteSet,
};

fn put(row: &DeliveryRow) -> WriteSet {
    WriteSet::new(organization(1)).put(Put::Delivery(Box::new(row.clone())))
}

async fn head(storage: &dyn Storage, webhook: u128, tracking: TrackingKey) -> Option<DeliveryId> {
    let head = storage
        .lane_head(organization(1), webhook_id(webhook), tracking)
        .await
        .unwrap();
    head.map(|row| row.id)
}

pub async fn a_lane_is_first_in_first_out(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    // Made in another order than their sequence.
    for number in [3, 1, 2] {
        apply(
            &*storage,
            put(&delivery_of(organization(1), number, 1, key(1))),
        )
        .await;
    }
    apply(&*storage, put(&delivery_of(organization(1), 4, 1, key(2)))).await;
    apply(&*storage, put(&delivery_of(organization(1), 5, 2, key(1)))).await;
    assert_eq!(head(&*storage, 1, key(1)).await, Some(delivery_id(1)));
    assert_eq!(head(&*storage, 1, key(2)).await, Some(delivery_id(4)));
    assert_eq!(head(&*storage, 2, key(1)).await, Some(delivery_id(5)));
    assert_eq!(head(&*storage, 2, key(2)).await, None);

    // A failed try leaves it at the head.
    let tried = DeliveryRow {
        revision: 1,
        attempts: 1,
        refused_while_healthy: 1,
        last_attempt_at: Some(at(50)),
        next_attempt_at: Some(at(60)),
        ..delivery_of(organization(1), 1, 1, key(1))
    };
    apply(&*storage, put(&tried)).await;
    assert_eq!(refuse(&*storage, put(&tried)).await, Conflict::Changed);
    let stored = storage
        .delivery(organization(1), delivery_id(1))
        .await
        .unwrap();
    assert_eq!(
        stored,
        Some(DeliveryRow {
            revision: 2,
            ..tried.clone()
        })
    );
    assert_eq!(head(&*storage, 1, key(1)).await, Some(delivery_id(1)));

    // It leaves its lane, still pending; the next is delivered; the last dies.
    let left = DeliveryRow {
        revision: 2,
        left_lane: true,
        ..tried
    };
    apply(&*storage, put(&left)).await;
    assert_eq!(head(&*storage, 1, key(1)).await, Some(delivery_id(2)));
    for (number, status, next) in [
        (2, DeliveryStatus::Delivered, Some(delivery_id(3))),
        (3, DeliveryStatus::Dead, None),
    ] {
        let done = DeliveryRow {
            revision: 1,
            status,
            next_attempt_at: None,
            ..delivery_of(organization(1), number, 1, key(1))
        };
        apply(&*storage, put(&done)).await;
        assert_eq!(head(&*storage, 1, key(1)).await, next);
    }

    // A dead one that is replayed is pending again.
    let replayed = DeliveryRow {
        revision: 2,
        ..delivery_of(organization(1), 3, 1, key(1))
    };
    apply(&*storage, put(&replayed)).await;
    assert_eq!(head(&*storage, 1, key(1)).await, Some(delivery_id(3)));
}

pub async fn pending_ones_are_told_oldest_first(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in 1..=9 {
        let row = delivery_of(organization(1), number, 1 + number % 2, key(number as u64));
        apply(&*storage, put(&row)).await;
        let status = if number == 5 {
            DeliveryStatus::Delivered
        } else {
            DeliveryStatus::Pending
        };
        if number % 3 != 0 {
            apply(
                &*storage,
                put(&DeliveryRow {
                    revision: 1,
                    attempts: 1,
                    status,
                    ..row
                }),
            )
            .await;
        }
    }
    // To webhook 2 go 1, 3, 5, 7, 9; of these 1, 5 and 7 were tried, and 5 is delivered.
    let pending = async |tried, limit| {
        let rows = storage
            .pending_deliveries(organization(1), webhook_id(2), tried, limit)
            .await
            .unwrap();
        rows.iter().map(|row| row.sequence).collect::<Vec<_>>()
    };
    assert_eq!(pending(false, 100).await, [1, 3, 7, 9]);
    assert_eq!(pending(false, 3).await, [1, 3, 7]);
    assert_eq!(pending(true, 100).await, [1, 7]);
    assert_eq!(pending(true, 1).await, [1]);
}

pub async fn pages_are_filtered_and_newest_first(engine: &dyn Engine) {
    let storage = engine.fresh(5).await;
    let mut rows = Vec::new();
    for number in 1..=40_u128 {
        let row = DeliveryRow {
            status: DeliveryStatus::ALL[(number % 3) as usize],
            event: event_id(number / 2),
            ..delivery_of(
                organization(1),
                number,
                number % 2,
                key((number % 7) as u64),
            )
        };
        apply(&*storage, put(&row)).await;
        rows.insert(0, DeliveryRow { revision: 1, ..row });
    }
    let all = DeliveryFilter::default;
    let filters = [
        all(),
        DeliveryFilter {
            webhook: Some(webhook_id(1)),
            ..all()
        },
        DeliveryFilter {
            event: Some(event_id(4)),
            ..all()
        },
        DeliveryFilter {
            tracking: Some(key(3)),
            ..all()
        },
        DeliveryFilter {
            status: Some(DeliveryStatus::Dead),
            ..all()
        },
        DeliveryFilter {
            webhook: Some(webhook_id(0)),
            status: Some(DeliveryStatus::Pending),
            ..all()
        },
        DeliveryFilter {
            tracking: Some(key(99)),
            ..all()
        },
    ];
    for filter in filters {
        let fits = |row: &&DeliveryRow| {
            filter.webhook.is_none_or(|webhook| row.webhook == webhook)
                && filter.event.is_none_or(|event| row.event == event)
                && filter
                    .tracking
                    .is_none_or(|tracking| row.tracking == tracking)
                && filter.status.is_none_or(|status| row.status == status)
        };
        let expected: Vec<_> = rows.iter().filter(fits).cloned().collect();
        for limit in [1, 6, 100] {
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let page = storage
                    .deliveries(organization(1), &filter, before, limit)
                    .await
                    .unwrap();
                assert!(page.deliveries.len() <= limit);
                found.extend(page.deliveries);
                match page.next {
                    Some(next) => {
                        assert!(before.is_none_or(|before| next < before));
                        before = Some(next);
                    }
                    None => break,
                }
            }
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

pub async fn attempts_are_told_in_order(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in [1, 2] {
        apply(
            &*storage,
            put(&delivery_of(organization(1), number, 1, key(1))),
        )
        .await;
    }
    let attempt = |number: u128, attempt, status| DeliveryAttemptRow {
        delivery: delivery_id(number),
        attempt,
        at: at(i64::from(attempt)),
        http_status: status,
        latency_ms: 12,
        error: if status == Some(200) {
            String::new()
        } else {
            "refused".to_owned()
        },
        answer: "☃".repeat(300),
    };
    let attempts = [
        attempt(1, 1, None),
        attempt(1, 2, Some(503)),
        attempt(1, 3, Some(200)),
    ];
    for row in attempts
        .iter()
        .chain([&attempt(2, 1, Some(500)), &attempt(3, 1, Some(200))])
    {
        let mut set = WriteSet::new(organization(1));
        set.append.push(Append::DeliveryAttempt(row.clone()));
        apply(&*storage, set).await;
    }
    assert_eq!(
        storage
            .delivery_attempts(organization(1), delivery_id(1))
            .await
            .unwrap(),
        attempts
    );
    // The try of a delivery that is gone is dropped, not refused.
    assert_eq!(
        storage
            .delivery_attempts(organization(1), delivery_id(3))
            .await
            .unwrap(),
        []
    );
}

pub async fn a_deleted_webhook_takes_its_pending_deliveries(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for number in [1, 2] {
        let webhook = webhook_of(organization(1), number);
        apply(
            &*storage,
            WriteSet::new(organization(1)).put(Put::Webhook(Box::new(webhook))),
        )
        .await;
    }
    let delivered = DeliveryRow {
        status: DeliveryStatus::Delivered,
        ..delivery_of(organization(1), 1, 1, key(1))
    };
    apply(&*storage, put(&delivered)).await;
    apply(&*storage, put(&delivery_of(organization(1), 2, 1, key(1)))).await;
    apply(&*storage, put(&delivery_of(organization(1), 3, 2, key(1)))).await;
    let mut set = WriteSet::new(organization(1));
    set.delete.push(Delete::Webhook(webhook_id(1)));
    set.delete.push(Delete::Webhook(webhook_id(9)));
    apply(&*storage, set).await;
    assert_eq!(
        storage
            .webhook(organization(1), webhook_id(1))
            .await
            .unwrap(),
        None
    );
    assert_eq!(storage.webhooks(organization(1)).await.unwrap().len(), 1);
    assert_eq!(
        storage
            .delivery(organization(1), delivery_id(2))
            .await
            .unwrap(),
        None
    );
    assert!(
        storage
            .delivery(organization(1), delivery_id(1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        storage
            .delivery(organization(1), delivery_id(3))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(head(&*storage, 1, key(1)).await, None);
}
