//! What is given under one version is read under it again, and under every other; what a client does
//! not know it does not destroy.

use serde_json::{Map, Value, json};
use waybill_model::Details;
use waybill_versions::{CreateTracking, Model, Side, UpdateTracking, Version, lower, read_body};

use crate::generate::Random;

/// Seeds for each pair of versions.
const SEEDS: u64 = 12;

const EMAILS: &[&str] = &["a@example.com", "b@example.com", "c@example.com"];
const PHONES: &[&str] = &["+15550001", "+15550002", "+15550003"];

/// A good value of a caller's field.
pub(crate) fn good(version: Version, name: &str, random: &mut Random) -> Option<Value> {
    let number = random.below(1_000);
    let country = |random: &mut Random| json!(random.one(&["USA", "FRA", "DEU", "CHN"]));
    let some = |random: &mut Random, of: &[&str]| -> Vec<String> {
        let from = random.below(of.len());
        of.iter().skip(from).map(ToString::to_string).collect()
    };
    Some(match name {
        "tracking_number" | "id" | "slug" | "slug_group" | "location_id" => return None,
        "custom_fields" => json!({"colour": format!("red {number}")}),
        "language" => json!(random.one(&["en", "de", "fr"])),
        "delivery_type" => json!("door_to_door"),
        "shipment_direction" => json!(random.one(&["forward", "return"])),
        "order_date" => json!("2026-07-01T10:00:00+02:00"),
        "tracking_ship_date" if version <= Version::V2024_10 => {
            json!(format!("202607{:02}", 1 + number % 28))
        }
        "tracking_ship_date" => json!(format!("2026-07-{:02}T10:00:00Z", 1 + number % 28)),
        "order_promised_delivery_date" if version <= Version::V2025_07 => {
            json!(format!("2026-08-{:02}", 1 + number % 28))
        }
        "order_promised_delivery_date" => json!({
            "promised_delivery_date_min": format!("2026-08-{:02}", 1 + number % 14),
            "promised_delivery_date_max": format!("2026-08-{:02}", 15 + number % 14),
        }),
        "tracking_account_number" => json!(format!("A{number}")),
        "tracking_key" => json!(format!("key-{number}")),
        "tracking_postal_code" | "destination_postal_code" => json!(format!("{}", 10_000 + number)),
        name if name.contains("country") => country(random),
        "emails" => json!(some(random, EMAILS)),
        "smses" => json!(some(random, PHONES)),
        "customer_name" => json!(format!("Ada {number}")),
        "android" | "ios" => json!([format!("device {number}")]),
        "customers" => {
            let customers = (0..=random.below(3)).map(|at| {
                let mut customer = Map::new();
                for (part, value) in [
                    ("role", json!("receiver")),
                    ("name", json!(format!("Name {at} {number}"))),
                    ("phone_number", json!(PHONES[at % 3])),
                    ("email", json!(EMAILS[at % 3])),
                    ("language", json!("en")),
                    ("id", json!(format!("cus_{at}"))),
                ] {
                    if (part != "id" || version == Version::NEWEST) && random.chance() {
                        customer.insert(part.to_owned(), value);
                    }
                }
                customer.entry("role").or_insert(json!("buyer"));
                customer
            });
            json!(customers.collect::<Vec<_>>())
        }
        "last_mile" => json!({"tracking_number": format!("LM{number:04}"), "slug": "usps"}),
        "next_couriers" => json!([{"tracking_number": format!("LM{number:04}"), "slug": "usps"}]),
        "shipment_tags" => json!([format!("tag {number}")]),
        name => json!(format!("{name} {number}")),
    })
}

fn body(version: Version, model: Model, random: &mut Random) -> Map<String, Value> {
    version
        .names(model)
        .filter_map(|name| {
            let is_given = random.below(3) > 0;
            let value = good(version, name, random).filter(|_| is_given)?;
            Some((name.to_owned(), value))
        })
        .collect()
}

fn wrapped(version: Version, body: &Map<String, Value>) -> Value {
    if version.wraps() {
        json!({"tracking": body})
    } else {
        json!(body)
    }
}

pub(crate) fn create(version: Version, body: &Map<String, Value>) -> Details {
    let mut body = body.clone();
    body.insert("tracking_number".to_owned(), json!("1Z999AA10123456784"));
    let read: Result<CreateTracking, _> = read_body(wrapped(version, &body), version);
    read.unwrap_or_else(|problem| panic!("{version}: {problem}"))
        .details
}

pub(crate) fn update(version: Version, patch: &Map<String, Value>, details: &Details) -> Details {
    let read: Result<UpdateTracking, _> = read_body(wrapped(version, patch), version);
    let read = read.unwrap_or_else(|problem| panic!("{version}: {problem}"));
    read.apply(details)
        .unwrap_or_else(|problem| panic!("{version}: {problem}"))
}

/// The caller's fields as a version reads them.
fn shown(version: Version, model: Model, details: &Details) -> Value {
    let newest = serde_json::to_value(details).expect("JSON");
    let legacy = newest.get("legacy").map(Value::to_string);
    let newest = newest.to_string();
    let text = lower(version, model, &newest, legacy.as_deref()).expect("ours");
    serde_json::from_str(&text).expect("JSON")
}

/// Lists of addresses are sets, what was not given is null, and only what is given is compared.
fn same(name: &str, given: &Value, read: &Value) -> bool {
    match (name, given, read) {
        ("emails" | "smses", Value::Array(given), Value::Array(read)) => {
            given.len() == read.len() && given.iter().all(|address| read.contains(address))
        }
        ("customers" | "next_couriers", Value::Array(given), Value::Array(read)) => {
            given.len() == read.len()
                && given
                    .iter()
                    .zip(read)
                    .all(|(given, read)| same("part", given, read))
        }
        ("part" | "order_promised_delivery_date" | "last_mile", Value::Object(given), read) => {
            given
                .iter()
                .all(|(name, value)| read.get(name) == Some(value))
        }
        _ => given == read,
    }
}

