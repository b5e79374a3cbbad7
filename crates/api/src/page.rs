//! A page of a list that was read as a whole, since an organization has few of its things.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    answer::{Answer, Data},
    caller::Caller,
    cursor::Cursors,
    query::Query,
};

/// The page that the query asks for, of things whose ids fall. `name` is that of the list in the
/// answer; `conditions` are the parameters that say which list it is.
pub(crate) fn page(
    caller: &Caller,
    query: &Query,
    name: &str,
    conditions: &[&str],
    things: Vec<(Uuid, Value)>,
) -> Answer {
    let limit = query.limit()?;
    let cursors = Cursors::new(caller.organization, name, query, conditions)?;
    let before = cursors.read(query)?;
    let total = things.len();
    let mut rest = things
        .into_iter()
        .filter(|(id, _)| before.is_none_or(|before| *id < before));
    let shown: Vec<(Uuid, Value)> = rest.by_ref().take(limit).collect();
    let last = shown.last().map(|(id, _)| *id);
    let next = last.filter(|_| rest.next().is_some());
    let next = next.map(|id| cursors.text(id));
    let shown: Vec<Value> = shown.into_iter().map(|(_, thing)| thing).collect();
    Ok(Data::ok(json!({
        "pagination": {"total": total, "next_cursor": next, "has_next_page": next.is_some()},
        name: shown,
    })))
}
