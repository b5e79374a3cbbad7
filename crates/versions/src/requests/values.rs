//! How each kind of value is read. A reading normalises (case of codes, blanks of numbers) and
//! leaves everything else as the caller wrote it.

use jiff::civil::{DateTime, Time};
use serde_json::{Map, Value};
use waybill_model::{CountryCode, CourierSlug, EventTime, TrackingNumber};

use crate::{
    Problem,
    fields::{Field, Kind, Nulls, Path, Reader},
    is_language,
};

/// Documented limits of custom fields.
const MAX_CUSTOM_FIELDS: usize = 25;
const MAX_CUSTOM_FIELD_NAME: usize = 30;
const MAX_CUSTOM_FIELD_VALUE: usize = 512;
/// The longest address that mail can be sent to.
const MAX_EMAIL: usize = 254;
/// Digits of a telephone number with its country code (E.164 ends at 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;
/// Digits and separators of a telephone number.
const MAX_PHONE: usize = 32;

/// Reads one value; null where an empty text counts as absent.
pub(crate) fn read(
    reader: Reader,
    kind: &Kind,
    value: Value,
    path: Path<'_>,
) -> Result<Value, Problem> {
    match kind {
        Kind::Object(fields) => object(reader, fields, value, path),
        Kind::Objects(max, fields) => list(value, path, *max, |item, path| {
            object(reader, fields, item, path)
        }),
        Kind::Model(model) => object(reader, reader.0.fields(*model), value, path),
        Kind::Models(max, model) => list(value, path, *max, |item, path| {
            object(reader, reader.0.fields(*model), item, path)
        }),
        Kind::Listed(max, kind) => listed(reader, *max, kind, value, path),
        Kind::List(max, kind) => list(value, path, *max, |item, path| {
            read(reader, kind, item, path)
        }),
        Kind::Texts(max, longest) => {
            list(value, path, *max, |item, path| filled(item, path, *longest))
        }
        Kind::CustomFields => custom_fields(value, path),
        Kind::Anything => Ok(value),
        Kind::Float(low, high) => float(value, path, *low, *high),
        Kind::Integer(low, high) => integer(&value, path, *low, *high),
        Kind::Boolean if value.is_boolean() => Ok(value),
        Kind::Boolean => Err(wrong_type(path, "true or false", &value)),
        Kind::BusinessDays => business_days(value, path),
        Kind::FilledText(longest) => filled(value, path, *longest),
        _ => text(kind, text_of(value, path)?, path),
    }
}

/// The kinds that are text.
fn text(kind: &Kind, text: String, path: Path<'_>) -> Result<Value, Problem> {
    let empty_is_null = matches!(
        kind,
        Kind::Text(_)
            | Kind::Pattern(..)
            | Kind::Country
            | Kind::ShipDate
            | Kind::Email
            | Kind::Phone
            | Kind::ClockTime
    );
    if empty_is_null && text.is_empty() {
        return Ok(Value::Null);
    }
    let normalised = match kind {
        Kind::Text(longest) => within(text, path, *longest)?,
        Kind::Pattern(longest, allowed, which) => {
            if text.chars().count() > *longest || !text.chars().all(allowed) {
                return Err(Problem::invalid(
                    path,
                    &format!("Use 1 to {longest} {which}."),
                ));
            }
            text
        }
        Kind::Choice(words) => {
            if !words.contains(&text.as_str()) {
                return Err(Problem::invalid(
                    path,
                    &format!("It is one of {}.", quoted(words)),
                ));
            }
            text
        }
        Kind::Language => {
            let lower = text.to_ascii_lowercase();
            if !is_language(&lower) {
                return Err(Problem::invalid(
                    path,
                    "Use an ISO 639-1 code such as `en`.",
                ));
            }
            lower
        }
        Kind::Country => to_country(&text, path)?.as_str().to_owned(),
        Kind::Time => {
            if EventTime::parse(&text).is_none() {
                return Err(Problem::invalid(
                    path,
                    "Use `YYYY-MM-DD`, `YYYY-MM-DDTHH:mm:ss` or `YYYY-MM-DDTHH:mm:ssZ`.",
                ));
            }
            text
        }
        Kind::ShipDate => {
            if !is_ship_date(&text) {
                return Err(Problem::invalid(
                    path,
                    "Use `YYYY-MM-DD`, `YYYY-MM-DDTHH:mm:ss`, `YYYY-MM-DDTHH:mm:ssZ` or `YYYYMMDD`.",
                ));
            }
            text
        }
        Kind::ClockTime => clock_time(text, path)?,
        Kind::DateTime => date_time(text, path)?,
        Kind::Number => match TrackingNumber::parse(&text) {
            Ok(number) => number.as_str().to_owned(),
            Err(_) => {
                return Err(Problem::invalid(
                    path,
                    "Use 4 to 100 letters A to Z, digits and `-` `.` `_` `/`.",
                ));
            }
        },
        Kind::Slug => match CourierSlug::parse(&text) {
            Some(slug) => slug.as_str().to_owned(),
            None => return Err(Problem::invalid(path, "It is no courier's slug.")),
        },
        Kind::Email => {
            if !is_email(&text) {
                return Err(Problem::invalid(path, "It is no e-mail address."));
            }
            text
        }
        Kind::Phone => {
            if !is_phone(&text) {
                return Err(Problem::invalid(
                    path,
                    "Begin with `+` and the country code, then digits.",
                ));
            }
            text
        }
        _ => text,
    };
    Ok(Value::String(normalised))
}

