//! `POST /waybill/v1/webhooks`.

use axum::extract::State;
use waybill_versions::CreateWebhook;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
};

/// Makes a webhook; the only answer that shows its secret, besides rotation.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = CreateWebhook::parse(body)?;
    Ok(Data::created(
        app.service
            .create_webhook(caller.organization, request)
            .await?,
    ))
}
