//! `POST /waybill/v1/api-keys`.

use axum::extract::State;
use waybill_versions::CreateApiKey;

use crate::{
    App,
    answer::{Answer, Data},
    body::JsonBody,
    caller::Caller,
};

/// Makes a key; the only answer that shows it.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = CreateApiKey::parse(body)?;
    Ok(Data::created(
        app.service.create_api_key(&caller.key, request).await?,
    ))
}
