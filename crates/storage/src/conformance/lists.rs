//! Lists: filters, pages, budgets, counts.

use waybill_model::{OrganizationId, Tag, TrackingKey};

use super::{
    Engine,
    fixtures::{
        apply, at, create, event, fresh, key, number_name, organization, tracking, tracking_of,
    },
    population::{NOW, filters, fits, population},
};
use crate::{Delete, Put, Storage, TrackingFilter, TrackingRow, WALK_BUDGET_ROWS, WriteSet};

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
        // Much later some change again, one of them twice; another is told about without a change.
        for (place, number) in [7, 30, 7, 12].into_iter().enumerate() {
            let at = at(10_000 + place as i64);
            let row = storage
                .tracking(organization(1), key(number))
                .await
                .unwrap()
                .unwrap();
            let row = TrackingRow {
                updated_at: at,
                ..row
            };
            let mut set = WriteSet::new(organization(1)).put(Put::Tracking(Box::new(row)));
            set.events.push(crate::NewEvent {
                at,
                ..event(100 + place as u128, key(number), &[])
            });
            apply(storage, set).await;
        }
        let mut set = WriteSet::new(organization(1));
        set.events.push(crate::NewEvent {
            at: at(10_010),
            ..event(200, key(20), &[])
        });
        apply(storage, set).await;

        for (since, expected) in [
            (10_000, vec![30, 12, 7]),
            (10_002, vec![12, 7]),
            (10_004, vec![]),
            (35, vec![40, 39, 38, 37, 36, 35, 30, 12, 7]),
        ] {
            let filter = TrackingFilter {
                updated_at_min: Some(at(since)),
                ..TrackingFilter::default()
            };
            let expected: Vec<_> = expected.into_iter().map(key).collect();
            for limit in [1, 4, 50] {
                let (keys, _) = read_all(storage, organization(1), &filter, limit).await;
                assert_eq!(keys, expected, "since {since}");
            }
            let count = storage
                .count_trackings(organization(1), &filter, at(NOW))
                .await;
            assert_eq!(count.unwrap(), expected.len() as u64, "since {since}");
        }
    }
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
