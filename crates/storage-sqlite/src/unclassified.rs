//! Codes and texts of couriers that nothing understood.

use rusqlite::{Connection, params};
use waybill_model::CourierSlug;
use waybill_storage::{UNCLASSIFIED_OF_COURIER, UnclassifiedRow};

use crate::{
    values::{Columns, micros, signed},
    write_set::Step,
};

/// Adds to a row; a new one is made while its courier has room.
pub fn add(connection: &Connection, row: &UnclassifiedRow) -> Step {
    connection
        .prepare_cached(
            "INSERT INTO unclassified (slug, word, example, count, first_seen_at, last_seen_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6
             WHERE (SELECT count(*) FROM unclassified WHERE slug = ?1) < ?7
                OR EXISTS (SELECT 1 FROM unclassified WHERE slug = ?1 AND word = ?2)
             ON CONFLICT (slug, word) DO UPDATE
             SET count = count + excluded.count, example = excluded.example,
                 last_seen_at = max(last_seen_at, excluded.last_seen_at)",
        )?
        .execute(params![
            row.slug.as_str(),
            row.word,
            row.example,
            signed(row.count),
            micros(row.first_seen_at),
            micros(row.last_seen_at),
            signed(UNCLASSIFIED_OF_COURIER as u64),
        ])?;
    Ok(())
}

/// The most frequent rows.
pub fn most_frequent(
    connection: &Connection,
    limit: usize,
) -> rusqlite::Result<Vec<UnclassifiedRow>> {
    connection
        .prepare_cached(
            "SELECT slug, word, example, count, first_seen_at, last_seen_at FROM unclassified
             ORDER BY count DESC, slug, word LIMIT ?1",
        )?
        .query_map([signed(limit as u64)], |row| {
            Ok(UnclassifiedRow {
                slug: row.word(0, CourierSlug::parse)?,
                word: row.get(1)?,
                example: row.get(2)?,
                count: row.unsigned(3)?,
                first_seen_at: row.at(4)?,
                last_seen_at: row.at(5)?,
            })
        })?
        .collect()
}
