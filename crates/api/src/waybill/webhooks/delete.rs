//! `DELETE /waybill/v1/webhooks/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Deletes a webhook; answers it as it was.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.delete_webhook(caller.organization, &id).await?,
    ))
}
