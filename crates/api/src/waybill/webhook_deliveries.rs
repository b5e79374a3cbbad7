//! `GET /waybill/v1/webhook-deliveries`.

use axum::extract::State;
use serde_json::json;
use waybill_model::{DeliveryId, EventId, TrackingKey, WebhookId};
use waybill_storage::{DeliveryFilter, DeliveryStatus};
use waybill_versions::Problem;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    cursor::Cursors,
    query::Query,
};

const CONDITIONS: &[&str] = &["webhook_id", "event_id", "tracking_id", "status"];

/// Answers a page of deliveries with their attempts, newest first.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let limit = query.limit()?;
    let filter = DeliveryFilter {
        webhook: one(
            &query,
            "webhook_id",
            WebhookId::parse,
            "Use the id of a webhook.",
        )?,
        event: one(
            &query,
            "event_id",
            EventId::parse,
            "Use the `event_id` of a delivery.",
        )?,
        tracking: one(
            &query,
            "tracking_id",
            TrackingKey::parse,
            "Use the 32 digits of its key.",
        )?,
        status: one(
            &query,
            "status",
            DeliveryStatus::parse,
            "Use `pending`, `delivered` or `dead`.",
        )?,
    };
    let cursors = Cursors::new(
        caller.organization,
        "webhook-deliveries",
        &query,
        CONDITIONS,
    )?;
    let before = cursors.read(&query)?.map(DeliveryId::from_uuid);
    let (deliveries, next) = app
        .service
        .webhook_deliveries(caller.organization, &filter, before, limit)
        .await?;
    let next = next.map(|id| cursors.text(id.as_uuid()));
    Ok(Data::ok(json!({
        "pagination": {"next_cursor": next, "has_next_page": next.is_some()},
        "webhook_deliveries": deliveries,
    })))
}

fn one<T>(
    query: &Query,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    mend: &str,
) -> Result<Option<T>, Problem> {
    let Some(text) = query.text(name)? else {
        return Ok(None);
    };
    parse(&text)
        .map(Some)
        .ok_or_else(|| Problem::invalid(name, mend))
}
