//! `waybill couriers unknown`

use std::process::ExitCode;

use serde_json::json;

use crate::{cli::Common, failure::Failure, terminal::say};

/// Rows listed.
const LISTED: usize = 10_000;

pub(super) async fn run(
    courier: Option<&str>,
    as_json: bool,
    common: &Common,
) -> Result<ExitCode, Failure> {
    let node = super::super::open(common).await?;
    if let Some(slug) = courier
        && node.service.couriers().get(slug).is_none()
    {
        return Err(Failure::usage(format!(
            "there is no courier `{slug}`; `waybill couriers list` shows them"
        )));
    }
    let rows = node.service.storage().unclassified(LISTED).await;
    let mut rows = rows.map_err(|error| Failure::failed(error.to_string()))?;
    rows.retain(|row| courier.is_none_or(|slug| row.slug.as_str() == slug));
    if as_json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                json!({
                    "slug": row.slug.as_str(),
                    "word": row.word,
                    "example": row.example,
                    "count": row.count,
                    "first_seen_at": row.first_seen_at.to_string(),
                    "last_seen_at": row.last_seen_at.to_string(),
                })
            })
            .collect();
        say(json!(rows));
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        say("every event was understood, or none was told yet");
    }
    for row in rows {
        say(format_args!(
            "{:8}  {:20}  {}  last {:.0}  {}",
            row.count,
            row.slug.as_str(),
            row.word,
            row.last_seen_at,
            row.example
        ));
    }
    Ok(ExitCode::SUCCESS)
}
