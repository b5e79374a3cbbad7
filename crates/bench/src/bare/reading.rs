//! Bare reads.

use std::{cell::RefCell, collections::HashSet, path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use rusqlite::{Connection, params};

use super::{READER_CACHE_KIB, open};

const JSON: [(axum::http::HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];
/// What both a GET and a list read of a tracking: the columns that Waybill answers from.
const VIEW: &str = "key, document, clock,
    (SELECT coalesce(sum(tracked_count), 0) FROM polls WHERE leg BETWEEN row * 8 AND row * 8 + 7)";

/// The same bytes for every GET.
pub fn fixed(body: Vec<u8>) -> Router {
    let body = Bytes::from(body);
    let answer = move || {
        let body = body.clone();
        async move { (JSON, body) }
    };
    Router::new().route("/{id}", get(answer)).with_state(())
}

/// `/{organization}/{key}` and `/{organization}/list/{by}/{value}`, the organization by its number.
pub fn router(database: PathBuf) -> Router {
    Router::new()
        .route("/{organization}/{key}", get(one))
        .route("/{organization}/list/{by}/{value}", get(list))
        .with_state(Arc::new(database))
}

async fn one(
    State(database): State<Arc<PathBuf>>,
    Path((organization, key)): Path<(i64, String)>,
) -> impl IntoResponse {
    let sql = format!("SELECT {VIEW} FROM trackings WHERE key = ?1 AND organization = ?2");
    answer(with_reader(&database, |reader| {
        let document = reader
            .prepare_cached(&sql)?
            .query_row(params![bytes(&key), organization], document)?;
        Ok(format!("{{\"data\":{document}}}"))
    }))
}

async fn list(
    State(database): State<Arc<PathBuf>>,
    Path((organization, by, value)): Path<(i64, String, String)>,
) -> impl IntoResponse {
    answer(with_reader(&database, |reader| {
        if by == "updated" {
            return changed_since(reader, organization, value.parse().unwrap_or_default());
        }
        let (list, total) = match by.as_str() {
            "newest" => (
                newest(),
                "SELECT sum(count) FROM tracking_counts WHERE organization = ?1 AND ?2 = ?2 AND tag IN
                 ('Pending', 'InfoReceived', 'InTransit', 'OutForDelivery', 'AttemptFail', 'Delivered',
                  'AvailableForPickup', 'Exception', 'Expired')",
            ),
            "tag" => (
                run("trackings_by_tag", "tag = ?2"),
                "SELECT sum(count) FROM tracking_counts WHERE organization = ?1 AND tag = ?2",
            ),
            "slug" => (
                run("trackings_by_slug", "slug = ?2"),
                "SELECT count(*) FROM (SELECT 1 FROM trackings_by_slug WHERE organization = ?1 AND slug = ?2 LIMIT 10000)",
            ),
            "order" => (
                run("trackings_by_order", "order_id = ?2"),
                "SELECT count(*) FROM (SELECT 1 FROM trackings_by_order WHERE organization = ?1 AND order_id = ?2 LIMIT 10000)",
            ),
            "keyword" => (
                "SELECT rowid FROM search WHERE search MATCH ?2 AND ?1 = ?1 ORDER BY rowid DESC LIMIT 100".to_owned(),
                "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?2 AND ?1 = ?1 LIMIT 10000)",
            ),
            _ => return Err(rusqlite::Error::InvalidQuery),
        };
        let total: Option<i64> = reader
            .prepare_cached(total)?
            .query_row(params![organization, value], |row| row.get(0))?;
        let mut list = reader.prepare_cached(&list)?;
        let mut view =
            reader.prepare_cached(&format!("SELECT {VIEW} FROM trackings WHERE row = ?1"))?;
        let rows = list.query_map(params![organization, value], |row| row.get::<_, i64>(0))?;
        let documents = rows.map(|row| view.query_row([row?], document));
        let documents = documents.collect::<rusqlite::Result<Vec<_>>>()?.join(",");
        Ok(format!(
            "{{\"total\":{},\"trackings\":[{documents}]}}",
            total.unwrap_or_default()
        ))
    }))
}

/// What changed since, as the events tell.
fn changed_since(reader: &Connection, organization: i64, since: i64) -> rusqlite::Result<String> {
    let mut events = reader.prepare_cached(
        "SELECT at, tracking, change, sequence FROM events_by_sequence
         WHERE organization = ?1 ORDER BY sequence DESC",
    )?;
    let mut rows = events.query([organization])?;
    let (mut told, mut keys) = (HashSet::new(), Vec::new());
    while let Some(row) = rows.next()?
        && row.get::<_, i64>(0)? >= since
    {
        let (key, change): ([u8; 16], i64) = (row.get(1)?, row.get(2)?);
        if change != 0 && told.insert(key) && change > 0 {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    let total = keys.len();
    let mut view = reader.prepare_cached(&format!(
        "SELECT {VIEW} FROM trackings WHERE key = ?1 AND organization = ?2"
    ))?;
    let newest = keys.iter().rev().take(100);
    let documents = newest.map(|key| view.query_row(params![key, organization], document));
    let documents = documents.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(format!(
        "{{\"total\":{total},\"trackings\":[{}]}}",
        documents.join(",")
    ))
}

/// The newest of a list.
fn run(list: &str, condition: &str) -> String {
    format!(
        "SELECT row, key FROM {list} WHERE organization = ?1 AND {condition} ORDER BY key DESC LIMIT 100"
    )
}

/// The newest of all tags, merged from the tags' runs.
fn newest() -> String {
    let tags = [
        "Pending",
        "InfoReceived",
        "InTransit",
        "OutForDelivery",
        "AttemptFail",
        "Delivered",
        "AvailableForPickup",
        "Exception",
        "Expired",
    ];
    let runs = tags.map(|tag| {
        let run = run("trackings_by_tag", &format!("tag = '{tag}'"));
        format!("SELECT * FROM ({run})")
    });
    format!(
        "SELECT row, key FROM ({}) WHERE ?2 = ?2 ORDER BY key DESC LIMIT 100",
        runs.join(" UNION ALL ")
    )
}

/// All columns are read, as Waybill does.
fn document(row: &rusqlite::Row<'_>) -> rusqlite::Result<String> {
    let _: (Vec<u8>, String, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
    waybill_storage_sqlite::packed::text(row, 1)
}

fn answer(read: rusqlite::Result<String>) -> impl IntoResponse {
    match read {
        Ok(body) => (JSON, body).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, error.to_string()).into_response(),
    }
}

/// A connection a thread, as Waybill has.
fn with_reader<T>(
    database: &std::path::Path,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    thread_local! {
        static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
    }
    READER.with_borrow_mut(|reader| {
        if reader.is_none() {
            let connection = open(database, READER_CACHE_KIB)?;
            connection.pragma_update(None, "query_only", true)?;
            *reader = Some(connection);
        }
        reader
            .as_ref()
            .map_or(Err(rusqlite::Error::InvalidQuery), work)
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .filter_map(|position| {
            u8::from_str_radix(hex.get(2 * position..2 * position + 2)?, 16).ok()
        })
        .collect()
}
