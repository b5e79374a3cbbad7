//! Daily budgets and learned rhythms.

use rusqlite::{Connection, OptionalExtension, params};
use waybill_model::CourierSlug;
use waybill_storage::{RhythmRow, SpentRow};

use crate::values::signed;

/// Days that what was spent is kept.
const DAYS_KEPT: i32 = 30;

/// Takes all of it, or nothing where it would go beyond the limit.
pub fn spend(
    connection: &Connection,
    name: &str,
    day: i32,
    count: u32,
    limit: u32,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("DELETE FROM budgets WHERE day < ?1")?
        .execute([day.saturating_sub(DAYS_KEPT)])?;
    let spent = connection
        .prepare_cached(
            "INSERT INTO budgets (day, name, spent) SELECT ?1, ?2, ?3 WHERE ?3 <= ?4
             ON CONFLICT (day, name) DO UPDATE SET spent = spent + ?3 WHERE spent + ?3 <= ?4",
        )?
        .execute(params![day, name, count, limit])?;
    Ok(spent == 1)
}

/// What was spent on a day.
pub fn spent(connection: &Connection, day: i32) -> rusqlite::Result<Vec<SpentRow>> {
    connection
        .prepare_cached("SELECT name, spent FROM budgets WHERE day = ?1 ORDER BY name")?
        .query_map([day], |row| {
            Ok(SpentRow {
                name: row.get(0)?,
                spent: row.get(1)?,
            })
        })?
        .collect()
}

/// What was learned of a courier.
pub fn rhythm(connection: &Connection, slug: &CourierSlug) -> rusqlite::Result<Option<RhythmRow>> {
    connection
        .prepare_cached("SELECT revision, document FROM rhythms WHERE slug = ?1")?
        .query_row([slug.as_str()], |row| {
            Ok(RhythmRow {
                slug: slug.clone(),
                revision: row.get::<_, i64>(0)?.unsigned_abs(),
                document: row.get(1)?,
            })
        })
        .optional()
}

/// Writes what was learned, if nobody did meanwhile.
pub fn put_rhythm(connection: &Connection, row: &RhythmRow) -> rusqlite::Result<bool> {
    let statement = if row.revision == 0 {
        "INSERT INTO rhythms (slug, revision, document) VALUES (?1, ?2 + 1, ?3)
         ON CONFLICT (slug) DO NOTHING"
    } else {
        "UPDATE rhythms SET revision = revision + 1, document = ?3
         WHERE slug = ?1 AND revision = ?2"
    };
    let written = connection.prepare_cached(statement)?.execute(params![
        row.slug.as_str(),
        signed(row.revision),
        row.document
    ])?;
    Ok(written == 1)
}
