//! A body by the version it came in: unwrapped, checked by that version's table, and lifted.

use serde_json::{Map, Value};

use super::object::object;
use crate::{Code, Model, Problem, Version, fields::Reader, lift::lift};

/// A body that a version may say otherwise.
pub trait ReadBody: Sized {
    /// The name and the error of the object around it, up to 2024-04.
    const WRAPPER: Option<(&'static str, Code)> = None;

    /// Reads what is in the wrapper.
    ///
    /// # Errors
    /// What the body's own checks say, with the names of the version's fields.
    fn read(body: Map<String, Value>, version: Version) -> Result<Self, Problem>;
}

/// Reads a body of this version.
///
/// # Errors
/// 4001 for what is no object (4002 in v4), then the wrapper's error, then those of the body.
pub fn read_body<T: ReadBody>(body: Value, version: Version) -> Result<T, Problem> {
    let body = object(body).map_err(|problem| {
        if version.is_legacy() {
            Problem::new(Code::InvalidJsonV4).because("Send a JSON object.")
        } else {
            problem
        }
    })?;
    T::read(unwrapped(body, version, T::WRAPPER)?, version)
}

/// Versions that do not wrap take a wrapped body too.
fn unwrapped(
    mut body: Map<String, Value>,
    version: Version,
    wrapper: Option<(&str, Code)>,
) -> Result<Map<String, Value>, Problem> {
    let Some((name, missing)) = wrapper else {
        return Ok(body);
    };
    match body.get_mut(name).map(Value::take) {
        Some(Value::Object(inner)) => Ok(inner),
        _ if version.wraps() => {
            let mend = format!("Put the fields into `{{\"{name}\": {{…}}}}`.");
            Err(Problem::new(missing).because(&mend))
        }
        _ => Ok(body),
    }
}

/// The body as the version's checks see it.
pub(super) fn tolerated(model: Model, body: &mut Map<String, Value>, version: Version) {
    if version.ignores_wrong_types() {
        Reader(version).ignore_wrong_types(version.fields(model), body);
    }
}

/// What was read by the version's table, in the newest shape, for something to be made.
pub(super) fn lifted(
    model: Model,
    mut read: Map<String, Value>,
    version: Version,
) -> Map<String, Value> {
    if version != Version::NEWEST {
        lift(version, model, &mut read, &Map::new());
    }
    read
}
