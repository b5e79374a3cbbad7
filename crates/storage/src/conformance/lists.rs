//! Lists: filters, pages, budgets, counts.

use jiff::Timestamp;
use waybill_model::{OrganizationId, Tag, TrackingKey};

use super::{
    Engine,
    fixtures::{
        apply, at, create, delivery_id, event, fresh, key, number_name, organization, tracking,
        tracking_of, webhook_id, webhook_of,
    },
    population::{NOW, filters, fits, population},
    upkeep::fortnight,
};
use crate::{
    Delete, EventKind, NewDelivery, NewEvent, Put, Storage, SweepBorders, TrackingFilter,
    TrackingRow, WALK_BUDGET_ROWS, WriteSet,
};

async fn populate(storage: &dyn Storage) -> Vec<TrackingRow> {
    let rows = population();
    for (row, other) in rows.iter().zip(1_001..) {
        apply(storage, create(row)).await;
        // The same numbers of another organization must never be seen.
        let other = TrackingRow {
            organization: organization(2),
            key: key(other),
            ..row.clone()
        };
        apply(storage, create(&other)).await;
    }
    rows
}

/// All pages to the end; each must be what its limit allows and the whole in order.
pub(super) async fn read_all(
    storage: &dyn Storage,
    organization: OrganizationId,
    filter: &TrackingFilter,
    limit: usize,
) -> (Vec<TrackingKey>, usize) {
    let (mut keys, mut pages, mut before) = (Vec::new(), 0, None);
    loop {
        let page = storage
            .trackings(organization, filter, before, limit, at(NOW))
            .await
            .unwrap();
        assert!(page.trackings.len() <= limit);
        keys.extend(page.trackings.iter().map(|view| view.key));
        pages += 1;
        assert!(pages <= 10_000, "the pages have no end");
        match page.next {
            Some(next) => {
                assert!(
                    before.is_none_or(|before| next < before),
                    "a page begins where the last one did"
                );
                before = Some(next);
            }
            None => return (keys, pages),
        }
    }
}

pub async fn every_filter_finds_what_it_asks_for(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let rows = populate(&*storage).await;
    for filter in filters() {
        let expected: Vec<_> = rows
            .iter()
            .rev()
            .filter(|row| fits(&filter, row))
            .map(|row| row.key)
            .collect();
        let page = storage
            .trackings(organization(1), &filter, None, 200, at(NOW))
            .await
            .unwrap();
        let keys: Vec<_> = page.trackings.iter().map(|view| view.key).collect();
        assert_eq!((keys, page.next), (expected.clone(), None), "{filter:?}");
        let count = storage
            .count_trackings(organization(1), &filter, at(NOW))
            .await
            .unwrap();
        assert_eq!(count, expected.len() as u64, "{filter:?}");
    }
}

pub async fn pages_have_no_gaps_and_no_repeats(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let rows = populate(&*storage).await;
    for filter in filters() {
        let expected: Vec<_> = rows
            .iter()
            .rev()
            .filter(|row| fits(&filter, row))
            .map(|row| row.key)
            .collect();
        for limit in [1, 7, 50] {
            let (keys, pages) = read_all(&*storage, organization(1), &filter, limit).await;
            assert_eq!(keys, expected, "{filter:?}");
            assert!(
                pages <= expected.len() / limit + 1,
                "{filter:?} took {pages} pages"
            );
        }
    }
}

pub async fn a_page_ends_where_its_budget_does(engine: &dyn Engine) {
    let storage = engine.fresh(10).await;
    let rows = populate(&*storage).await;
    for filter in filters() {
        let expected: Vec<_> = rows
            .iter()
            .rev()
            .filter(|row| fits(&filter, row))
            .map(|row| row.key)
            .collect();
        let (keys, _) = read_all(&*storage, organization(1), &filter, 20).await;
        assert_eq!(keys, expected, "{filter:?}");
    }
    // One in thirteen fits: a page of many comes back short, and says that it is not the end.
    let filter = TrackingFilter {
        return_to_sender: Some(true),
        ..TrackingFilter::default()
    };
    let page = storage
        .trackings(organization(1), &filter, None, 100, at(NOW))
        .await
        .unwrap();
    assert!(page.trackings.len() < 3);
    assert!(page.next.is_some());
}

