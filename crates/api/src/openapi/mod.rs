//! The OpenAPI 3.1 documents: one for each version of the tracking API, and one for our own. They
//! are written from the routes, [`operations`] and the tables of `versions`, so they cannot say
//! otherwise than what is served. `openapi/` in the repository has them as committed.

mod operations;

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{extract::Path, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};
use waybill_versions::{Code, Model, Side, Version};

use self::operations::{Answers, Operation, operation};
use crate::{
    answer::{Refused, rendered},
    routes::{Api, ROUTES, Route},
};

/// The name of the document of our own API.
const WAYBILL: &str = "waybill-v1";

static DOCUMENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let versions = Version::ALL.map(|version| (version.to_string(), Some(version)));
    let names = versions.into_iter().chain([(WAYBILL.to_owned(), None)]);
    names
        .map(|(name, version)| {
            let text = serde_json::to_string_pretty(&document(version)).unwrap_or_default();
            (name, text + "\n")
        })
        .collect()
});

/// Every document by the name of its file.
pub fn openapi_documents() -> &'static BTreeMap<String, String> {
    &DOCUMENTS
}

/// `GET /docs/openapi/<version>.json`; needs no key.
pub(crate) async fn handle(Path(file): Path<String>) -> Result<Response, Refused> {
    let name = file.strip_suffix(".json").unwrap_or_default();
    let text = DOCUMENTS.get(name).ok_or(Code::NotFound)?;
    Ok(rendered(StatusCode::OK, text.clone()))
}

/// A document; `None` is our own API.
fn document(version: Option<Version>) -> Value {
    let (title, path) = match version {
        Some(version) => (format!("Tracking API {version}"), version.base_path()),
        None => ("Waybill's own API".to_owned(), "/waybill/v1".to_owned()),
    };
    let mut schemas = Map::new();
    schemas.insert("Error".to_owned(), error(version));
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let is_here = match version {
            Some(version) => route.api == Api::Tracking && route.versions.contains(version),
            None => route.api == Api::Waybill,
        };
        let is_spelling = route.path.ends_with('/');
        if let (true, false, Some(operation)) = (is_here, is_spelling, operation(route)) {
            let item = paths.entry(route.path).or_insert_with(|| json!({}));
            item[route.method.as_str().to_ascii_lowercase()] = described(
                route,
                operation,
                version.unwrap_or(Version::NEWEST),
                &mut schemas,
            );
        }
    }
    let mut keys = json!({"key": {"type": "apiKey", "in": "header", "name": "as-api-key"}});
    let mut security = vec![json!({"key": []})];
    if version.is_some_and(Version::is_legacy) {
        keys["legacy"] = json!({"type": "apiKey", "in": "header", "name": "aftership-api-key"});
        security.push(json!({"legacy": []}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": version.map_or("v1", Version::as_str)},
        "servers": [{"url": path}],
        "security": security,
        "paths": paths,
        "components": {"securitySchemes": keys, "schemas": schemas},
    })
}

fn described(
    route: &Route,
    operation: &Operation,
    version: Version,
    schemas: &mut Map<String, Value>,
) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    for name in ["id", "slug", "tracking_number", "webhook_id"] {
        if route.path.contains(&format!("{{{name}}}")) {
            parameters.push(json!({
                "name": name, "in": "path", "required": true, "schema": {"type": "string"},
            }));
        }
    }
    let query = operation
        .query
        .into_iter()
        .flat_map(|model| version.query_schemas(model));
    for (name, schema) in query {
        parameters.push(json!({"name": name, "in": "query", "schema": schema}));
    }
    for name in operation.parameters {
        let schema = json!({"type": "string"});
        parameters.push(json!({"name": name, "in": "query", "schema": schema}));
    }
    let may_be_narrowed = operation.partly
        || operation.parameters.contains(&"fields")
        || operation.query == Some(Model::TrackingsQuery);
    let side = if may_be_narrowed {
        Side::Narrowed
    } else {
        Side::Answered
    };
    let data = data(operation.answers, side, version, schemas);
    let status = if operation.creates { "201" } else { "200" };
    let mut responses = json!({status: {
        "description": "Done",
        "content": {"application/json": {"schema": envelope(&data)}},
    }});
    for (code, what) in operations::REFUSALS {
        responses[*code] = json!({
            "description": what,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        });
    }
    let mut described = json!({
        "summary": operation.summary,
        "description": operation.description,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some((model, wrapper)) = operation.body {
        let mut schema = version.schema(model, Side::Given, schemas);
        if let Some(name) = wrapper.filter(|_| version.wraps()) {
            schema = json!({"type": "object", "properties": {name: schema}, "required": [name]});
        }
        described["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": schema}}});
    }
    described
}

fn operation_id(route: &Route) -> String {
    let path = route.path.replace(['{', '}'], "").replace(['/', '-'], "_");
    format!("{}{path}", route.method.as_str().to_ascii_lowercase())
}

/// The schema of `data`.
fn data(answers: Answers, side: Side, version: Version, schemas: &mut Map<String, Value>) -> Value {
    match answers {
        Answers::One(model) => version.schema(model, side, schemas),
        Answers::Wrapped(model, name) => {
            let schema = version.schema(model, side, schemas);
            if version.wraps() {
                closed(&json!({name: schema}))
            } else {
                schema
            }
        }
        Answers::List(head, name, model) => {
            version.schema(head, Side::Answered, schemas);
            let item = version.schema(model, side, schemas);
            let head = schemas.remove(&format!("{head:?}")).unwrap_or_default();
            let mut properties = head["properties"].as_object().cloned().unwrap_or_default();
            properties.insert(name.to_owned(), json!({"type": "array", "items": item}));
            closed(&Value::Object(properties))
        }
    }
}

/// An object with all of these properties and no other.
fn closed(properties: &Value) -> Value {
    let names: Vec<&String> = properties
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    json!({
        "type": "object",
        "required": names,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn envelope(data: &Value) -> Value {
    let meta = closed(&json!({"code": {"type": "integer"}}));
    closed(&json!({"meta": meta, "data": data}))
}

fn error(version: Option<Version>) -> Value {
    let mut meta = json!({
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "type": {"type": "string", "enum": [
            "BadRequest", "Unauthorized", "Forbidden", "NotFound", "TooManyRequests", "InternalError",
        ]},
    });
    if !version.is_some_and(Version::echoes_errors) {
        meta["errors"] = json!({"type": "array", "items": {}});
    }
    closed(&json!({"meta": closed(&meta), "data": {"type": "object"}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described() {
        for route in ROUTES {
            assert!(
                operation(route).is_some(),
                "{} {} needs a line in OPERATIONS",
                route.method,
                route.path
            );
        }
    }

    #[test]
    fn the_documents_are_as_committed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
        for (name, text) in openapi_documents() {
            let path = folder.join(format!("{name}.json"));
            if std::env::var_os("WAYBILL_WRITE").is_some() {
                std::fs::create_dir_all(&folder).expect("a folder");
                std::fs::write(&path, text).expect("writable");
            }
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                committed == *text,
                "openapi/{name}.json is not what the tables say: run the tests with WAYBILL_WRITE=1"
            );
        }
    }
}