#[track_caller]
fn reads(version: Version, given: &Map<String, Value>, read: &Value, what: &str) {
    for (name, value) in given {
        assert!(
            same(name, value, &read[name]),
            "{what}: {version} gave {name} {value}, reads {}",
            read[name]
        );
    }
}

#[test]
fn what_a_version_creates_it_reads_again() {
    for version in Version::ALL {
        for seed in 0..SEEDS * 10 {
            let given = body(version, Model::Create, &mut Random::new(seed));
            let details = create(version, &given);
            reads(
                version,
                &given,
                &shown(version, Model::Create, &details),
                "created",
            );
        }
    }
}

#[test]
fn a_client_that_sends_back_what_it_reads_changes_nothing() {
    for maker in Version::ALL {
        for editor in Version::ALL {
            for seed in 0..SEEDS {
                let details = create(maker, &body(maker, Model::Create, &mut Random::new(seed)));
                let Value::Object(mut patch) = shown(editor, Model::Update, &details) else {
                    panic!("an object");
                };
                patch.remove("slug");
                let after = update(editor, &patch, &details);
                assert_eq!(
                    after, details,
                    "made by {maker}, sent back by {editor}, seed {seed}"
                );
            }
        }
    }
}

/// What is said in two fields of an older version and in one of the newest.
fn twin(name: &str) -> &str {
    match name {
        "tracking_postal_code" | "destination_postal_code" => "postal code",
        "tracking_state" | "destination_state" => "state",
        name if name.contains("origin_country") => "origin",
        name if name.contains("destination_country") => "destination",
        other => other,
    }
}

#[test]
fn an_update_is_read_again_and_leaves_everything_else() {
    for maker in Version::ALL {
        for editor in Version::ALL {
            for seed in 0..SEEDS {
                let mut random = Random::new(seed * 31 + 7);
                let details = create(maker, &body(maker, Model::Create, &mut random));
                let patch = body(editor, Model::Update, &mut random);
                let before = shown(editor, Model::Update, &details);
                let after = update(editor, &patch, &details);
                let read = shown(editor, Model::Update, &after);
                let what = format!("made by {maker}, changed by {editor}, seed {seed}");
                reads(editor, &patch, &read, &what);
                for (name, value) in before.as_object().expect("an object") {
                    if name == "legacy" {
                        continue;
                    }
                    let touched = patch.keys().any(|given| twin(given) == twin(name));
                    assert!(
                        touched || read[name] == *value,
                        "{what}: {name} was {value}, is {}",
                        read[name]
                    );
                }
                people_stay(editor, &patch, &details, &after, &what);
            }
        }
    }
}

/// An older client's addresses take nobody's role, language or identity away.
fn people_stay(
    editor: Version,
    patch: &Map<String, Value>,
    before: &Details,
    after: &Details,
    what: &str,
) {
    if editor >= Version::V2025_01 {
        return;
    }
    let people = |details: &Details| -> Vec<_> {
        let customers = details.customers.iter();
        let of = customers.map(|customer| {
            (
                customer.role.clone(),
                customer.language.clone(),
                customer.id.clone(),
            )
        });
        of.filter(|person| *person != (None, None, None)).collect()
    };
    assert_eq!(people(before), people(after), "{what}");
    if !patch.contains_key("customer_name") {
        let names = |details: &Details| -> Vec<_> {
            details
                .customers
                .iter()
                .filter_map(|customer| customer.name.clone())
                .collect()
        };
        assert_eq!(names(before), names(after), "{what}");
    }
}

#[test]
fn an_older_addresses_do_not_destroy_a_newer_customer() {
    let given = json!({"customers": [
        {"name": "Ada", "email": "a@example.com", "role": "buyer", "language": "de", "id": "cus_1"},
        {"name": "Bob", "phone_number": "+15550001"},
    ]});
    let details = create(Version::NEWEST, given.as_object().expect("an object"));
    let patch = json!({"emails": ["a@example.com", "new@example.com"]});
    let after = update(
        Version::V2024_01,
        patch.as_object().expect("an object"),
        &details,
    );
    let newest = shown(Version::NEWEST, Model::Update, &after);
    assert_eq!(newest["customers"][0], json!(details.customers[0]));
    assert_eq!(newest["customers"][1], json!(details.customers[1]));
    assert_eq!(newest["customers"][2]["email"], json!("new@example.com"));

    let range = json!({"order_promised_delivery_date": {
        "promised_delivery_date_min": "2026-08-01", "promised_delivery_date_max": "2026-08-03",
    }});
    let details = create(Version::NEWEST, range.as_object().expect("an object"));
    let patch = json!({"order_promised_delivery_date": "2026-08-03", "title": "t"});
    let after = update(
        Version::V2025_07,
        patch.as_object().expect("an object"),
        &details,
    );
    assert_eq!(
        after.order_promised_delivery_date,
        details.order_promised_delivery_date
    );
}

#[test]
fn schemas_of_bodies_know_what_bodies_know() {
    for version in Version::ALL {
        for model in [Model::Create, Model::Update, Model::Detect, Model::Complete] {
            let mut schemas = Map::new();
            version.schema(model, Side::Given, &mut schemas);
            let schema = schemas
                .values()
                .find(|schema| schema["properties"].is_object());
            assert!(schema.is_some());
        }
    }
}
