//! The fields of each version as the published clients declare them: `facts.csv`, one line a field.

use std::collections::BTreeMap;

use serde_json::Value;
use waybill_versions::Version;

/// Path and type of every field.
pub type Facts = BTreeMap<String, String>;

/// The facts of a model of a version.
pub fn of(version: Version, model: &str) -> Facts {
    let lines = include_str!("facts.csv").lines().skip(1);
    lines
        .filter_map(|line| {
            let mut cells = line.split(',');
            let is_it = cells.next() == Some(version.as_str()) && cells.next() == Some(model);
            is_it.then(|| cells.next().zip(cells.next())).flatten()
        })
        .map(|(field, kind)| (field.to_owned(), kind.to_owned()))
        .collect()
}

/// Whether a value has the type of a fact. Null has every type: clients take it everywhere but where
/// the schemas forbid it.
pub fn fits(kind: &str, value: &Value) -> bool {
    kind.split('|').any(|kind| match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    }) || value.is_null()
}

/// Every value of a document with its path, `a.b` within objects and `a[]` within lists.
pub fn flatten<'a>(value: &'a Value, path: &str, all: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                all.push((path.clone(), value));
                // What a caller names itself is no field of ours.
                if name != "custom_fields" {
                    flatten(value, &path, all);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                let path = format!("{path}[]");
                all.push((path.clone(), item));
                flatten(item, &path, all);
            }
        }
        _ => {}
    }
}
