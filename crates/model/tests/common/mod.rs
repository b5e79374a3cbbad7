//! Journey cases: one JSON object a line, with what is known, the checkpoints, and what is expected.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use waybill_model::{
    Checkpoint, CheckpointEvent, CheckpointSource, CountryCode, CourierSlug, Direction, EventTime,
    Journey, JourneyInput, Mark, Promise, SubStatus, Zone, derive,
};

/// One case.
pub struct Case {
    pub name: String,
    pub checkpoints: Vec<Checkpoint>,
    pub expect: Map<String, Value>,
    given: Given,
}

struct Given {
    now: Timestamp,
    created_at: Timestamp,
    slug: CourierSlug,
    last_mile_slug: Option<CourierSlug>,
    order_date: Option<Timestamp>,
    ship_date: Option<jiff::civil::Date>,
    destination_city: Option<String>,
    destination_country: Option<CountryCode>,
    destination_zone: Option<Zone>,
    direction: Option<Direction>,
    package_count: Option<u32>,
    marks: Vec<Mark>,
    polled_at: Option<Timestamp>,
    first_promise: Option<Promise>,
    latest_promise: Option<Promise>,
}

impl Case {
    /// The input of `derive`.
    pub fn input(&self) -> JourneyInput<'_> {
        let given = &self.given;
        JourneyInput {
            now: given.now,
            created_at: given.created_at,
            slug: &given.slug,
            last_mile_slug: given.last_mile_slug.as_ref(),
            order_date: given.order_date,
            ship_date: given.ship_date,
            destination_city: given.destination_city.as_deref(),
            destination_country: given.destination_country,
            destination_zone: given.destination_zone.as_ref(),
            direction: given.direction,
            package_count: given.package_count,
            marks: &given.marks,
            polled_at: given.polled_at,
            first_promise: given.first_promise,
            latest_promise: given.latest_promise,
        }
    }

    /// What differs between the journey of `checkpoints` and what is expected.
    pub fn differences(&self, checkpoints: &[Checkpoint]) -> Vec<String> {
        let journey = derive(&self.input(), checkpoints);
        let got = as_case(&journey);
        let mut differences = Vec::new();
        for (key, expected) in &self.expect {
            let got = got
                .get(key)
                .unwrap_or_else(|| panic!("{}: unknown key {key}", self.name));
            if got != expected {
                differences.push(format!("{}: {key} is {got}, not {expected}", self.name));
            }
        }
        differences
    }
}

/// Reads the cases of a file.
pub fn read(path: &Path) -> Vec<Case> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            case(&value)
        })
        .collect()
}

/// All our own cases.
pub fn own_cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journeys");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

/// A journey in the words of the cases.
pub fn as_case(journey: &Journey) -> Map<String, Value> {
    let time = |time: &Option<EventTime>| time.as_ref().map(EventTime::to_string);
    let value = json!({
        "tag": journey.tag,
        "subtag": journey.sub_status,
        "pickup": time(&journey.pickup),
        "first_attempted_at": time(&journey.first_attempted_at),
        "delivery": time(&journey.delivery),
        "failed_delivery_attempts": journey.failed_delivery_attempts,
        "return_to_sender": journey.return_to_sender,
        "active": journey.active,
        "transit_time": journey.transit_time,
        "checkpoints_kept": journey.standing.len(),
        "pieces_delivered": journey.pieces_delivered,
        "signed_by": journey.signed_by,
        "delivery_location_type": journey.delivery_location_type,
        "first_mile_transit_time": journey.first_mile_transit_time,
        "last_mile_transit_time": journey.last_mile_transit_time,
        "on_time_status": journey.on_time.map(|on_time| on_time.status),
        "on_time_difference": journey.on_time.map(|on_time| on_time.difference),
        "goes_quiet_at": journey.goes_quiet_at,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn case(value: &Value) -> Case {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let name = text("name").expect("name").to_owned();
    let instant = |key: &str| text(key).map(|text| text.parse().expect("instant"));
    let slug = |key: &str| text(key).map(|text| CourierSlug::parse(text).expect("slug"));
    let promise = |key: &str| value.get(key).filter(|value| !value.is_null()).map(promise);
    let list = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let given = Given {
        now: instant("now").expect("now"),
        created_at: instant("created_at").expect("created_at"),
        slug: slug("slug").expect("slug"),
        last_mile_slug: slug("last_mile_slug"),
        order_date: instant("order_date"),
        ship_date: text("ship_date").map(|text| text.parse().expect("date")),
        destination_city: text("destination_city").map(str::to_owned),
        destination_country: text("destination_country").and_then(CountryCode::parse),
        destination_zone: text("destination_zone").map(|text| Zone::parse(text).expect("zone")),
        direction: value
            .get("direction")
            .map(|value| serde_json::from_value(value.clone()).expect("direction")),
        package_count: value
            .get("package_count")
            .and_then(Value::as_u64)
            .and_then(|count| u32::try_from(count).ok()),
        marks: list("marks")
            .into_iter()
            .map(|mark| serde_json::from_value(mark).expect("mark"))
            .collect(),
        polled_at: instant("polled_at"),
        first_promise: promise("edd_first"),
        latest_promise: promise("edd_latest"),
    };
    let checkpoints = list("checkpoints");
    Case {
        name,
        checkpoints: checkpoints
            .iter()
            .map(|value| checkpoint(value, &given.slug))
            .collect(),
        expect: value["expect"].as_object().expect("expect").clone(),
        given,
    }
}

fn promise(value: &Value) -> Promise {
    let day = |key: &str| {
        let text = value.get(key).or_else(|| value.get("date"))?.as_str()?;
        text.parse().ok()
    };
    Promise {
        min: day("min").expect("min"),
        max: day("max").expect("max"),
    }
}

fn checkpoint(value: &Value, first_slug: &CourierSlug) -> Checkpoint {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let time = text("time").expect("time") + text("zone").as_deref().unwrap_or("");
    let time = EventTime::parse(&time).expect("time");
    let slug = text("slug").map_or_else(
        || first_slug.clone(),
        |slug| CourierSlug::parse(&slug).expect("slug"),
    );
    let piece = value
        .get("piece")
        .map(|piece| piece.to_string().trim_matches('"').to_owned());
    let country = text("country").map(|code| CountryCode::parse(&code).expect("country"));
    let message = text("text").unwrap_or_default();
    let events = value.get("events").and_then(Value::as_array).cloned();
    Checkpoint {
        hash: Checkpoint::hash_of(
            &slug,
            piece.as_deref(),
            &time.text,
            text("code").as_deref(),
            &message,
            text("location").as_deref(),
        ),
        slug,
        piece,
        seen_at: text("seen").map_or_else(
            || time.instant(country, false),
            |seen| seen.parse().expect("seen"),
        ),
        time,
        code: text("code"),
        sub_status: SubStatus::parse(&text("sub").expect("sub")).expect("sub-status"),
        message,
        location: text("location"),
        city: None,
        state: None,
        postal_code: None,
        country,
        coordinate: None,
        signed_by: text("signed_by"),
        events: events
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .map(|code| CheckpointEvent {
                code: code.to_owned(),
                reason: None,
            })
            .collect(),
        source: CheckpointSource::Carrier,
        withdrawn: value.get("withdrawn") == Some(&Value::Bool(true)),
        missing_count: 0,
    }
}
