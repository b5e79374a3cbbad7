//! `GET /notifications/{id}`.

use axum::extract::State;
use waybill_versions::Model;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Answers the addresses that are told of a tracking.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    let shown = app.service.notification(caller.organization, &id).await?;
    Ok(Data::ok(shown).of(Model::Notification))
}
