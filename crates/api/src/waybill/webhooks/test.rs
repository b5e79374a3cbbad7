//! `POST /waybill/v1/webhooks/{id}/test`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Sends a sample event.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.test_webhook(caller.organization, &id).await?,
    ))
}