pub async fn counters_follow_every_change(engine: &dyn Engine) {
    let storage = engine.fresh(WALK_BUDGET_ROWS).await;
    let storage = &*storage;
    let counts = async || {
        let mut counts = Vec::new();
        for tags in [
            vec![],
            vec![Tag::Pending],
            vec![Tag::Delivered],
            vec![Tag::Pending, Tag::Delivered],
        ] {
            let filter = TrackingFilter {
                tags,
                ..TrackingFilter::default()
            };
            counts.push(
                storage
                    .count_trackings(organization(1), &filter, at(0))
                    .await
                    .unwrap(),
            );
        }
        counts
    };
    for number in 1..=5 {
        apply(storage, create(&tracking(number))).await;
        apply(storage, create(&tracking_of(organization(2), number + 10))).await;
    }
    assert_eq!(counts().await, [5, 5, 0, 5]);
    let delivered = TrackingRow {
        revision: 1,
        tag: Tag::Delivered,
        ..tracking(1)
    };
    apply(
        storage,
        WriteSet::new(organization(1)).put(Put::Tracking(Box::new(delivered))),
    )
    .await;
    assert_eq!(counts().await, [5, 4, 1, 5]);
    let mut delete = WriteSet::new(organization(1));
    delete.delete.push(Delete::Tracking {
        key: key(1),
        revision: 2,
    });
    delete.delete.push(Delete::Tracking {
        key: key(2),
        revision: 1,
    });
    apply(storage, delete).await;
    assert_eq!(counts().await, [3, 3, 0, 3]);
}

pub async fn corrected_numbers_are_found_by_each_name(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    apply(&*storage, create(&tracking(1))).await;
    apply(&*storage, create(&tracking(2))).await;
    // The second is called by the first's number, too, with another courier.
    let name = number_name("NUMBER1", "fedex", "", key(2));
    apply(
        &*storage,
        WriteSet::new(organization(1)).put(Put::Name(name)),
    )
    .await;
    let filter = TrackingFilter {
        numbers: vec!["NUMBER1".to_owned(), "NUMBER2".to_owned()],
        ..TrackingFilter::default()
    };
    for limit in [1, 10] {
        let (keys, _) = read_all(&*storage, organization(1), &filter, limit).await;
        assert_eq!(keys, [key(2), key(1)]);
    }
    assert_eq!(
        storage
            .count_trackings(organization(1), &filter, at(0))
            .await
            .unwrap(),
        2
    );
}

/// Each change has an event; the filter must find the same whether the events can tell or not.
pub async fn what_changed_since_is_told_by_the_events(engine: &dyn Engine) {
    for walk_budget in [WALK_BUDGET_ROWS, 15] {
        let storage = engine.fresh(walk_budget).await;
        let storage = &*storage;
        for number in 1..=40 {
            let mut set = create(&tracking(number));
            set.events.push(event(number.into(), key(number), &[]));
            apply(storage, set).await;
        }
        // Much later some change again, one of them twice, one of them for the last time.
        for (place, number) in [7, 30, 7, 12, 33].into_iter().enumerate() {
            changed_again(
                storage,
                number,
                100 + place as u128,
                at(10_000 + place as i64),
            )
            .await;
        }
        let revision = stored(storage, 33).await.revision;
        let mut set = WriteSet::new(organization(1));
        let gone = key(33);
        set.delete.push(Delete::Tracking {
            key: gone,
            revision,
        });
        set.events.push(NewEvent {
            at: at(10_009),
            kind: EventKind::TrackingDeleted,
            ..event(199, gone, &[])
        });
        apply(storage, set).await;
        // A sample says nothing of a tracking.
        let mut set = WriteSet::new(organization(1));
        set.events.push(NewEvent {
            at: at(10_010),
            kind: EventKind::WebhookSample,
            ..event(200, key(20), &[])
        });
        apply(storage, set).await;

        let middle = (10_001, Some(10_002));
        for ((since, until), expected) in [
            ((10_000, None), vec![30, 12, 7]),
            ((10_002, None), vec![12, 7]),
            (middle, vec![30, 7]),
            ((10_004, None), vec![]),
            ((35, None), vec![40, 39, 38, 37, 36, 35, 30, 12, 7]),
            (
                (0, Some(9_999)),
                (1..=40)
                    .rev()
                    .filter(|it| ![7, 12, 30, 33].contains(it))
                    .collect(),
            ),
        ] {
            let filter = TrackingFilter {
                updated_at_min: Some(at(since)),
                updated_at_max: until.map(at),
                ..TrackingFilter::default()
            };
            assert_lists(storage, &filter, &expected).await;
        }
    }
}

