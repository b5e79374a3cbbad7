//! `POST /waybill/v1/locations`.

use axum::extract::State;
use waybill_versions::CreateLocation;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
};

/// Makes a location.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = CreateLocation::parse(body)?;
    Ok(Data::created(
        app.service
            .create_location(caller.organization, request)
            .await?,
    ))
}
