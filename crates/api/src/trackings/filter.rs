//! Which trackings a list is about.

use jiff::{SignedDuration, Timestamp};
use waybill_model::{CountryCode, CourierSlug, Tag, TrackingNumber};
use waybill_storage::{Keyword, TrackingFilter};
use waybill_versions::{Problem, requests::to_country};

use crate::{LIST_WINDOW_DAYS, MAX_FILTER_ITEMS, MAX_KEYWORD, MAX_LISTED_NUMBERS, query::Query};

/// The parameters that say which list it is.
pub(super) const CONDITIONS: &[&str] = &[
    "keyword",
    "tracking_numbers",
    "slug",
    "tag",
    "order_id",
    "origin",
    "destination",
    "courier_destination_country_region",
    "shipment_tags",
    "transit_time",
    "return_to_sender",
    "created_at_min",
    "created_at_max",
    "updated_at_min",
    "updated_at_max",
];

/// Reads the conditions. Where neither `created_at_min` nor a number nor an order is given, the
/// list goes back 120 days, as documented; numbers and orders are found however old they are.
pub(super) fn read(query: &Query, now: Timestamp) -> Result<TrackingFilter, Problem> {
    let text = |item: &str| Ok(item.to_owned());
    let mut filter = TrackingFilter {
        numbers: query.list("tracking_numbers", MAX_LISTED_NUMBERS, number)?,
        keyword: keyword(query)?,
        slugs: query.list("slug", MAX_FILTER_ITEMS, slug)?,
        tags: query.list("tag", MAX_FILTER_ITEMS, tag)?,
        order_ids: query.list("order_id", MAX_FILTER_ITEMS, text)?,
        origins: countries(query, "origin")?,
        destinations: countries(query, "destination")?,
        courier_destinations: countries(query, "courier_destination_country_region")?,
        shipment_tags: query.list("shipment_tags", MAX_FILTER_ITEMS, text)?,
        transit_time: query.integer("transit_time")?,
        return_to_sender: query.boolean("return_to_sender")?,
        created_at_min: query.moment("created_at_min", false)?,
        created_at_max: query.moment("created_at_max", true)?,
        updated_at_min: query.moment("updated_at_min", false)?,
        updated_at_max: query.moment("updated_at_max", true)?,
    };
    if filter.created_at_min.is_none() && filter.numbers.is_empty() && filter.order_ids.is_empty() {
        let window = SignedDuration::from_hours(LIST_WINDOW_DAYS * 24);
        filter.created_at_min = now.checked_sub(window).ok();
    }
    Ok(filter)
}

fn keyword(query: &Query) -> Result<Option<Keyword>, Problem> {
    let Some(text) = query.text("keyword")? else {
        return Ok(None);
    };
    if text.chars().count() > MAX_KEYWORD {
        let mend = format!("It has {MAX_KEYWORD} characters at most.");
        return Err(Problem::invalid("keyword", &mend));
    }
    waybill_service::keyword(&text).map(Some)
}

fn number(item: &str) -> Result<String, Problem> {
    let number = TrackingNumber::parse(item).map_err(|_| {
        let mend = "A number has 4 to 100 letters A to Z, digits and `-` `.` `_` `/`.";
        Problem::invalid("tracking_numbers", mend)
    })?;
    Ok(number.as_str().to_owned())
}

/// A slug by its form; that no courier has it is no fault of a filter.
fn slug(item: &str) -> Result<CourierSlug, Problem> {
    CourierSlug::parse(item).ok_or_else(|| {
        Problem::invalid("slug", "A slug has lower-case letters, digits and hyphens.")
    })
}

fn tag(item: &str) -> Result<Tag, Problem> {
    Tag::parse(item).ok_or_else(|| {
        let words: Vec<&str> = Tag::ALL.iter().map(|tag| tag.as_str()).collect();
        Problem::invalid("tag", &format!("It is one of {}.", words.join(", ")))
    })
}

fn countries(query: &Query, name: &str) -> Result<Vec<CountryCode>, Problem> {
    query.list(name, MAX_FILTER_ITEMS, |item| to_country(item, &name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &Query, now: Timestamp) -> Result<TrackingFilter, Problem> {
        super::read(query, now)
    }

    fn now() -> Timestamp {
        "2026-07-01T00:00:00Z".parse().expect("a time")
    }

    #[test]
    fn conditions_are_read() {
        let raw = "tracking_numbers=abc1,%20abc2&slug=ups,no-such&tag=Delivered,Pending&origin=deu\
            &order_id=7&shipment_tags=a,b&transit_time=3&return_to_sender=true\
            &updated_at_max=2026-06-30&destination=USA,FRA&unknown=%ff&created_at_min=";
        let filter = read(&Query::new(raw), now()).expect("good");
        assert_eq!(filter.numbers, ["ABC1", "ABC2"]);
        assert_eq!(filter.slugs.len(), 2);
        assert_eq!(filter.tags, [Tag::Delivered, Tag::Pending]);
        assert_eq!(
            (filter.transit_time, filter.return_to_sender),
            (Some(3), Some(true))
        );
        assert_eq!(filter.destinations.len(), 2);
        assert_eq!(filter.created_at_min, None, "numbers are found however old");
        assert!(filter.updated_at_max.is_some());
    }

    #[test]
    fn a_list_goes_back_120_days() {
        let min = |raw: &str| read(&Query::new(raw), now()).expect("good").created_at_min;
        let window: Timestamp = "2026-03-03T00:00:00Z".parse().expect("a time");
        assert_eq!(min(""), Some(window));
        assert_eq!(min("tag=Delivered"), Some(window));
        assert_eq!(min("order_id=7"), None);
        let given = "2020-01-01T00:00:00Z".parse().ok();
        assert_eq!(min("created_at_min=2020-01-01"), given);
    }

    #[test]
    fn wrong_conditions_are_refused_by_name() {
        let long = "x".repeat(201);
        let many = vec!["ABCD"; 51].join(",");
        for (name, value) in [
            ("tag", "delivered"),
            ("slug", "UPS"),
            ("origin", "DE"),
            ("destination", "XXX"),
            ("courier_destination_country_region", "Germany"),
            ("transit_time", "soon"),
            ("return_to_sender", "1"),
            ("created_at_min", "yesterday"),
            ("created_at_max", "2026-01-01T00:00:00+00:00"),
            ("updated_at_min", "x"),
            ("updated_at_max", "x"),
            ("keyword", "1 2 3 4 5 6 7 8 9 10 11"),
            ("keyword", long.as_str()),
            ("tracking_numbers", "a!bcd"),
            ("tracking_numbers", many.as_str()),
        ] {
            let problem =
                read(&Query::new(&format!("{name}={value}")), now()).expect_err("refused");
            assert_eq!(problem.code.entry().meta_code, 4008);
            assert!(
                problem.message.contains(&format!("`{name}`")),
                "{}",
                problem.message
            );
        }
    }
}
