//! `POST /trackings`.

use axum::extract::State;
use waybill_versions::{CreateTracking, Model};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
    caller::Caller,
};

/// Follows a number; answers the new tracking with 201.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<CreateTracking>,
) -> Answer {
    Ok(Data::created(
        app.service
            .create_tracking(caller.organization, request)
            .await?,
    )
    .of(Model::Tracking))
}