/// An event with a delivery under way outlives younger ones: what is between them is not told.
pub async fn what_changed_since_is_found_where_events_were_swept(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let storage = &*storage;
    let webhook = Put::Webhook(Box::new(webhook_of(organization(1), 1)));
    apply(storage, WriteSet::new(organization(1)).put(webhook)).await;
    let pending = [NewDelivery {
        id: delivery_id(1),
        webhook: webhook_id(1),
    }];
    for (number, deliver_to) in [(1, pending.as_slice()), (2, &[])] {
        let row = TrackingRow {
            updated_at: fortnight(number as i64),
            ..tracking(number)
        };
        let mut set = create(&row);
        set.events.push(NewEvent {
            at: row.updated_at,
            ..event(number.into(), row.key, deliver_to)
        });
        apply(storage, set).await;
    }
    changed_again(storage, 1, 3, fortnight(3)).await;
    let nothing = Timestamp::UNIX_EPOCH;
    let borders = SweepBorders {
        poll_attempts: nothing,
        deliveries: nothing,
        once: nothing,
        events: fortnight(3),
    };
    while storage.sweep(&borders, 10).await.unwrap() > 0 {}
    let events = storage.events_after(organization(1), 0, 10).await.unwrap();
    let sequences: Vec<_> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 3], "the second was swept");
    let filter = TrackingFilter {
        updated_at_min: Some(fortnight(2)),
        ..TrackingFilter::default()
    };
    assert_lists(storage, &filter, &[2, 1]).await;
}

async fn stored(storage: &dyn Storage, number: u64) -> TrackingRow {
    let row = storage.tracking(organization(1), key(number)).await;
    row.unwrap().unwrap()
}

async fn changed_again(storage: &dyn Storage, number: u64, event_number: u128, at: Timestamp) {
    let row = TrackingRow {
        updated_at: at,
        ..stored(storage, number).await
    };
    let mut set = WriteSet::new(organization(1)).put(Put::Tracking(Box::new(row)));
    set.events.push(NewEvent {
        at,
        ..event(event_number, key(number), &[])
    });
    apply(storage, set).await;
}

async fn assert_lists(storage: &dyn Storage, filter: &TrackingFilter, expected: &[u64]) {
    let expected: Vec<_> = expected.iter().map(|number| key(*number)).collect();
    for limit in [1, 4, 50] {
        let (keys, _) = read_all(storage, organization(1), filter, limit).await;
        assert_eq!(keys, expected, "{filter:?}");
    }
    let count = storage
        .count_trackings(organization(1), filter, at(NOW))
        .await;
    assert_eq!(count.unwrap(), expected.len() as u64, "{filter:?}");
}

pub async fn totals_are_exact_within_a_time_and_kept_above(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let rows = populate(&*storage).await;
    // Around the minute that keys and times may differ by, too.
    for min in [-1_000, 0, 1, 40, 99, 100, 101, 1_000] {
        for max in [None, Some(50)] {
            for tags in [vec![], vec![Tag::ALL[1]], vec![Tag::ALL[2], Tag::ALL[5]]] {
                let filter = TrackingFilter {
                    tags,
                    created_at_min: Some(at(min)),
                    created_at_max: max.map(at),
                    ..TrackingFilter::default()
                };
                let expected = rows.iter().filter(|row| fits(&filter, row)).count();
                let count = storage
                    .count_trackings(organization(1), &filter, at(NOW))
                    .await;
                assert_eq!(count.unwrap(), expected as u64, "{filter:?}");
            }
        }
    }
}
