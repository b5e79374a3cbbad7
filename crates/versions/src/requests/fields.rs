//! Fields as tables: a name, a kind, and whether it has to be there.

use serde_json::{Map, Value};

use super::values;
use crate::Problem;

/// A line of a table.
pub(super) struct Field {
    /// The name on the wire.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Missing or null is 4009.
    pub required: bool,
}

/// What a value may be. Every text is checked for its JSON type and for U+0000 besides.
pub(super) enum Kind {
    /// Text up to so many characters; empty counts as null.
    Text(usize),
    /// Text with the documented minimum of one character.
    FilledText(usize),
    /// Text of 1 to so many of these characters, with the words that say which; empty counts as null.
    Pattern(usize, fn(char) -> bool, &'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// ISO 639-1.
    Language,
    /// ISO 3166-1 alpha-3; empty counts as null.
    Country,
    /// A date or date-time, as the caller wrote it.
    Time,
    /// The same, or the form `YYYYMMDD`; empty counts as null.
    ShipDate,
    /// A tracking number that is not the tracking's own.
    Number,
    /// A courier's slug where it is a value like others.
    Slug,
    /// An e-mail address; empty counts as null.
    Email,
    /// `+`, country code, number; empty counts as null.
    Phone,
    /// So many texts of 1 to so many characters.
    Texts(usize, usize),
    /// Text by name within the documented limits of custom fields.
    CustomFields,
    /// A number within these bounds.
    Float(f64, f64),
    /// A whole number within these bounds; `3.0` is one.
    Whole(i64, i64),
    /// True or false.
    Truth,
    /// A time of day, `HH:mm:ss`; empty counts as null.
    ClockTime,
    /// A date with a time of day, `YYYY-MM-DD HH:mm:ss`.
    DateTime,
    /// One to seven of 1 (Monday) to 7, put in order.
    BusinessDays,
    /// An object of these fields.
    Object(&'static [Field]),
    /// So many objects of these fields.
    Objects(usize, &'static [Field]),
}

/// What null means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// Absence.
    Drop,
    /// The field is cleared: it stays in the result.
    Keep,
}

impl Field {
    /// A field that may be absent.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
        }
    }

    /// A field that has to be there.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
        }
    }
}

/// Reads the fields of a table out of an object: first whether all required ones are there, then
/// their values, both in the order of the table.
pub(super) fn read(
    fields: &[Field],
    mut object: Map<String, Value>,
    nulls: Nulls,
) -> Result<Map<String, Value>, Problem> {
    require(fields, &object, "")?;
    read_values(fields, &mut object, "", nulls)
}

/// Whether all required fields are there, nested ones included. `path` is empty or ends in a dot.
pub(super) fn require(
    fields: &[Field],
    object: &Map<String, Value>,
    path: &str,
) -> Result<(), Problem> {
    for field in fields {
        match (object.get(field.name), &field.kind) {
            (None | Some(Value::Null), _) if field.required => {
                return Err(Problem::required(&format!("{path}{}", field.name)));
            }
            (Some(Value::Object(inner)), Kind::Object(fields)) => {
                require(fields, inner, &format!("{path}{}.", field.name))?;
            }
            (Some(Value::Array(items)), Kind::Objects(_, fields)) => {
                for (at, item) in items.iter().enumerate() {
                    if let Value::Object(inner) = item {
                        require(fields, inner, &format!("{path}{}[{at}].", field.name))?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The values of the fields of a table, normalised. `path` is empty or ends in a dot.
pub(super) fn read_values(
    fields: &[Field],
    object: &mut Map<String, Value>,
    path: &str,
    nulls: Nulls,
) -> Result<Map<String, Value>, Problem> {
    let mut read = Map::new();
    for field in fields {
        let Some(value) = object.remove(field.name) else {
            continue;
        };
        let value = if value.is_null() {
            Value::Null
        } else if path.is_empty() {
            values::read(&field.kind, value, field.name)?
        } else {
            values::read(&field.kind, value, &format!("{path}{}", field.name))?
        };
        if field.required && value.is_null() {
            return Err(Problem::invalid(
                &format!("{path}{}", field.name),
                "It must not be empty.",
            ));
        }
        if nulls == Nulls::Keep || !value.is_null() {
            read.insert(field.name.to_owned(), value);
        }
    }
    Ok(read)
}
