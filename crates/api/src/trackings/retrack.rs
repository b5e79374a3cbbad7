//! `POST /trackings/{id}/retrack`.

use axum::extract::State;

use crate::{
    App, RETRACK_LIMIT,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Follows an inactive tracking again. Any body is ignored.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    let retracked = app
        .service
        .retrack_tracking(caller.organization, &id, RETRACK_LIMIT)
        .await?;
    Ok(Data::ok(retracked))
}
