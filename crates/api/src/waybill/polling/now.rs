//! `POST /waybill/v1/trackings/{id}/polling/now`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    path::Id,
};

/// Asks the couriers as soon as a worker is free. Any body is ignored.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, Id(id): Id) -> Answer {
    Ok(Data::ok(
        app.service.poll_now(caller.organization, &id).await?,
    ))
}
