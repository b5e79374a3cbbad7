//! `POST /courier-connections`.

use axum::extract::State;
use waybill_versions::CreateConnection;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
};

/// Makes a courier connection.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = CreateConnection::parse(body)?;
    Ok(Data::created(
        app.service
            .create_courier_connection(caller.organization, request)
            .await?,
    ))
}
