//! `DELETE /waybill/v1/locations/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Deletes a location; answers it as it was.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service
            .delete_location(caller.organization, &id)
            .await?,
    ))
}
