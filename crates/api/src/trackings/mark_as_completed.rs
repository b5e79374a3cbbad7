//! `POST /trackings/{id}/mark-as-completed`.

use axum::extract::State;
use waybill_versions::CompleteTracking;

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
    Body(body): Body,
) -> Answer {
    let request = CompleteTracking::parse(body)?;
    Ok(Data::ok(
        app.service
            .complete_tracking(caller.organization, &id, request)
            .await?,
    ))
}
