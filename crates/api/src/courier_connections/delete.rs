//! `DELETE /courier-connections/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Deletes a courier connection; answers it as it was.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service
            .delete_courier_connection(caller.organization, &id)
            .await?,
    ))
}
