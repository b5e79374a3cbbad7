//! `POST /waybill/v1/webhooks/{id}/resume`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Sends what was kept back, and goes on.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.resume_webhook(caller.organization, &id).await?,
    ))
}
