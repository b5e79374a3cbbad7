//! `PATCH /waybill/v1/webhooks/{id}`.

use axum::extract::State;
use waybill_versions::UpdateWebhook;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
    path::Id,
};

/// Changes a webhook.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    JsonBody(body): JsonBody,
) -> Answer {
    let patch = UpdateWebhook::parse(body)?;
    Ok(Data::ok(
        app.service
            .update_webhook(caller.organization, &id, patch)
            .await?,
    ))
}
