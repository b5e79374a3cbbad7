//! `PUT /trackings/{id}`.

use axum::extract::State;
use waybill_versions::UpdateTracking;

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
    Body(body): Body,
) -> Answer {
    let request = UpdateTracking::parse(body)?;
    Ok(Data::ok(
        app.service
            .update_tracking(caller.organization, &id, request)
            .await?,
    ))
}
