//! `POST /waybill/v1/trackings/{id}/checkpoints`.

use axum::extract::State;
use waybill_versions::GivenCheckpoint;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
    path::Id,
};

/// Adds news that the caller has; answers the tracking.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    JsonBody(body): JsonBody,
) -> Answer {
    let checkpoints = GivenCheckpoint::parse_list(body)?;
    Ok(Data::ok(
        app.service
            .add_checkpoints(caller.organization, &id, checkpoints)
            .await?,
    ))
}
