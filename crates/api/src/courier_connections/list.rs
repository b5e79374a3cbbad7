//! `GET /courier-connections`.

use axum::extract::State;

use crate::{App, answer::Answer, caller::Caller, page::page, query::Query};

/// Answers a page of courier connections, newest first.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let slug = query.text("courier_slug")?;
    let connections = app
        .service
        .courier_connections(caller.organization, slug.as_deref())
        .await?;
    let conditions = &["courier_slug"];
    page(
        &caller,
        &query,
        "courier_connections",
        conditions,
        connections,
    )
}
