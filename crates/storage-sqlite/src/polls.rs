//! The state of asking couriers, and the log of it.
//!
//! A leg's key is its tracking's row times eight plus the leg. Its attempts hang on it as a chain,
//! each naming the one before, so that an attempt costs no entry in a scattered index.

use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::{CourierSlug, OrganizationId, TrackingKey};
use waybill_storage::{Conflict, PollAttemptRow, PollCount, PollOutcome, PollRow};

use crate::{
    organization_numbers::Organization,
    trackings,
    values::{Bytes, Columns, maybe_micros, micros, signed},
    write_set::{Step, Stop, Written, expect},
};

/// Legs a tracking's row has room for: carriers need two.
const LEGS: i64 = 8;

/// Writes the state of a leg.
pub fn put(
    connection: &Connection,
    organization: &Organization,
    row: &PollRow,
    written: &Written<'_>,
) -> Step {
    let leg = leg_of(connection, organization, row.tracking, row.leg, written)?;
    let leg = leg.ok_or(Stop::Conflict(Conflict::Changed))?;
    let statement = if row.revision == 0 {
        "INSERT INTO polls (leg, revision, slug, number, next_check_at, checked_at, answered_at, outcome,
                            reason, tracked_count, failures)
         VALUES (?1, ?2 + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE polls SET revision = revision + 1, slug = ?3, number = ?4, next_check_at = ?5, checked_at = ?6,
                answered_at = ?7, outcome = ?8, reason = ?9, tracked_count = ?10, failures = ?11
         WHERE leg = ?1 AND revision = ?2"
    };
    let written = connection.prepare_cached(statement)?.execute(params![
        leg,
        signed(row.revision),
        row.slug.as_str(),
        row.number,
        maybe_micros(row.next_check_at),
        maybe_micros(row.checked_at),
        maybe_micros(row.answered_at),
        row.outcome.map(PollOutcome::as_str),
        row.reason,
        signed(row.tracked_count),
        row.failures,
    ])?;
    expect(written == 1, Conflict::Changed)
}

/// Deletes the state of a leg with its attempts.
pub fn delete(
    connection: &Connection,
    organization: &Organization,
    tracking: TrackingKey,
    leg: u8,
) -> Step {
    if let Some(leg) = leg_of(connection, organization, tracking, leg, &Written::default())? {
        delete_leg(connection, leg, &tracking.as_uuid().into_bytes())?;
    }
    Ok(())
}

/// Deletes all legs of the tracking that stands in this row.
pub fn delete_all(connection: &Connection, row: i64, tracking: &Bytes) -> rusqlite::Result<()> {
    (row * LEGS..(row + 1) * LEGS).try_for_each(|leg| delete_leg(connection, leg, tracking))
}

/// The state of all legs of a tracking.
pub fn of_tracking(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Vec<PollRow>> {
    match trackings::row_of(connection, organization, key)? {
        Some(row) => of_row(connection, organization, key, row),
        None => Ok(Vec::new()),
    }
}

/// The state of all legs of the tracking that stands in this row.
pub fn of_row(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
    row: i64,
) -> rusqlite::Result<Vec<PollRow>> {
    connection
        .prepare_cached(
            "SELECT ?1, ?2, leg % 8, revision, slug, number, next_check_at, checked_at, answered_at, outcome, reason,
                    tracked_count, failures
             FROM polls WHERE leg BETWEEN ?3 * 8 AND ?3 * 8 + 7 ORDER BY leg",
        )?
        .query_map(
            params![organization.id, key.as_uuid().into_bytes(), row],
            from_row,
        )?
        .collect()
}

/// Appends an asking and hangs it on its leg. Where the leg is gone there is nothing to tell.
pub fn append_attempt(
    connection: &Connection,
    organization: &Organization,
    row: &PollAttemptRow,
    written: &Written<'_>,
) -> Step {
    let Some(leg) = leg_of(connection, organization, row.tracking, row.leg, written)? else {
        return Ok(());
    };
    let written = connection
        .prepare_cached(
            "INSERT INTO poll_attempts (leg, tracking, previous, slug, at, outcome, reason,
                    http_status, latency_ms, new_checkpoints, excerpt)
             SELECT leg, ?2, last_attempt, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
             FROM polls WHERE leg = ?1",
        )?
        .execute(params![
            leg,
            row.tracking.as_uuid().into_bytes(),
            row.slug.as_str(),
            micros(row.at),
            row.outcome.as_str(),
            row.reason,
            row.http_status,
            signed(row.latency_ms),
            row.new_checkpoints,
            row.excerpt,
        ])?;
    if written == 1 {
        connection
            .prepare_cached("UPDATE polls SET last_attempt = ?2 WHERE leg = ?1")?
            .execute(params![leg, connection.last_insert_rowid()])?;
    }
    Ok(())
}

