//! `PUT /trackings/{id}`.

use axum::extract::State;
use waybill_versions::{Model, UpdateTracking};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
    caller::Caller,
    path::Id,
};

/// Changes a tracking; answers it as it is then.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(request): Body<UpdateTracking>,
) -> Answer {
    Ok(Data::ok(
        app.service
            .update_tracking(caller.organization, &id, request)
            .await?,
    )
    .of(Model::Tracking))
}
