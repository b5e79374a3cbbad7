//! Bodies in, values or problems out.

mod arbitrary;
mod checkpoints;
mod create;
mod order;
mod update;
mod webhooks;

use serde_json::Value;
use waybill_versions::{CreateTracking, Problem};

/// A create body: a good number, and these fields.
fn with(fields: Value) -> Value {
    let mut body = serde_json::json!({"tracking_number": "1Z999AA10123456784"});
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        body.extend(fields);
    }
    body
}

fn create(fields: Value) -> Result<CreateTracking, Problem> {
    CreateTracking::parse(with(fields))
}

/// Code and message of a refusal.
#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T, Problem>) -> (u16, String) {
    let problem = result.expect_err("should be refused");
    (problem.code.entry().meta_code, problem.message)
}

/// Asserts the code and that the message names the field.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Problem>, code: u16, field: &str) {
    let (given, message) = refusal(result);
    assert_eq!(given, code, "{message}");
    assert!(
        message.contains(&format!("`{field}`")),
        "{message} does not name {field}"
    );
}