/// The newest attempts of a tracking, newest first.
pub fn attempts(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
    limit: usize,
) -> rusqlite::Result<Vec<PollAttemptRow>> {
    let Some(row) = trackings::row_of(connection, organization, key)? else {
        return Ok(Vec::new());
    };
    let tracking = key.as_uuid().into_bytes();
    let mut found = Vec::new();
    for leg in row * LEGS..(row + 1) * LEGS {
        let chain = walk(connection, leg, &tracking, limit, |row| {
            attempt_from_row(row)
        })?;
        found.extend(chain);
    }
    found.sort_by_key(|(row, attempt)| (std::cmp::Reverse(attempt.at), std::cmp::Reverse(*row)));
    found.truncate(limit);
    Ok(found.into_iter().map(|(_, attempt)| attempt).collect())
}

/// Adds to the daily count of a courier and outcome.
pub fn add_count(connection: &Connection, count: &PollCount) -> Step {
    connection
        .prepare_cached(
            "INSERT INTO poll_counts (day, slug, outcome, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (day, slug, outcome) DO UPDATE SET count = count + excluded.count",
        )?
        .execute(params![
            count.day,
            count.slug.as_str(),
            count.outcome.as_str(),
            signed(count.count)
        ])?;
    Ok(())
}

/// Daily counts from a day on.
pub fn counts(connection: &Connection, from_day: i32) -> rusqlite::Result<Vec<PollCount>> {
    connection
        .prepare_cached(
            "SELECT day, slug, outcome, count FROM poll_counts WHERE day >= ?1 ORDER BY day, slug, outcome",
        )?
        .query_map([from_day], |row| {
            Ok(PollCount {
                day: row.get(0)?,
                slug: row.word(1, CourierSlug::parse)?,
                outcome: row.word(2, PollOutcome::parse)?,
                count: row.unsigned(3)?,
            })
        })?
        .collect()
}

/// The key of a leg of a tracking that stands.
fn leg_of(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
    leg: u8,
    written: &Written<'_>,
) -> rusqlite::Result<Option<i64>> {
    let leg = i64::from(leg);
    if leg >= LEGS {
        return Err(rusqlite::Error::IntegralValueOutOfRange(0, leg));
    }
    let row = written.find(connection, organization, key)?;
    Ok(row.map(|row| row * LEGS + leg))
}

/// The newest attempt of a leg.
fn last_attempt(connection: &Connection, leg: i64) -> rusqlite::Result<Option<i64>> {
    let last = connection
        .prepare_cached("SELECT last_attempt FROM polls WHERE leg = ?1")?
        .query_row([leg], |row| row.get(0))
        .optional()?;
    Ok(last.flatten())
}

fn delete_leg(connection: &Connection, leg: i64, tracking: &Bytes) -> rusqlite::Result<()> {
    for (row, ()) in walk(connection, leg, tracking, usize::MAX, |_| Ok(()))? {
        connection
            .prepare_cached("DELETE FROM poll_attempts WHERE row = ?1")?
            .execute([row])?;
    }
    connection
        .prepare_cached("DELETE FROM polls WHERE leg = ?1")?
        .execute([leg])
        .map(drop)
}

/// Follows a leg's chain, newest first. Old attempts are swept from its end, and their rows may be
/// taken by others: the chain ends where a row is gone, not this leg's, or not older.
fn walk<T>(
    connection: &Connection,
    leg: i64,
    tracking: &Bytes,
    limit: usize,
    mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<(i64, T)>> {
    let mut statement = connection.prepare_cached(
        "SELECT previous, leg % 8, tracking, slug, at, outcome, reason, http_status, latency_ms,
                new_checkpoints, excerpt
         FROM poll_attempts WHERE row = ?1 AND leg = ?2 AND tracking = ?3",
    )?;
    let mut found = Vec::new();
    let mut next = last_attempt(connection, leg)?;
    while let Some(row) = next
        && found.len() < limit
    {
        let step = statement
            .query_row(params![row, leg, tracking], |columns| {
                Ok((columns.get(0)?, read(columns)?))
            })
            .optional()?;
        next = step.and_then(|(previous, value): (Option<i64>, T)| {
            found.push((row, value));
            previous.filter(|previous| *previous < row)
        });
    }
    Ok(found)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<PollRow> {
    Ok(PollRow {
        organization: OrganizationId::from_uuid(row.id(0)?),
        tracking: TrackingKey::from_uuid(row.id(1)?),
        leg: row.get(2)?,
        revision: row.unsigned(3)?,
        slug: row.word(4, CourierSlug::parse)?,
        number: row.get(5)?,
        next_check_at: row.maybe_at(6)?,
        checked_at: row.maybe_at(7)?,
        answered_at: row.maybe_at(8)?,
        outcome: row.maybe_word(9, PollOutcome::parse)?,
        reason: row.get(10)?,
        tracked_count: row.unsigned(11)?,
        failures: row.get(12)?,
    })
}

fn attempt_from_row(row: &Row<'_>) -> rusqlite::Result<PollAttemptRow> {
    Ok(PollAttemptRow {
        leg: row.get(1)?,
        tracking: TrackingKey::from_uuid(row.id(2)?),
        slug: row.word(3, CourierSlug::parse)?,
        at: row.at(4)?,
        outcome: row.word(5, PollOutcome::parse)?,
        reason: row.get(6)?,
        http_status: row.get(7)?,
        latency_ms: row.unsigned(8)?,
        new_checkpoints: row.get(9)?,
        excerpt: row.get(10)?,
    })
}
