//! `POST /notifications/{id}/add`.

use axum::extract::State;
use waybill_versions::{GivenNotification, Model};

use crate::{
    App,
    answer::{Answer, Data},
    body::Body,
    caller::Caller,
    path::Id,
};

/// Adds addresses; answers all that are told of the tracking then, with 201.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(given): Body<GivenNotification>,
) -> Answer {
    let shown = app
        .service
        .add_notification(caller.organization, &id, given)
        .await?;
    Ok(Data::created(shown).of(Model::Notification))
}
