//! `POST /trackings/{id}/mark-as-completed`.

use axum::extract::State;
use waybill_versions::{CompleteTracking, Model};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
    caller::Caller,
    path::Id,
};

/// Ends a tracking by hand.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(request): Body<CompleteTracking>,
) -> Answer {
    Ok(Data::ok(
        app.service
            .complete_tracking(caller.organization, &id, request)
            .await?,
    )
    .of(Model::Tracking))
}
