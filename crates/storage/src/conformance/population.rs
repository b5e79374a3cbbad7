//! A hundred trackings, filters over them, and what each filter means.

use jiff::{Timestamp, civil::date};
use waybill_model::{ClockFacts, CountryCode, Tag};

use super::fixtures::{at, slug, sub_status, tracking};
use crate::{TrackingFilter, TrackingRow};

/// The moment lists are read at.
pub const NOW: i64 = 1_000_000;

/// A hundred trackings whose fields follow from their number, in remainders that share no rhythm.
pub fn population() -> Vec<TrackingRow> {
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
pub fn fits(filter: &TrackingFilter, row: &TrackingRow) -> bool {
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

/// Filters of every kind, alone and together.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn filters() -> Vec<TrackingFilter> {
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
