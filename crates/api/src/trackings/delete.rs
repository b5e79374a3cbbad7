//! `DELETE /trackings/{id}`.

use axum::extract::State;
use waybill_versions::Model;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Deletes a tracking; answers it as it was. Any body is ignored.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service
            .delete_tracking(caller.organization, &id)
            .await?,
    )
    .of(Model::Deleted))
}
