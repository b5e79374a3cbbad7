//! `GET /trackings`: pages of 100.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use jiff::Timestamp;
use waybill_model::{OrganizationId, search::keyword_words};
use waybill_storage_sqlite::tokens::query;

use crate::{
    contest::{Contest, Side},
    load::{self, Requests, Shape},
    program::Program,
    world::{Drawn, Filled, TRACKINGS, World, mixed, url},
};

/// Fewer than for a GET: a page is a hundred trackings.
pub const CONNECTIONS: usize = 8;

/// What is asked for, its parameter in the API, and how the bare program is asked.
pub const LISTS: [(&str, &str, &str); 7] = [
    ("newest", "", "newest/x"),
    ("by tag", "&tag=InTransit", "tag/InTransit"),
    ("by slug", "&slug=ups", "slug/ups"),
    ("by a rare slug", "&slug=RARE", "slug/RARE"),
    ("by order_id", "&order_id=ORDER", "order/ORDER"),
    ("by keyword", "&keyword=KEYWORD", "keyword/TOKENS"),
    (
        "by updated_at_min",
        "&updated_at_min=SINCE",
        "updated/SINCE",
    ),
];

/// A word of the titles of two couriers in eight.
const KEYWORD: &str = "blue";

/// Trackings of a page.
pub const LIMIT: usize = 100;

/// Events of an organization after the time from which on it is asked what changed.
pub const CHANGES: i64 = 500;

/// Each list against the same SQL.
pub async fn measure(world: &World) -> Result<Vec<Contest>> {
    let options = &world.options;
    let shape = Shape {
        connections: CONNECTIONS.min(options.connections),
        duration: options.round(),
        rate: None,
    };
    let mut contests = Vec::new();
    for organizations in &options.organizations {
        let filled = Arc::new(world.filled(options.rows, *organizations, 10)?);
        let drawn = Arc::new(filled.draw()?);
        let waybill = Program::waybill(&options.waybill, &url(&filled.file), "api")?;
        let bare = Program::bare("read", &["--database", &filled.file.to_string_lossy()])?;
        let since = Arc::new(filled.since(CHANGES)?);
        for (name, ours, theirs) in LISTS {
            let request = |path: &'static str, is_ours: bool| {
                requests(&filled, &drawn, &since, path, LIMIT, is_ours)
            };
            let contest = Contest::new(
                format!("list of 100, {name}, {organizations} organizations"),
                "axum + the same SQL",
                "≥ 0.7",
            );
            let bare = Side::new(&bare, request(theirs, false));
            let waybill = Side::new(&waybill, request(ours, true));
            contests.push(
                contest
                    .alternate(options.rounds, shape, false, &bare, &waybill)
                    .await?,
            );
        }
    }
    Ok(contests)
}

/// Pages of organizations drawn at random.
pub fn requests(
    filled: &Arc<Filled>,
    drawn: &Arc<Vec<Drawn>>,
    since: &Arc<HashMap<i64, Timestamp>>,
    path: &'static str,
    limit: usize,
    is_ours: bool,
) -> Requests {
    let (filled, drawn, since) = (filled.clone(), drawn.clone(), since.clone());
    Arc::new(move |number| {
        let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
        let (organization, key) = &filled.organizations[one.organization];
        let path = path
            .replace("RARE", &filled.rare_slug)
            .replace("ORDER", &one.order)
            .replace("KEYWORD", KEYWORD);
        let since = since.get(&one.organization_number);
        let since = since.copied().unwrap_or_default();
        if is_ours {
            let path = path.replace("SINCE", &since.to_string());
            load::get(&format!("{TRACKINGS}?limit={limit}{path}"), key)
        } else {
            let path = path
                .replace("SINCE", &since.as_microsecond().to_string())
                .replace("TOKENS", &tokens(organization));
            load::get(&format!("/{}/list/{path}", one.organization_number), "")
        }
    })
}

/// What the index of words is asked for; words alone need no quotes, which a path could not have.
fn tokens(organization: &str) -> String {
    let words = keyword_words(KEYWORD).unwrap_or_default();
    let organization = OrganizationId::parse(organization);
    let query = organization.map(|organization| query(organization, &words));
    query.unwrap_or_default().replace('"', "")
}
