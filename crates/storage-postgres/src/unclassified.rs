//! Codes and texts of couriers that nothing understood, kept by shard and summed when read.

use waybill_model::CourierSlug;
use waybill_storage::{UNCLASSIFIED_OF_COURIER, UnclassifiedRow};

use crate::{
    failure::Result,
    rows::Of,
    session::Session,
    values::{Columns, Text, micros, signed},
};

// Such rows are rare: one statement each. What a cluster is to write where it reads must come from a table that is
// there, so it comes from the shard's row.
const ADD: &str = "INSERT INTO unclassified
        (shard, slug, word, example, count, first_seen_at, last_seen_at)
    SELECT shards.shard, $2::text, $3::text, $4::text, $5::bigint, $6::bigint, $7::bigint
    FROM shards WHERE shards.shard = $1 AND (
        (SELECT count(*) FROM unclassified WHERE shard = $1 AND slug = $2) < $8
        OR EXISTS (SELECT 1 FROM unclassified WHERE shard = $1 AND slug = $2 AND word = $3))
    ON CONFLICT (shard, slug, word) DO UPDATE
    SET count = unclassified.count + excluded.count, example = excluded.example,
        last_seen_at = greatest(unclassified.last_seen_at, excluded.last_seen_at)";
const MOST_FREQUENT: &str =
    "SELECT slug, word, max(example), sum(count)::bigint, min(first_seen_at),
        max(last_seen_at)
    FROM unclassified GROUP BY slug, word
    ORDER BY sum(count) DESC, slug, word LIMIT $1";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[ADD];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[MOST_FREQUENT];

/// Adds to rows, each of which is named once, in the order of their keys; new ones are made while their
/// courier has room.
pub async fn add(session: &Session, rows: &[Of<UnclassifiedRow>]) -> Result<()> {
    for Of { home, row, .. } in rows {
        session
            .change(
                ADD,
                &[
                    &home.shard,
                    &row.slug.as_str(),
                    &Text(&row.word),
                    &Text(&row.example),
                    &signed(row.count),
                    &micros(row.first_seen_at),
                    &micros(row.last_seen_at),
                    &signed(UNCLASSIFIED_OF_COURIER as u64),
                ],
            )
            .await?;
    }
    Ok(())
}

/// The most frequent rows.
pub async fn most_frequent(session: &Session, limit: usize) -> Result<Vec<UnclassifiedRow>> {
    let rows = session
        .rows(MOST_FREQUENT, &[&signed(limit as u64)])
        .await?;
    let row = |row: &tokio_postgres::Row| {
        Ok(UnclassifiedRow {
            slug: row.word(0, CourierSlug::parse)?,
            word: row.value(1)?,
            example: row.value(2)?,
            count: row.unsigned(3)?,
            first_seen_at: row.at(4)?,
            last_seen_at: row.at(5)?,
        })
    };
    rows.iter().map(row).collect()
}
