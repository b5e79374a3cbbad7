//! Events: their order, and the deliveries that begin with them.

use super::{
    Engine,
    fixtures::{
        apply, at, delivery_id, event, event_id, fresh, key, organization, webhook_id, webhook_of,
    },
};
use crate::{
    DeliveryRow, DeliveryStatus, EventKind, EventRow, NewDelivery, NewEvent, Put, WriteSet,
};

/// Writers at once, sets each of them commits, events in a set.
const WRITERS: u128 = 8;
const SETS: u128 = 20;
const EVENTS: u128 = 3;

pub async fn sequences_have_no_gaps_under_concurrent_commits(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let storage = storage.clone();
        writers.spawn(async move {
            let mut last = 0;
            for set_number in 0..SETS {
                let mut set = WriteSet::new(organization(1 + writer % 2));
                for number in 0..EVENTS {
                    set.events.push(event(
                        (writer * SETS + set_number) * EVENTS + number,
                        key(1),
                        &[],
                    ));
                }
                let sequence = apply(&*storage, set).await.unwrap();
                assert!(sequence >= last + EVENTS as u64);
                last = sequence;
            }
        });
    }
    // Whoever reads on after what it has seen misses nothing, whenever it looks.
    let mut seen = 0;
    let total = (WRITERS / 2 * SETS * EVENTS) as u64;
    while seen < total {
        for row in storage
            .events_after(organization(1), seen, 10)
            .await
            .unwrap()
        {
            assert_eq!(row.sequence, seen + 1);
            seen = row.sequence;
        }
        tokio::task::yield_now().await;
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    for number in [1, 2] {
        let rows = storage
            .events_after(organization(number), 0, 10_000)
            .await
            .unwrap();
        let sequences: Vec<_> = rows.iter().map(|row| row.sequence).collect();
        assert_eq!(sequences, (1..=total).collect::<Vec<_>>());
        // The events of a set stand together, in its order.
        for set in rows.chunks(EVENTS as usize) {
            let first = set[0].id.as_uuid().as_u128();
            assert!(
                set.iter()
                    .zip(first..)
                    .all(|(row, id)| row.id.as_uuid().as_u128() == id)
            );
        }
    }
}

pub async fn events_are_read_after_a_number(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let mut expected = Vec::new();
    for (number, kind) in (1..).zip(EventKind::ALL) {
        let new = NewEvent {
            kind,
            tag: None,
            ..event(number, key(number as u64), &[])
        };
        expected.push(EventRow {
            sequence: number as u64,
            id: new.id,
            kind,
            tracking: new.tracking,
            tag: None,
            at: new.at,
            body: new.body.clone(),
        });
        let mut set = WriteSet::new(organization(1));
        set.events.push(new);
        assert_eq!(apply(&*storage, set).await, Some(number as u64));
    }
    assert_eq!(apply(&*storage, WriteSet::new(organization(1))).await, None);
    assert_eq!(
        storage.events_after(organization(1), 0, 100).await.unwrap(),
        expected
    );
    assert_eq!(
        storage.events_after(organization(1), 2, 2).await.unwrap(),
        expected[2..4]
    );
    assert_eq!(
        storage
            .events_after(organization(1), expected.len() as u64, 2)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        storage.event(organization(1), 3).await.unwrap(),
        Some(expected[2].clone())
    );
    let next = expected.len() as u64 + 1;
    assert_eq!(storage.event(organization(1), next).await.unwrap(), None);
}

pub async fn deliveries_begin_with_their_event(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let webhooks = WriteSet::new(organization(1))
        .put(Put::Webhook(Box::new(webhook_of(organization(1), 1))))
        .put(Put::Webhook(Box::new(webhook_of(organization(1), 2))));
    apply(&*storage, webhooks).await;
    let new = [
        NewDelivery {
            id: delivery_id(1),
            webhook: webhook_id(1),
        },
        NewDelivery {
            id: delivery_id(2),
            webhook: webhook_id(2),
        },
    ];
    let mut set = WriteSet::new(organization(1));
    set.events.push(event(1, key(9), &[]));
    set.events.push(event(2, key(9), &new));
    assert_eq!(apply(&*storage, set).await, Some(2));
    for new in new {
        let expected = DeliveryRow {
            organization: organization(1),
            id: new.id,
            revision: 1,
            webhook: new.webhook,
            tracking: key(9),
            sequence: 2,
            event: event_id(2),
            status: DeliveryStatus::Pending,
            attempts: 0,
            refused_while_healthy: 0,
            left_lane: false,
            next_attempt_at: Some(at(2)),
            last_attempt_at: None,
            created_at: at(2),
        };
        assert_eq!(
            storage.delivery(organization(1), new.id).await.unwrap(),
            Some(expected.clone())
        );
        let head = storage
            .lane_head(organization(1), new.webhook, key(9))
            .await
            .unwrap();
        assert_eq!(head, Some(expected));
    }
}
