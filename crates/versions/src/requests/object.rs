//! A body as an object, and the parts of it that are more than a line of a table.

use std::fmt::Display;

use serde_json::{Map, Value};
use waybill_model::{CourierSlug, NumberError, OwnId, TrackingNumber};

use super::{
    fields::{Field, Kind},
    values::text_of,
};
use crate::{Code, Problem, slug_group};

/// A body has to be an object.
pub(super) fn object(body: Value) -> Result<Map<String, Value>, Problem> {
    match body {
        Value::Object(object) => Ok(object),
        _ => Err(Problem::new(Code::InvalidJson).because("Send a JSON object.")),
    }
}

/// A top-level field that is text; null is absence.
pub(super) fn take_text(
    body: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<String>, Problem> {
    match body.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => text_of(value, &name).map(Some),
    }
}

/// The tracking number: missing is 4007, another form 4005.
pub(super) fn take_number(body: &mut Map<String, Value>) -> Result<TrackingNumber, Problem> {
    let Some(text) = take_text(body, "tracking_number")? else {
        return Err(Problem::new(Code::TrackingNumberRequired));
    };
    TrackingNumber::parse(&text).map_err(|error| {
        let mend = match error {
            NumberError::Empty | NumberError::Length => "It has 4 to 100 characters.".to_owned(),
            NumberError::Character(character) => {
                format!("It has letters A to Z, digits and `-` `.` `_` `/`, but not {character:?}.")
            }
        };
        Problem::new(Code::TrackingNumberInvalid).because(&mend)
    })
}

/// The caller's own id.
pub(super) fn take_own_id(body: &mut Map<String, Value>) -> Result<Option<OwnId>, Problem> {
    let Some(text) = take_text(body, "id")? else {
        return Ok(None);
    };
    let id = OwnId::parse(&text).ok_or_else(|| {
        Problem::new(Code::IdInvalid).because("Use 1 to 128 of letters, digits, `_` and `-`.")
    })?;
    Ok(Some(id))
}

/// The courier; empty counts as absent, since it has no documented minimum.
pub(super) fn take_slug(body: &mut Map<String, Value>) -> Result<Option<CourierSlug>, Problem> {
    match take_text(body, "slug")? {
        None => Ok(None),
        Some(text) if text.is_empty() => Ok(None),
        Some(text) => slug(&text, "slug").map(Some),
    }
}

/// Older versions take the slug in a list, too: the first counts.
pub(super) fn one_slug(body: &mut Map<String, Value>, fields: &[Field]) {
    let listed = |field: &Field| field.name == "slug" && matches!(field.kind, Kind::Listed(..));
    if !fields.iter().any(listed) {
        return;
    }
    if let Some(Value::Array(slugs)) = body.get_mut("slug") {
        let first = slugs.drain(..).next().unwrap_or(Value::Null);
        body.insert("slug".to_owned(), first);
    }
}

/// A slug by its form; whether a courier has it is asked later.
pub(super) fn slug(text: &str, field: impl Display) -> Result<CourierSlug, Problem> {
    CourierSlug::parse(text).ok_or_else(|| {
        Problem::new(Code::SlugInvalid)
            .on(field)
            .because("A slug has lower-case letters, digits and hyphens, 64 at most.")
    })
}

/// The slug group, which has to exist and excludes `slug`.
pub(super) fn take_slug_group(body: &mut Map<String, Value>) -> Result<Option<String>, Problem> {
    let Some(name) = take_text(body, "slug_group")?.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    if body.get("slug").is_some_and(is_given) {
        return Err(Problem::invalid(
            "slug_group",
            "It cannot be used together with `slug`.",
        ));
    }
    if slug_group(&name).is_none() {
        return Err(Problem::invalid("slug_group", "There is no such group."));
    }
    Ok(Some(name))
}

fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}
