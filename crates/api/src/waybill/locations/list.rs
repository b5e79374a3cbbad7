//! `GET /waybill/v1/locations`.

use axum::extract::State;

use crate::{App, answer::Answer, caller::Caller, page::page, query::Query};

/// Answers a page of locations.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let locations = app.service.locations(caller.organization).await?;
    page(&caller, &query, "locations", &[], locations)
}
