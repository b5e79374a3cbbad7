//! `GET /waybill/v1/locations/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Answers one location.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.location(caller.organization, &id).await?,
    ))
}
