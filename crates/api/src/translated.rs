//! `lang=`: what happened, in the caller's language.
//!
//! Where we have words for a checkpoint's sub-status in the language, they stand in place of the
//! carrier's; else the carrier's stay. `subtag_message` is protocol and stays English.

use serde_json::Value;
use waybill_model::{SubStatus, split_legacy};
use waybill_versions::Problem;

/// The document of a tracking with its checkpoints' messages in this language.
pub(crate) fn translated(language: Option<&str>, document: String) -> Result<String, Problem> {
    let Some(language) = language else {
        return Ok(document);
    };
    let (newest, legacy) = split_legacy(&document);
    let mut tracking: Value = serde_json::from_str(newest).map_err(|_| Problem::internal())?;
    let checkpoints = tracking
        .get_mut("checkpoints")
        .and_then(Value::as_array_mut);
    for checkpoint in checkpoints.into_iter().flatten() {
        let code = checkpoint.get("subtag").and_then(Value::as_str);
        let sub_status = code.and_then(SubStatus::parse);
        if let Some(phrase) = sub_status.and_then(|sub_status| sub_status.phrase(language)) {
            checkpoint["message"] = phrase.into();
        }
    }
    let mut translated = tracking.to_string();
    if let Some(legacy) = legacy {
        translated = format!("{translated}\n{legacy}\n");
    }
    Ok(translated)
}
