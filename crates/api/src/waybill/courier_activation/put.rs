//! `PUT /waybill/v1/courier-activation`.

use axum::extract::State;
use waybill_versions::ActivateCouriers;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
};

/// Activates couriers in place of those before.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = ActivateCouriers::parse(body)?;
    Ok(Data::ok(
        app.service
            .activate_couriers(caller.organization, request)
            .await?,
    ))
}
