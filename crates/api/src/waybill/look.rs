//! `POST /waybill/v1/trackings/{id}/look`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Somebody looks at the parcel: renews what is known of it, unless that is fresh. Any body is ignored.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(app.service.look(caller.organization, &id).await?))
}