fn clock_time(text: String, path: Path<'_>) -> Result<String, Problem> {
    if text.len() == 8 && Time::strptime("%H:%M:%S", &text).is_ok() {
        return Ok(text);
    }
    Err(Problem::invalid(
        path,
        "Use `HH:mm:ss`, such as `18:00:00`.",
    ))
}

fn date_time(text: String, path: Path<'_>) -> Result<String, Problem> {
    if text.len() == 19 && DateTime::strptime("%Y-%m-%d %H:%M:%S", &text).is_ok() {
        return Ok(text);
    }
    Err(Problem::invalid(
        path,
        "Use `YYYY-MM-DD HH:mm:ss`, such as `2026-07-01 15:04:05`.",
    ))
}

/// A text without U+0000, which PostgreSQL cannot hold.
pub(super) fn text_of(value: Value, path: Path<'_>) -> Result<String, Problem> {
    match value {
        Value::String(text) if text.contains('\0') => Err(Problem::invalid(
            path,
            "It contains the character U+0000; leave it out.",
        )),
        Value::String(text) => Ok(text),
        other => Err(wrong_type(path, "text", &other)),
    }
}

/// A country by its alpha-3 code, in any case.
pub fn to_country(text: &str, path: Path<'_>) -> Result<CountryCode, Problem> {
    let country = if text.len() == 3 {
        CountryCode::parse(text)
    } else {
        None
    };
    country.ok_or_else(|| Problem::invalid(path, "Use an ISO 3166-1 alpha-3 code such as `USA`."))
}

/// What an object is read as.
fn object(
    reader: Reader,
    fields: &[Field],
    value: Value,
    path: Path<'_>,
) -> Result<Value, Problem> {
    let mut object = object_of(value, path)?;
    let read = reader.read_values(fields, &mut object, &format_args!("{path}."), Nulls::Drop)?;
    Ok(Value::Object(read))
}

/// The object a value has to be.
pub(super) fn object_of(value: Value, path: Path<'_>) -> Result<Map<String, Value>, Problem> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(wrong_type(path, "an object", &other)),
    }
}

