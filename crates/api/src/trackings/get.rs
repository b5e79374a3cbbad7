//! `GET /trackings/{id}`.

use axum::extract::State;
use waybill_versions::Model;

use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    fields::Fields,
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
    Ok(Data::ok(tracking).of(Model::Tracking).narrowed(fields))
}
