//! The members of a JSON object as text: where they begin and end, and nothing parsed.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Names and values in their order.
pub(crate) type Members<'a> = Vec<(&'a str, &'a str)>;

/// The members of an object; `None` for what is none. Names with escapes are not ours and refused.
pub(crate) fn members(text: &str) -> Option<Members<'_>> {
    serde_json::from_str::<Object<'_>>(text)
        .ok()
        .map(|object| object.0)
}

/// The elements of a list.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

struct Object<'a>(Members<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // A Tracking has some 85 fields.
        let mut members = Vec::with_capacity(96);
        while let Some(name) = map.next_key::<&str>()? {
            members.push((name, map.next_value::<&RawValue>()?.get()));
        }
        Ok(Object(members))
    }
}
