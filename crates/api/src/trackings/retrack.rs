//! `POST /trackings/{id}/retrack`.

use axum::extract::State;
use waybill_versions::Model;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
    query::Query,
};

/// Follows an inactive tracking again. Any body is ignored.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    query: Query,
) -> Answer {
    let retracked = app
        .service
        .retrack_tracking(caller.organization, &id, query.version().retrack_limit())
        .await?;
    Ok(Data::ok(retracked).of(Model::Retracked))
}
