//! Values that fit a schema, from a seed.

use serde_json::{Map, Value, json};
use waybill_model::SubStatus;

/// How much of a document is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// Every field has a value.
    Full,
    /// Whatever may be null is, and lists are empty.
    Empty,
    /// As chance has it.
    Mixed,
}

/// A stream of numbers from a seed (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    pub fn chance(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A value of a schema; `name` is what it is called.
pub fn value(
    schema: &Value,
    schemas: &Map<String, Value>,
    name: &str,
    filling: Filling,
    random: &mut Random,
) -> Value {
    let may_be_null = schema["type"]
        .as_array()
        .is_some_and(|kinds| kinds.contains(&json!("null")))
        || schema["anyOf"]
            .as_array()
            .is_some_and(|any| any.contains(&json!({"type": "null"})));
    let is_null = match filling {
        Filling::Full => false,
        Filling::Empty => true,
        Filling::Mixed => random.chance(),
    };
    if may_be_null && is_null {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let shape = reference.rsplit('/').next().expect("a name");
        return value(&schemas[shape], schemas, name, filling, random);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return value(&choices[0], schemas, name, filling, random);
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter(|word| !word.is_null()).collect();
        return (*random.one(&words)).clone();
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"][0].as_str());
    match kind.expect("a type") {
        "string" => text(name, random),
        "integer" => json!(random.below(90)),
        "number" => json!(random.below(1_000) as f64 / 8.0),
        "boolean" => json!(random.chance()),
        "array" => {
            let length = match filling {
                Filling::Full => 1 + random.below(3),
                Filling::Empty => 0,
                Filling::Mixed => random.below(3),
            };
            (0..length)
                .map(|_| value(&schema["items"], schemas, name, filling, random))
                .collect()
        }
        "object" => match schema["properties"].as_object() {
            Some(properties) => properties
                .iter()
                .map(|(name, schema)| (name.clone(), value(schema, schemas, name, filling, random)))
                .collect::<Map<_, _>>()
                .into(),
            None => json!({"colour \"é\"": text("colour", random)}),
        },
        other => panic!("unknown type {other}"),
    }
}

fn text(name: &str, random: &mut Random) -> Value {
    let digits = |random: &mut Random, length: usize| -> String {
        (0..length)
            .map(|_| char::from(*random.one(b"0123456789abcdef")))
            .collect()
    };
    match name {
        "id" => digits(random, 32).into(),
        "legacy_id" => digits(random, 24).into(),
        "subtag" => random
            .one(&["InTransit_002", "Delivered_005", "Exception_016"])
            .to_string()
            .into(),
        "subtag_message" => {
            let code = random.one(&["InTransit_002", "Delivered_005", "Exception_016"]);
            SubStatus::parse(code).expect("a code").message().into()
        }
        "tracking_ship_date" => random
            .one(&["20260701", "2026-07-01", "2026-07-01T10:00:00Z"])
            .to_string()
            .into(),
        "slug" => "ups".into(),
        _ => format!("{name} \"{}\" é\\", random.below(1_000)).into(),
    }
}