/// Reads each item of a list of at most `max`.
pub(super) fn list(
    value: Value,
    path: Path<'_>,
    max: usize,
    read: impl Fn(Value, Path<'_>) -> Result<Value, Problem>,
) -> Result<Value, Problem> {
    let items = match value {
        Value::Array(items) => items,
        other => return Err(wrong_type(path, "a list", &other)),
    };
    if items.len() > max {
        return Err(Problem::invalid(
            path,
            &format!("It has {max} items at most."),
        ));
    }
    let items = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| read(item, &format_args!("{path}[{at}]")));
    items.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// A list, or one text whose items are parted by commas. Empty items are left out.
fn listed(
    reader: Reader,
    max: usize,
    kind: &Kind,
    value: Value,
    path: Path<'_>,
) -> Result<Value, Problem> {
    let value = match value {
        Value::String(text) => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect(),
        list => list,
    };
    let mut value = list(value, path, max, |item, path| match item {
        Value::Null => Ok(Value::Null),
        item => read(reader, kind, item, path),
    })?;
    if let Value::Array(items) = &mut value {
        items.retain(|item| !item.is_null());
    }
    Ok(value)
}

fn filled(value: Value, path: Path<'_>, longest: usize) -> Result<Value, Problem> {
    let text = text_of(value, path)?;
    if text.is_empty() {
        return Err(Problem::invalid(path, "It must not be empty."));
    }
    within(text, path, longest).map(Value::String)
}

fn within(text: String, path: Path<'_>, longest: usize) -> Result<String, Problem> {
    // A character has at least one byte, so most texts are never counted.
    if text.len() > longest && text.chars().count() > longest {
        return Err(Problem::invalid(
            path,
            &format!("It has {longest} characters at most."),
        ));
    }
    Ok(text)
}

fn custom_fields(value: Value, path: Path<'_>) -> Result<Value, Problem> {
    let object = object_of(value, path)?;
    if object.len() > MAX_CUSTOM_FIELDS {
        return Err(Problem::invalid(
            path,
            &format!("It has {MAX_CUSTOM_FIELDS} fields at most."),
        ));
    }
    let mut read = Map::new();
    for (name, value) in object {
        if name.is_empty() || name.contains('\0') || name.chars().count() > MAX_CUSTOM_FIELD_NAME {
            return Err(Problem::invalid(
                path,
                &format!(
                    "The name of a field has 1 to {MAX_CUSTOM_FIELD_NAME} characters, without U+0000."
                ),
            ));
        }
        if value.is_null() {
            continue;
        }
        let path: Path<'_> = &format_args!("{path}.{name}");
        let text = within(text_of(value, path)?, path, MAX_CUSTOM_FIELD_VALUE)?;
        read.insert(name, Value::String(text));
    }
    Ok(Value::Object(read))
}

fn float(value: Value, path: Path<'_>, low: f64, high: f64) -> Result<Value, Problem> {
    match value.as_f64() {
        Some(number) if (low..=high).contains(&number) => Ok(value),
        Some(_) => Err(Problem::invalid(
            path,
            &format!("It lies between {low} and {high}."),
        )),
        None => Err(wrong_type(path, "a number", &value)),
    }
}

fn integer(value: &Value, path: Path<'_>, low: i64, high: i64) -> Result<Value, Problem> {
    let number = value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
    });
    match number {
        Some(number) if (low..=high).contains(&number) => Ok(number.into()),
        Some(_) => Err(Problem::invalid(
            path,
            &format!("It lies between {low} and {high}."),
        )),
        None if value.is_number() => Err(Problem::invalid(path, "Use a whole number.")),
        None => Err(wrong_type(path, "a number", value)),
    }
}

fn business_days(value: Value, path: Path<'_>) -> Result<Value, Problem> {
    let days = list(value, path, 7, |day, path| integer(&day, path, 1, 7))?;
    let mut days: Vec<i64> = days
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect();
    days.sort_unstable();
    days.dedup();
    if days.is_empty() {
        return Err(Problem::invalid(path, "Name at least one day."));
    }
    Ok(days.into())
}

fn wrong_type(path: Path<'_>, wanted: &str, given: &Value) -> Problem {
    let given = match given {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Problem::invalid(path, &format!("It has to be {wanted}, not {given}."))
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn is_ship_date(text: &str) -> bool {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        return EventTime::parse(&format!("{year}-{month}-{day}")).is_some();
    }
    EventTime::parse(text).is_some()
}

/// Whether mail could be sent there; whether it arrives is another question.
fn is_email(text: &str) -> bool {
    let plain = |character: char| !character.is_whitespace() && !character.is_control();
    text.len() <= MAX_EMAIL
        && text.chars().all(plain)
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !local.contains('@')
                && domain.split('.').count() > 1
                && domain.split('.').all(|label| !label.is_empty())
        })
}

fn is_phone(text: &str) -> bool {
    text.len() <= MAX_PHONE
        && text.strip_prefix('+').is_some_and(|number| {
            let digits = number.bytes().filter(u8::is_ascii_digit).count();
            PHONE_DIGITS.contains(&digits)
                && number
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || b" -.()/".contains(&byte))
        })
}
