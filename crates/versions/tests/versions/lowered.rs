//! A thousand trackings in every version.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use waybill_versions::{Model, Side, Version, lower};

use crate::{
    facts::{self, fits, flatten},
    generate::{self, Filling, Random},
    validate::fault,
};

const LEGACY: &str = r#"{"tracking_postal_code":"10001","android":["a1"],"ios":[]}"#;

fn generated(model: Model, seed: u64) -> Value {
    let mut schemas = Map::new();
    let schema = Version::NEWEST.schema(model, Side::Answered, &mut schemas);
    let filling = match seed % 10 {
        0 => Filling::Full,
        1 => Filling::Empty,
        _ => Filling::Mixed,
    };
    generate::value(&schema, &schemas, "", filling, &mut Random::new(seed + 1))
}

fn lowered(version: Version, model: Model, newest: &str, seed: u64) -> Value {
    let legacy = seed.is_multiple_of(3).then_some(LEGACY);
    let text = lower(version, model, newest, legacy).expect("an answer of ours");
    serde_json::from_str(&text).expect("JSON")
}

/// What the clients declare and our answers never have: the address of a prediction that versions up to
/// 2024-01 repeat, and coordinates, whose element type differs between clients.
fn is_never_there(version: Version, field: &str) -> bool {
    version <= Version::V2024_01
        && (field.starts_with("aftership_estimated_delivery_date.")
            || field.ends_with("coordinates[]"))
}

fn holds(model: Model, name: &str, count: u64) {
    let all: Vec<String> = (0..count)
        .map(|seed| generated(model, seed).to_string())
        .collect();
    for version in Version::ALL {
        let facts = facts::of(version, name);
        let mut schemas = Map::new();
        let schema = version.schema(model, Side::Answered, &mut schemas);
        let mut seen = BTreeSet::new();
        for (seed, newest) in (0..).zip(&all) {
            let answer = lowered(version, model, newest, seed);
            let wrong = fault(&schema, &answer, &schemas, name);
            assert_eq!(wrong, None, "{version}, seed {seed}: {answer}");

            let mut fields = Vec::new();
            flatten(&answer, "", &mut fields);
            for (field, value) in fields {
                if field.starts_with("custom_fields.") {
                    continue;
                }
                let kind = facts
                    .get(&field)
                    .or_else(|| facts.get(field.trim_end_matches("[]")));
                let kind = kind.unwrap_or_else(|| panic!("{version} does not know {field}"));
                let is_element = field.ends_with("[]") && !facts.contains_key(&field);
                assert!(
                    is_element || fits(kind, value),
                    "{version}: {field} is {value}, not {kind}"
                );
                seen.insert(field);
            }
        }
        for field in facts.keys().filter(|field| !is_never_there(version, field)) {
            assert!(seen.contains(field), "{version} never answers {field}");
        }
    }
}

#[test]
fn a_thousand_trackings_fit_every_version() {
    holds(Model::Tracking, "Tracking", 1_000);
}

#[test]
fn couriers_fit_every_version() {
    holds(Model::Courier, "Courier", 100);
}

#[test]
fn predictions_fit_every_version() {
    holds(Model::Prediction, "Prediction", 100);
}

#[test]
fn the_newest_version_is_answered_as_it_is() {
    let newest = generated(Model::Tracking, 0).to_string();
    let answer = lower(Version::NEWEST, Model::Tracking, &newest, Some(LEGACY));
    assert_eq!(answer.expect("an answer"), newest);
}

#[test]
fn what_only_old_versions_can_say_is_said_by_them_alone() {
    let newest = json!({"destination_postal_code": "20002"}).to_string();
    let field = |version, name| {
        let text = lower(version, Model::Tracking, &newest, Some(LEGACY)).expect("an answer");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        answer.get(name).cloned()
    };
    assert_eq!(
        field(Version::V2025_01, "tracking_postal_code"),
        Some(json!("10001"))
    );
    assert_eq!(
        field(Version::V2025_01, "destination_postal_code"),
        Some(json!("20002"))
    );
    assert_eq!(field(Version::V2025_04, "tracking_postal_code"), None);
    assert_eq!(field(Version::V4, "android"), Some(json!(["a1"])));
    assert_eq!(field(Version::V2023_10, "android"), None);
}
