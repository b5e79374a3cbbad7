//! `GET /trackings`.

use axum::extract::State;
use waybill_model::TrackingKey;

use super::filter;
use crate::{
    App,
    answer::{Answer, Data},
    caller::Caller,
    cursor::Cursors,
    fields::{Fields, narrowed},
    query::Query,
    translated::translated,
};

/// Answers a page of trackings, newest first, with how many there are in all. A page may be short
/// and still have a next one: a filter without an index ends its walk by a budget.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let limit = query.limit()?;
    let fields = Fields::read(&query)?;
    let language = query.language()?;
    let filter = filter::read(&query, caller.organization, app.service.now())?;
    let cursors = Cursors::new(caller.organization, "trackings", &query, filter::CONDITIONS)?;
    let before = cursors.read(&query)?.map(TrackingKey::from_uuid);
    let page = app
        .service
        .trackings(caller.organization, &filter, before, limit)
        .await?;

    let next = page.next.map(|key| cursors.text(key.as_uuid()));
    let pagination = serde_json::json!({
        "total": page.total,
        "next_cursor": next,
        "has_next_page": next.is_some(),
    });
    let trackings = page.trackings.into_iter().map(|tracking| {
        let tracking = translated(language.as_deref(), tracking)?;
        narrowed(fields.as_ref(), tracking)
    });
    let trackings = trackings.collect::<Result<Vec<_>, _>>()?.join(",");
    Ok(Data::ok(format!(
        "{{\"pagination\":{pagination},\"trackings\":[{trackings}]}}"
    )))
}
