//! `POST /waybill/v1/webhooks/{id}/rotate-secret`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Makes a new secret and shows it this once.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service
            .rotate_webhook_secret(caller.organization, &id)
            .await?,
    ))
}
