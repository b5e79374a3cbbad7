//! `DELETE /waybill/v1/api-keys/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Ends a key: it opens nothing any more, on every node within 5 seconds.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.revoke_api_key(caller.organization, &id).await?,
    ))
}
