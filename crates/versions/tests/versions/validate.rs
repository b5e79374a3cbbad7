//! As much of JSON Schema as our own schemas use.

use serde_json::{Map, Value};

/// What is wrong with a value, with its path.
pub fn fault(
    schema: &Value,
    value: &Value,
    schemas: &Map<String, Value>,
    path: &str,
) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        return fault(&schemas[name], value, schemas, path);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let faults: Vec<String> = choices
            .iter()
            .map_while(|choice| fault(choice, value, schemas, path))
            .collect();
        return (faults.len() == choices.len()).then(|| faults.join(" or "));
    }
    if schema.as_object().is_some_and(Map::is_empty) {
        return None;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => panic!("{path}: a schema without a type: {schema}"),
    };
    if !kinds.iter().any(|kind| is(kind, value)) {
        return Some(format!("{path} is {value}, not {kinds:?}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Some(format!("{path} is {value}, none of {words:?}"));
    }
    match value {
        Value::Array(items) => items
            .iter()
            .find_map(|item| fault(&schema["items"], item, schemas, &format!("{path}[]"))),
        Value::Object(fields) => object(schema, fields, schemas, path),
        _ => None,
    }
}

fn object(
    schema: &Value,
    fields: &Map<String, Value>,
    schemas: &Map<String, Value>,
    path: &str,
) -> Option<String> {
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Some(format!("{path}.{name} is missing"));
        }
    }
    fields.iter().find_map(|(name, value)| {
        let path = format!("{path}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => Some(format!("{path} is unknown")),
            (Value::Null, Value::Object(_)) => {
                fault(&schema["additionalProperties"], value, schemas, &path)
            }
            (Value::Null, _) => None,
            (property, _) => fault(property, value, schemas, &path),
        }
    })
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}
