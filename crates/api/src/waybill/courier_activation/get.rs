//! `GET /waybill/v1/courier-activation`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
};

/// Answers the couriers that were activated; none: all are active.
pub(crate) async fn handle(State(app): State<App>, caller: Caller) -> Answer {
    let activated = app.service.activated_couriers(caller.organization).await?;
    Ok(Data::ok(activated))
}
