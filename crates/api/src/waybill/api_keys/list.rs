//! `GET /waybill/v1/api-keys`.

use axum::extract::State;

use crate::{App, answer::Answer, caller::Caller, page::page, query::Query};

/// Answers a page of keys, newest first, the ended ones too.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let keys = app.service.api_keys(caller.organization).await?;
    page(&caller, &query, "api_keys", &[], keys)
}
