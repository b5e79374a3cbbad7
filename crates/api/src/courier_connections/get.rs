//! `GET /courier-connections/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Answers one courier connection.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service
            .courier_connection(caller.organization, &id)
            .await?,
    ))
}
