//! `/docs/supported-couriers`: every courier, with search.
//!
//! The page is made from the loaded couriers themselves, so that it is never older than they are, and
//! works without a key and without scripts.

mod row;
mod table;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, rejection::QueryRejection},
    response::Redirect,
    routing::get,
};
use serde::Deserialize;
use waybill_couriers::Couriers;

use crate::asset::{Asset, CSV, HTML, STYLE};
use row::Row;

/// A longer question finds nothing more.
const MAX_SEARCH_CHARS: usize = 100;

const PATH: &str = "/docs/supported-couriers";
const PAGE: &str = include_str!("../../assets/couriers/index.html");
const CSS: &str = include_str!("../../assets/couriers/couriers.css");

/// What is asked of the page; anything else is ignored.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    search: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: String,
}

/// Its routes; `couriers` gives those that are loaded now.
pub(crate) fn router(
    couriers: impl Fn() -> Arc<Couriers> + Clone + Send + Sync + 'static,
) -> Router {
    let all = couriers.clone();
    let page = async move |asked: Result<Query<Asked>, QueryRejection>| {
        // A question that cannot be read asks nothing.
        let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
        page(&couriers(), &asked)
    };
    Router::new()
        .route(PATH, get(page))
        .route(&format!("{PATH}/"), get(async || Redirect::permanent(PATH)))
        .route(
            &format!("{PATH}/couriers.css"),
            get(async || Asset {
                kind: STYLE,
                text: CSS.into(),
            }),
        )
        .route(
            &format!("{PATH}.csv"),
            get(async move || Asset {
                kind: CSV,
                text: table::csv(&rows(&all())).into(),
            }),
        )
}

fn rows(couriers: &Couriers) -> Vec<Row<'_>> {
    couriers.all().map(Row::of).collect()
}

fn page(couriers: &Couriers, asked: &Asked) -> Asset {
    let search: String = asked.search.chars().take(MAX_SEARCH_CHARS).collect();
    let show = table::Show::parse(&asked.show);
    let all = rows(couriers);
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let found: Vec<&Row> = all
        .iter()
        .filter(|row| show.takes(row) && row.has_all(&words))
        .collect();
    let page = table::Page::of(found.len(), &asked.page);
    let filled = [
        ("{counts}", table::counts(&all)),
        ("{search}", row::escaped(&search)),
        ("{choices}", show.choices()),
        ("{found}", page.found()),
        ("{rows}", page.shown(&found)),
        ("{pages}", page.links(&search, show)),
    ];
    // Each mark stands in the page once, and what is filled in is not looked at again.
    let mut text = String::with_capacity(PAGE.len());
    let mut rest = PAGE;
    for (mark, value) in filled {
        if let Some((before, after)) = rest.split_once(mark) {
            text.push_str(before);
            text.push_str(&value);
            rest = after;
        }
    }
    text.push_str(rest);
    Asset {
        kind: HTML,
        text: text.into(),
    }
}
