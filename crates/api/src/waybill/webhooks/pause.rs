//! `POST /waybill/v1/webhooks/{id}/pause`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Keeps deliveries back.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.pause_webhook(caller.organization, &id).await?,
    ))
}
