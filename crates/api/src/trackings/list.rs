//! `GET /trackings`.

use std::sync::Arc;

use axum::extract::State;
use serde_json::json;
use waybill_model::TrackingKey;
use waybill_storage::TrackingFilter;
use waybill_versions::Problem;

use super::filter;
use crate::{
    App, MAX_PAGED,
    answer::{Answer, Data, Page},
    caller::Caller,
    cursor::Cursors,
    fields::Fields,
    query::Query,
    translated::translated,
};

/// Answers a page of trackings, newest first, with how many there are in all. With a cursor a page
/// may be short and still have a next one: a filter without an index ends its walk by a budget.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let limit = query.limit()?;
    let fields = Fields::read(&query)?.map(Arc::new);
    let language = query.language()?;
    let filter = filter::read(&query, app.service.now())?;
    if query.version().pages() {
        let shown = (language, fields);
        return numbered(&app, &caller, &query, &filter, limit, shown).await;
    }
    let cursors = Cursors::new(caller.organization, "trackings", &query, filter::CONDITIONS)?;
    let before = cursors.read(&query)?.map(TrackingKey::from_uuid);
    let page = app
        .service
        .trackings(caller.organization, &filter, before, limit)
        .await?;

    let next = page.next.map(|key| cursors.text(key.as_uuid()));
    Ok(Data::trackings(Page {
        head: json!({"pagination": {
            "total": page.total,
            "next_cursor": next,
            "has_next_page": next.is_some(),
        }}),
        legacy: json!({}),
        trackings: all_translated(language.as_deref(), page.trackings)?,
        fields,
    }))
}

fn all_translated(language: Option<&str>, trackings: Vec<String>) -> Result<Vec<String>, Problem> {
    let trackings = trackings.into_iter();
    trackings
        .map(|tracking| translated(language, tracking))
        .collect()
}

/// A page by its number, as up to 2024-07.
async fn numbered(
    app: &App,
    caller: &Caller,
    query: &Query,
    filter: &TrackingFilter,
    limit: usize,
    (language, fields): (Option<String>, Option<Arc<Fields>>),
) -> Answer {
    let page = query.page();
    let offset = (page - 1).saturating_mul(limit);
    let found = app
        .service
        .trackings_at(caller.organization, filter, offset, limit, MAX_PAGED)
        .await?;
    let mut legacy = repeated(query, filter)?;
    legacy["page"] = json!(page);
    legacy["limit"] = json!(limit);
    Ok(Data::trackings(Page {
        head: json!({"pagination": {"total": found.total}}),
        legacy,
        trackings: all_translated(language.as_deref(), found.trackings)?,
        fields,
    }))
}

/// The conditions as versions up to 2024-04 repeat them.
fn repeated(query: &Query, filter: &TrackingFilter) -> Result<serde_json::Value, Problem> {
    let text = |name| query.text(name).map(Option::unwrap_or_default);
    let countries = |name| {
        let countries = text(name)?;
        let items = countries
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        Ok::<_, Problem>(items.map(str::to_owned).collect::<Vec<_>>())
    };
    let moment = |at: Option<jiff::Timestamp>| {
        at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
    };
    Ok(json!({
        "keyword": text("keyword")?,
        "slug": text("slug")?,
        "origin": countries("origin")?,
        "destination": countries("destination")?,
        "tag": text("tag")?,
        "fields": text("fields")?,
        "created_at_min": moment(filter.created_at_min),
        "created_at_max": moment(filter.created_at_max),
        "last_updated_at": null,
        "return_to_sender": filter.return_to_sender.into_iter().collect::<Vec<_>>(),
        "courier_destination_country_region": countries("courier_destination_country_region")?,
    }))
}
