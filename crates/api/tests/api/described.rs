//! Every answer that a test gets is held against the OpenAPI document of its version.

use std::sync::LazyLock;

use serde_json::Value;
use waybill_api::openapi_documents;

#[path = "../../../versions/tests/versions/validate.rs"]
mod validate;

static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let documents = openapi_documents().values();
    documents
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect()
});

/// What is wrong with an answer by the document of its route; nothing where no document has it.
pub fn fault(method: &str, path: &str, status: u16, body: &Value) -> Option<String> {
    let method = method.to_ascii_lowercase();
    let (document, operation) = DOCUMENTS
        .iter()
        .flat_map(|document| routes(document, path).map(move |item| (document, item)))
        .filter_map(|(document, (template, item))| Some((document, template, item.get(&method)?)))
        .min_by_key(|(_, template, _)| template.matches('{').count())
        .map(|(document, _, operation)| (document, operation))?;
    let Some(response) = operation["responses"].get(status.to_string()) else {
        return Some(format!("{method} {path} may not answer {status}"));
    };
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let schema = &response["content"]["application/json"]["schema"];
    let fault = validate::fault(schema, body, schemas, "answer")?;
    Some(format!("{method} {path} {status}: {fault} in {body}"))
}

/// The paths of a document that a path may be, with what each says.
fn routes<'a>(document: &'a Value, path: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let base = document["servers"][0]["url"].as_str().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let inner = path.strip_prefix(base);
    let routes = document["paths"].as_object().into_iter().flatten();
    routes.filter(move |(template, _)| inner.is_some_and(|inner| is_of(template, inner)))
}

fn is_of(template: &str, path: &str) -> bool {
    let fits =
        |(part, given): (&str, &str)| part == given || part.starts_with('{') && !given.is_empty();
    template.split('/').count() == path.split('/').count()
        && template.split('/').zip(path.split('/')).all(fits)
}

#[test]
fn what_no_document_says_is_found() {
    let answer = |data: Value| serde_json::json!({"meta": {"code": 200}, "data": data});
    let empty = answer(serde_json::json!({}));
    for (method, path, status) in [
        ("GET", "/v4/couriers", 200),
        ("DELETE", "/waybill/v1/webhooks/7", 200),
        ("POST", "/tracking/2026-07/courier-connections", 201),
        ("POST", "/waybill/v1/trackings/batch", 418),
    ] {
        assert!(fault(method, path, status, &empty).is_some(), "{path}");
    }
    let odd = answer(serde_json::json!({"couriers": ["ups"], "odd": 1}));
    let found = fault("GET", "/waybill/v1/courier-activation", 200, &odd);
    assert!(found.is_some_and(|found| found.contains("answer.data.odd is unknown")));
    assert_eq!(fault("GET", "/nowhere", 404, &empty), None);
}
