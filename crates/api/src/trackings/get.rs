//! `GET /trackings/{id}`.

use axum::extract::State;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    fields::{Fields, narrowed},
    path::Id,
    query::Query,
    translated::translated,
};

/// Answers one tracking, whole or in the fields that are asked for.
pub(crate) async fn handle(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    query: Query,
) -> Answer {
    let fields = Fields::read(&query)?;
    let language = query.language()?;
    let tracking = app.service.tracking(caller.organization, &id).await?;
    let tracking = translated(language.as_deref(), tracking)?;
    Ok(Data::ok(narrowed(fields.as_ref(), tracking)?))
}
