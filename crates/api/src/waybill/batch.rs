//! `POST /waybill/v1/trackings/batch`.

use std::fmt::Write;

use axum::extract::State;
use serde_json::json;
use waybill_versions::{CreateTracking, Problem};

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
};

/// About what stands around a row, in bytes.
const AROUND_ROW: usize = 64;

/// Makes many trackings; answers what became of each, in their order. Each is judged alone, and the
/// same batch may be sent again: what is there already is 4003, with the tracking that is there.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Answer {
    let requests = CreateTracking::parse_batch(body)?;
    let made = app
        .service
        .create_trackings(caller.organization, requests)
        .await?;
    let length = made.iter().flatten().map(String::len).sum::<usize>() + made.len() * AROUND_ROW;
    let mut results = String::with_capacity(length);
    results.push_str("{\"results\":[");
    for (index, made) in made.iter().enumerate() {
        if index > 0 {
            results.push(',');
        }
        match made {
            Ok(tracking) => {
                // A text grows without failing.
                let _ = write!(results, "{{\"index\":{index},\"status\":201,\"tracking\":");
                results.push_str(tracking);
                results.push('}');
            }
            Err(problem) => results.push_str(&refused(index, problem).to_string()),
        }
    }
    results.push_str("]}");
    Ok(Data::ok(results))
}

/// `error` is what `meta` of a single create would be, with its `data` where there is one.
fn refused(index: usize, problem: &Problem) -> serde_json::Value {
    let entry = problem.code.entry();
    let mut error = json!({
        "code": entry.meta_code,
        "message": problem.message,
        "type": entry.kind.as_str(),
        "errors": [],
    });
    if let Some(data) = &problem.data {
        error["data"] = data.clone();
    }
    json!({"index": index, "status": problem.code.entry().http_status, "error": error})
}
