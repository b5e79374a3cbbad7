//! Lists: filters, pages, budgets, counts.

use jiff::{Timestamp, civil::date};
use waybill_model::{ClockFacts, CountryCode, Tag, TrackingKey};

use super::{
    Engine,
    fixtures::{
        apply, at, create, fresh, key, number_name, organization, slug, sub_status, tracking,
        tracking_of,
    },
};
use crate::{Delete, Put, Storage, TrackingFilter, TrackingRow, WALK_BUDGET_ROWS, WriteSet};

const NOW: i64 = 1_000_000;

/// A hundred trackings whose fields follow from their number, in remainders that share no rhythm.
fn population() -> Vec<TrackingRow> {
    let country = |text| CountryCode::parse(text);
    let slugs = ["ups", "fedex", "dhl", "usps", "dpd"];
    (1..=100_u64)
        .map(|number| {
            let tag = Tag::ALL[(number % 7) as usize];
            TrackingRow {
                slug: slug(
                    slugs[if number == 50 {
                        4
                    } else {
                        (number % 4) as usize
                    }],
                ),
                tag,
                sub_status: sub_status(tag),
                order_id: (number % 3 == 0).then(|| format!("order {}", number / 6)),
                origin: (number % 2 == 0).then(|| country("DEU")).flatten(),
                destination: if number % 5 == 0 {
                    country("FRA")
                } else {
                    country("USA")
                },
                courier_destination: (number % 11 == 0).then(|| country("CAN")).flatten(),
                return_to_sender: number % 13 == 0,
                shipment_tags: (0..number % 3).map(|tag| format!("tag {tag}")).collect(),
                updated_at: at((number * 37 % 100 + number) as i64),
                clock: ClockFacts {
                    pickup_day: (number % 4 == 1).then(|| date(2026, 1, 2)),
                    delivery_day: (number % 8 == 1).then(|| date(2026, 1, 2 + (number % 5) as i8)),
                    ..ClockFacts::default()
                },
                ..tracking(number)
            }
        })
        .collect()
}

/// What a filter means, said once more.
fn fits(filter: &TrackingFilter, row: &TrackingRow) -> bool {
    fn any<T: PartialEq>(wanted: &[T], has: Option<&T>) -> bool {
        wanted.is_empty() || has.is_some_and(|has| wanted.contains(has))
    }
    fn within(at: Timestamp, min: Option<Timestamp>, max: Option<Timestamp>) -> bool {
        min.is_none_or(|min| at >= min) && max.is_none_or(|max| at <= max)
    }
    any(&filter.numbers, Some(&row.number))
        && any(&filter.slugs, Some(&row.slug))
        && any(&filter.tags, Some(&row.tag))
        && any(&filter.order_ids, row.order_id.as_ref())
        && any(&filter.origins, row.origin.as_ref())
        && any(&filter.destinations, row.destination.as_ref())
        && any(
            &filter.courier_destinations,
            row.courier_destination.as_ref(),
        )
        && (filter.shipment_tags.is_empty()
            || row
                .shipment_tags
                .iter()
                .any(|tag| filter.shipment_tags.contains(tag)))
        && filter
            .transit_time
            .is_none_or(|days| row.clock.transit_time(at(NOW)) == Some(days))
        && filter
            .return_to_sender
            .is_none_or(|returned| row.return_to_sender == returned)
        && within(row.created_at, filter.created_at_min, filter.created_at_max)
        && within(row.updated_at, filter.updated_at_min, filter.updated_at_max)
}

fn filters() -> Vec<TrackingFilter> {
    let all = TrackingFilter::default;
    let numbers = |numbers: &[u64]| {
        numbers
            .iter()
            .map(|number| format!("NUMBER{number}"))
            .collect::<Vec<_>>()
    };
    let usa = || CountryCode::parse("USA").into_iter().collect::<Vec<_>>();
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    vec![
        all(),
        TrackingFilter {
            numbers: numbers(&[7, 3, 99, 7, 1_000]),
            ..all()
        },
        TrackingFilter {
            numbers: numbers(&[2, 4, 5, 6]),
            slugs: vec![slug("dhl")],
            ..all()
        },
        TrackingFilter {
            slugs: vec![slug("ups")],
            ..all()
        },
        TrackingFilter {
            slugs: vec![slug("dpd"), slug("usps"), slug("dpd")],
            ..all()
        },
        TrackingFilter {
            slugs: vec![slug("gls")],
            ..all()
        },
        TrackingFilter {
            tags: vec![Tag::ALL[3]],
            ..all()
        },
        TrackingFilter {
            tags: vec![Tag::ALL[0], Tag::ALL[5], Tag::ALL[6], Tag::ALL[5]],
            ..all()
        },
        TrackingFilter {
            tags: vec![Tag::Expired],
            ..all()
        },
        TrackingFilter {
            tags: vec![Tag::ALL[2]],
            slugs: vec![slug("fedex"), slug("dhl")],
            ..all()
        },
        TrackingFilter {
            order_ids: texts(&["order 3"]),
            ..all()
        },
        TrackingFilter {
            order_ids: texts(&["order 3", "order 16", "no order"]),
            tags: vec![Tag::ALL[1]],
            ..all()
        },
        TrackingFilter {
            origins: CountryCode::parse("DEU").into_iter().collect(),
            ..all()
        },
        TrackingFilter {
            destinations: usa(),
            slugs: vec![slug("ups")],
            ..all()
        },
        TrackingFilter {
            courier_destinations: CountryCode::parse("CAN").into_iter().collect(),
            ..all()
        },
        TrackingFilter {
            courier_destinations: usa(),
            ..all()
        },
        TrackingFilter {
            shipment_tags: texts(&["tag 1"]),
            ..all()
        },
        TrackingFilter {
            shipment_tags: texts(&["tag 0", "tag 9"]),
            ..all()
        },
        TrackingFilter {
            transit_time: Some(2),
            ..all()
        },
        TrackingFilter {
            transit_time: Some(0),
            tags: Tag::ALL.to_vec(),
            ..all()
        },
        TrackingFilter {
            return_to_sender: Some(true),
            ..all()
        },
        TrackingFilter {
            return_to_sender: Some(false),
            destinations: usa(),
            ..all()
        },
        TrackingFilter {
            created_at_min: Some(at(40)),
            ..all()
        },
        TrackingFilter {
            created_at_max: Some(at(40)),
            ..all()
        },
        TrackingFilter {
            created_at_min: Some(at(40)),
            created_at_max: Some(at(60)),
            ..all()
        },
        TrackingFilter {
            created_at_min: Some(at(60)),
            created_at_max: Some(at(40)),
            ..all()
        },
        TrackingFilter {
            updated_at_min: Some(at(90)),
            ..all()
        },
        TrackingFilter {
            updated_at_min: Some(at(50)),
            updated_at_max: Some(at(90)),
            tags: vec![Tag::ALL[4]],
            ..all()
        },
        TrackingFilter {
            numbers: numbers(&[10, 20, 30]),
            created_at_min: Some(at(15)),
            ..all()
        },
    ]
}

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
async fn read_all(
    storage: &dyn Storage,
    filter: &TrackingFilter,
    limit: usize,
) -> (Vec<TrackingKey>, usize) {
    let (mut keys, mut pages, mut before) = (Vec::new(), 0, None);
    loop {
        let page = storage
            .trackings(organization(1), filter, before, limit, at(NOW))
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
            let (keys, pages) = read_all(&*storage, &filter, limit).await;
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
        let (keys, _) = read_all(&*storage, &filter, 20).await;
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
        let (keys, _) = read_all(&*storage, &filter, limit).await;
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
