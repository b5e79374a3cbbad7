//! Deletes what is old, from the front of the logs.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use waybill_storage::SweepBorders;

use crate::values::{micros, signed};

/// Deletes at most `limit` rows of each log; answers how many.
pub fn sweep(
    connection: &Connection,
    borders: &SweepBorders,
    limit: usize,
) -> rusqlite::Result<u64> {
    let limit = signed(limit as u64);
    let attempts = sweep_log(
        connection,
        "poll_attempts",
        "at",
        SWEEP_ATTEMPTS,
        borders.poll_attempts,
        limit,
    )?;
    let events = sweep_log(
        connection,
        "events",
        "at",
        SWEEP_EVENTS,
        borders.events,
        limit,
    )?;
    let deliveries = sweep_deliveries(connection, borders.deliveries, limit)?;
    let once = connection
        .prepare_cached(SWEEP_ONCE)?
        .execute(params![micros(borders.once), limit])?;
    let unclassified = connection
        .prepare_cached(SWEEP_UNCLASSIFIED)?
        .execute(params![micros(borders.poll_attempts), limit])?;
    Ok((attempts + events + deliveries + once + unclassified) as u64)
}

const SWEEP_ATTEMPTS: &str = "DELETE FROM poll_attempts WHERE row IN (
    SELECT row FROM poll_attempts WHERE row < ?1 AND at < ?2 ORDER BY row LIMIT ?3)";

/// The newest event of an organization stays: the next one's sequence number follows from it.
pub const SWEEP_EVENTS: &str = "DELETE FROM events WHERE row IN (
    SELECT row FROM events WHERE row < ?1 AND at < ?2
    AND EXISTS (
        SELECT 1 FROM events_by_sequence AS later
        WHERE later.organization = events.organization AND later.sequence > events.sequence)
    AND NOT EXISTS (
        SELECT 1 FROM deliveries JOIN webhooks ON webhooks.id = deliveries.webhook
        WHERE webhooks.organization =
            (SELECT id FROM organization_numbers WHERE number = events.organization) AND deliveries.status = 'pending'
        AND deliveries.tracking = events.tracking AND deliveries.sequence = events.sequence)
    ORDER BY row LIMIT ?3)";

const SWEEP_ONCE: &str = "DELETE FROM once WHERE row IN (
    SELECT row FROM once WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

/// A small table: no index is worth its while.
const SWEEP_UNCLASSIFIED: &str = "DELETE FROM unclassified WHERE (slug, word) IN (
    SELECT slug, word FROM unclassified WHERE last_seen_at < ?1 LIMIT ?2)";

const FINISHED_DELIVERIES: &str = "SELECT row FROM deliveries
    WHERE row < ?1 AND created_at < ?2 AND status <> 'pending' ORDER BY row LIMIT ?3";

fn sweep_log(
    connection: &Connection,
    table: &str,
    time: &str,
    statement: &str,
    border: Timestamp,
    limit: i64,
) -> rusqlite::Result<usize> {
    let end = first_row_from(connection, table, time, border)?;
    connection
        .prepare_cached(statement)?
        .execute(params![end, micros(border), limit])
}

fn sweep_deliveries(
    connection: &Connection,
    border: Timestamp,
    limit: i64,
) -> rusqlite::Result<usize> {
    let end = first_row_from(connection, "deliveries", "created_at", border)?;
    let rows = connection
        .prepare_cached(FINISHED_DELIVERIES)?
        .query_map(params![end, micros(border), limit], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut swept = rows.len();
    for row in rows {
        swept += connection
            .prepare_cached("DELETE FROM delivery_attempts WHERE delivery = ?1")?
            .execute([row])?;
        connection
            .prepare_cached("DELETE FROM deliveries WHERE row = ?1")?
            .execute([row])?;
    }
    Ok(swept)
}

/// The row behind the last one that may be older than the border. Logs grow with time, so it is
/// found by halving; without it a sweep that finds nothing would read the whole log.
fn first_row_from(
    connection: &Connection,
    table: &str,
    time: &str,
    border: Timestamp,
) -> rusqlite::Result<i64> {
    let (mut low, mut high): (i64, i64) = connection.query_row(
        &format!("SELECT coalesce(min(row), 0), coalesce(max(row), 0) + 1 FROM {table}"),
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut at_or_after = connection.prepare_cached(&format!(
        "SELECT row, {time} FROM {table} WHERE row >= ?1 ORDER BY row LIMIT 1"
    ))?;
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, i64)> = at_or_after
            .query_row([middle], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            Some((row, at)) if at < micros(border) => low = row + 1,
            _ => high = middle,
        }
    }
    Ok(high)
}
