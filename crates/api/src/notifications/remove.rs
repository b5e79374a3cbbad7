//! `POST /notifications/{id}/remove`.

use axum::extract::State;
use waybill_versions::{GivenNotification, Model};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
    caller::Caller,
    path::Id,
};

/// Removes addresses; answers those that are left.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(given): Body<GivenNotification>,
) -> Answer {
    let shown = app
        .service
        .remove_notification(caller.organization, &id, given)
        .await?;
    Ok(Data::ok(shown).of(Model::Notification))
}
