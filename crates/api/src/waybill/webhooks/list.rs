//! `GET /waybill/v1/webhooks`.

use axum::extract::State;
use serde_json::json;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
};

/// Answers all webhooks: an organization has few, so there is one page.
pub(crate) async fn handle(State(app): State<App>, caller: Caller) -> Answer {
    let webhooks = app.service.webhooks(caller.organization).await?;
    Ok(Data::ok(json!({
        "pagination": {"total": webhooks.len(), "next_cursor": null, "has_next_page": false},
        "webhooks": webhooks,
    })))
}
