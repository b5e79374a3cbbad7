//! `GET /last_checkpoint/{id}`, up to 2024-04.

use axum::extract::State;
use serde_json::{Map, Value, json};
use waybill_model::split_legacy;
use waybill_versions::{Model, Problem, Version};

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    fields::Fields,
    path::Id,
    query::Query,
    translated::translated,
};

/// What clients of 2024-04 refuse as null.
const TEXTS: &[&str] = &[
    "created_at",
    "slug",
    "checkpoint_time",
    "message",
    "subtag",
    "subtag_message",
];

/// Answers the newest checkpoint, whole or in the fields that are asked for, with what identifies its
/// tracking. While there is none, its fields are empty.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    query: Query,
) -> Answer {
    let fields = Fields::of_last_checkpoint(&query)?;
    let language = query.language()?;
    let tracking = app.service.tracking(caller.organization, &id).await?;
    let tracking = translated(language.as_deref(), tracking)?;
    let (newest, _) = split_legacy(&tracking);
    let mut tracking: Value = serde_json::from_str(newest).map_err(|_| Problem::internal())?;
    let checkpoints = tracking["checkpoints"].take();
    let last = checkpoints.as_array().and_then(|all| all.last()).cloned();
    let answer = json!({
        "id": tracking["legacy_id"],
        "tracking_number": tracking["tracking_number"],
        "slug": tracking["slug"],
        "tag": tracking["tag"],
        "subtag": tracking["subtag"],
        "subtag_message": tracking["subtag_message"],
        "checkpoint": last.unwrap_or_else(|| no_checkpoint(query.version())),
    });
    Ok(Data::ok(answer).of(Model::LastCheckpoint).narrowed(fields))
}

fn no_checkpoint(version: Version) -> Value {
    let mut fields = Map::new();
    for name in Version::NEWEST.names(Model::Checkpoint) {
        let value = match name {
            "events" => json!([]),
            text if TEXTS.contains(&text) && version > Version::V2024_01 => json!(""),
            _ => Value::Null,
        };
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}
