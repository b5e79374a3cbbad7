//! `GET /couriers`.

use axum::extract::State;

use super::answer;
use crate::{App, MAX_FILTER_ITEMS, answer::Answer, query::Query};

/// Answers the couriers, or those of the slugs that are asked for. Couriers need no activation
/// here: all of them are active, and `active=false` finds none.
pub(crate) async fn handle(State(app): State<App>, query: Query) -> Answer {
    let slugs = query.list("slug", MAX_FILTER_ITEMS, |slug| Ok(slug.to_owned()))?;
    let active = query.boolean("active")?.unwrap_or(true);
    let couriers = app.service.couriers();
    Ok(answer(couriers.all().filter(|courier| {
        active && (slugs.is_empty() || slugs.iter().any(|slug| slug == courier.slug().as_str()))
    })))
}
