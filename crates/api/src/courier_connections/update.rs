//! `PATCH /courier-connections/{id}`.

use axum::extract::State;
use waybill_versions::UpdateConnection;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
    path::Id,
};

/// Changes a courier connection.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    JsonBody(body): JsonBody,
) -> Answer {
    let patch = UpdateConnection::parse(body)?;
    Ok(Data::ok(
        app.service
            .update_courier_connection(caller.organization, &id, patch)
            .await?,
    ))
}
