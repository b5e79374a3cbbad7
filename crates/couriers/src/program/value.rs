//! Between bytes, `serde_json` values and jaq's values. Everything from outside comes through here,
//! with its limits.

use jaq_json::{Map, Val};
use jaq_std::ValT as _;
use serde_json::Value;

/// How deep an answer may nest. The deepest real one known nests twelve levels.
pub(crate) const MAX_ANSWER_DEPTH: usize = 64;

/// Parses JSON of bounded depth into a value for a program.
pub(super) fn from_json_bytes(text: &[u8]) -> Result<Val, String> {
    let value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if depth_exceeds(&value, MAX_ANSWER_DEPTH) {
        return Err(format!(
            "is nested more than {MAX_ANSWER_DEPTH} levels deep"
        ));
    }
    Ok(to_program(value))
}

/// True if a value nests deeper than `limit`.
pub(crate) fn depth_exceeds(value: &Value, limit: usize) -> bool {
    match value {
        Value::Array(items) => {
            limit == 0 || items.iter().any(|item| depth_exceeds(item, limit - 1))
        }
        Value::Object(entries) => {
            limit == 0 || entries.values().any(|item| depth_exceeds(item, limit - 1))
        }
        _ => false,
    }
}

/// A JSON value as a program sees it. Numbers keep 64 bits; longer ones become floats.
pub(crate) fn to_program(value: Value) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(truth) => Val::Bool(truth),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Val::from(integer as isize),
            None => Val::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Val::from(text),
        Value::Array(items) => items.into_iter().map(to_program).collect(),
        Value::Object(entries) => Val::obj(
            entries
                .into_iter()
                .map(|(key, value)| (Val::from(key), to_program(value)))
                .collect::<Map>(),
        ),
    }
}

/// What a program made, as JSON. Not-a-number and infinities become null, as jq prints them.
pub(crate) fn from_program(value: &Val) -> Result<Value, String> {
    Ok(match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(_) => number_from_program(value),
        Val::TStr(_) | Val::BStr(_) => Value::String(text(value)?),
        Val::Arr(items) => Value::Array(items.iter().map(from_program).collect::<Result<_, _>>()?),
        Val::Obj(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| Ok((text(key)?, from_program(value)?)))
                .collect::<Result<_, String>>()?,
        ),
    })
}

fn number_from_program(number: &Val) -> Value {
    if let Some(integer) = number.as_isize() {
        return Value::from(integer as i64);
    }
    let float = number.as_f64().and_then(serde_json::Number::from_f64);
    float.map_or(Value::Null, Value::Number)
}

fn text(value: &Val) -> Result<String, String> {
    match value {
        Val::TStr(bytes) => std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| "a text that is not UTF-8".to_owned()),
        Val::BStr(_) => Err("bytes instead of a text".to_owned()),
        _ => Err("an object with a key that is no text".to_owned()),
    }
}
