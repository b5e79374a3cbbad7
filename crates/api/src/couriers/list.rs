//! `GET /couriers`.

use axum::extract::State;

use super::answer;
use crate::{App, MAX_FILTER_ITEMS, answer::Answer, caller::Caller, query::Query};

/// Answers the couriers, those of the slugs that are asked for, or those that are active
/// (`active=true`) or not.
pub(crate) async fn handle(State(app): State<App>, caller: Caller, query: Query) -> Answer {
    let slugs = query.list("slug", MAX_FILTER_ITEMS, |slug| Ok(slug.to_owned()))?;
    let wanted = query.boolean("active")?;
    let active = app.service.active_couriers(caller.organization).await?;
    let couriers = app.service.couriers();
    Ok(answer(couriers.all().filter(|courier| {
        let slug = courier.slug().as_str();
        wanted.is_none_or(|wanted| wanted == active.has(slug))
            && (slugs.is_empty() || slugs.iter().any(|asked| asked == slug))
    })))
}
