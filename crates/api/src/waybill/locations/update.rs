//! `PATCH /waybill/v1/locations/{id}`.

use axum::extract::State;
use waybill_versions::UpdateLocation;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
    path::Id,
};

/// Changes a location.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    JsonBody(body): JsonBody,
) -> Answer {
    let patch = UpdateLocation::parse(body)?;
    Ok(Data::ok(
        app.service
            .update_location(caller.organization, &id, patch)
            .await?,
    ))
}
