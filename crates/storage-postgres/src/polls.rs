//! The state of asking couriers, and the log of it.

use tokio_postgres::Row;
use waybill_model::{CourierSlug, OrganizationId, TrackingKey};
use waybill_storage::{Conflict, PollAttemptRow, PollCount, PollOutcome, PollRow};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Home, Text, maybe_micros, micros, signed},
    write_set::{Step, expect},
};

/// The tracking is held against being deleted meanwhile.
const INSERT: &str = "INSERT INTO polls
        (shard, organization, tracking, leg, revision, slug, number, next_check_at, checked_at, answered_at,
         outcome, reason, tracked_count, failures)
    SELECT $1, $2, key, $4, $5 + 1::bigint, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM trackings
    WHERE shard = $1 AND organization = $2 AND key = $3 FOR KEY SHARE
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE polls
    SET revision = revision + 1, slug = $6, number = $7, next_check_at = $8, checked_at = $9,
        answered_at = $10, outcome = $11, reason = $12, tracked_count = $13, failures = $14
    WHERE shard = $1 AND organization = $2 AND tracking = $3 AND leg = $4 AND revision = $5";
const DELETE: &str = "WITH gone AS (
        DELETE FROM polls WHERE shard = $1 AND organization = $2 AND tracking = $3 AND leg = $4)
    DELETE FROM poll_attempts WHERE shard = $1 AND organization = $2 AND tracking = $3 AND leg = $4";
const DELETE_ALL: &str = "WITH gone AS (
        DELETE FROM polls WHERE shard = $1 AND organization = $2 AND tracking = $3)
    DELETE FROM poll_attempts WHERE shard = $1 AND organization = $2 AND tracking = $3";
const OF_TRACKING: &str =
    "SELECT organization, tracking, leg, revision, slug, number, next_check_at, checked_at,
        answered_at, outcome, reason, tracked_count, failures
    FROM polls WHERE shard = $1 AND organization = $2 AND tracking = $3 ORDER BY leg";
/// The leg is held against being deleted meanwhile.
const APPEND_ATTEMPT: &str = "INSERT INTO poll_attempts
        (shard, organization, tracking, leg, slug, at, outcome, reason, http_status, latency_ms,
         new_checkpoints, excerpt)
    SELECT $1, $2, tracking, leg, $5, $6, $7, $8, $9, $10, $11, $12 FROM polls
    WHERE shard = $1 AND organization = $2 AND tracking = $3 AND leg = $4 FOR KEY SHARE";
const ATTEMPTS: &str = "SELECT tracking, leg, slug, at, outcome, reason, http_status, latency_ms,
        new_checkpoints, excerpt
    FROM poll_attempts WHERE shard = $1 AND organization = $2 AND tracking = $3
    ORDER BY at DESC, number DESC LIMIT $4";
const ADD_COUNT: &str = "INSERT INTO poll_counts (shard, day, slug, outcome, count)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (shard, day, slug, outcome) DO UPDATE SET count = poll_counts.count + excluded.count";
const COUNTS: &str =
    "SELECT day, slug, outcome, sum(count)::bigint FROM poll_counts WHERE day >= $1
    GROUP BY day, slug, outcome ORDER BY day, slug, outcome";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    DELETE,
    DELETE_ALL,
    OF_TRACKING,
    APPEND_ATTEMPT,
    ATTEMPTS,
    ADD_COUNT,
];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[COUNTS];

/// Writes the state of a leg.
pub async fn put(session: &Session, home: &Home, row: &PollRow) -> Step {
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let written = session
        .change(
            statement,
            &[
                &home.shard,
                &home.organization,
                &row.tracking.as_uuid(),
                &i16::from(row.leg),
                &signed(row.revision),
                &row.slug.as_str(),
                &Text(&row.number),
                &maybe_micros(row.next_check_at),
                &maybe_micros(row.checked_at),
                &maybe_micros(row.answered_at),
                &row.outcome.map(PollOutcome::as_str),
                &Text(&row.reason),
                &signed(row.tracked_count),
                &i64::from(row.failures),
            ],
        )
        .await?;
    expect(written == 1, Conflict::Changed)
}

/// Deletes the state of a leg with its attempts.
pub async fn delete(session: &Session, home: &Home, tracking: TrackingKey, leg: u8) -> Step {
    session
        .change(
            DELETE,
            &[
                &home.shard,
                &home.organization,
                &tracking.as_uuid(),
                &i16::from(leg),
            ],
        )
        .await?;
    Ok(())
}

/// Deletes all legs of a tracking.
pub async fn delete_all(session: &Session, home: &Home, tracking: TrackingKey) -> Result<()> {
    session
        .change(
            DELETE_ALL,
            &[&home.shard, &home.organization, &tracking.as_uuid()],
        )
        .await
        .map(drop)
}

/// The state of all legs of a tracking.
pub async fn of_tracking(session: &Session, home: &Home, key: TrackingKey) -> Result<Vec<PollRow>> {
    let rows = session
        .rows(
            OF_TRACKING,
            &[&home.shard, &home.organization, &key.as_uuid()],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// Appends an asking. Where the leg is gone there is nothing to tell.
pub async fn append_attempt(session: &Session, home: &Home, row: &PollAttemptRow) -> Step {
    session
        .change(
            APPEND_ATTEMPT,
            &[
                &home.shard,
                &home.organization,
                &row.tracking.as_uuid(),
                &i16::from(row.leg),
                &row.slug.as_str(),
                &micros(row.at),
                &row.outcome.as_str(),
                &Text(&row.reason),
                &row.http_status.map(i64::from),
                &signed(row.latency_ms),
                &i64::from(row.new_checkpoints),
                &row.excerpt.as_deref().map(Text),
            ],
        )
        .await?;
    Ok(())
}

/// The newest attempts of a tracking, newest first.
pub async fn attempts(
    session: &Session,
    home: &Home,
    key: TrackingKey,
    limit: usize,
) -> Result<Vec<PollAttemptRow>> {
    let rows = session
        .rows(
            ATTEMPTS,
            &[
                &home.shard,
                &home.organization,
                &key.as_uuid(),
                &signed(limit as u64),
            ],
        )
        .await?;
    rows.iter().map(attempt_from_row).collect()
}

/// Adds to the daily count of a courier and outcome.
pub async fn add_count(session: &Session, shard: i16, count: &PollCount) -> Result<()> {
    session
        .change(
            ADD_COUNT,
            &[
                &shard,
                &i64::from(count.day),
                &count.slug.as_str(),
                &count.outcome.as_str(),
                &signed(count.count),
            ],
        )
        .await
        .map(drop)
}

/// Daily counts from a day on.
pub async fn counts(session: &Session, from_day: i32) -> Result<Vec<PollCount>> {
    let rows = session.rows(COUNTS, &[&i64::from(from_day)]).await?;
    let count = |row: &Row| {
        Ok(PollCount {
            day: row.unsigned(0)?,
            slug: row.word(1, CourierSlug::parse)?,
            outcome: row.word(2, PollOutcome::parse)?,
            count: row.unsigned(3)?,
        })
    };
    rows.iter().map(count).collect()
}

fn from_row(row: &Row) -> Result<PollRow> {
    Ok(PollRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        tracking: TrackingKey::from_uuid(row.value(1)?),
        leg: leg(row, 2)?,
        revision: row.unsigned(3)?,
        slug: row.word(4, CourierSlug::parse)?,
        number: row.value(5)?,
        next_check_at: row.maybe_at(6)?,
        checked_at: row.maybe_at(7)?,
        answered_at: row.maybe_at(8)?,
        outcome: row.maybe_word(9, PollOutcome::parse)?,
        reason: row.value(10)?,
        tracked_count: row.unsigned(11)?,
        failures: row.unsigned(12)?,
    })
}

fn attempt_from_row(row: &Row) -> Result<PollAttemptRow> {
    Ok(PollAttemptRow {
        tracking: TrackingKey::from_uuid(row.value(0)?),
        leg: leg(row, 1)?,
        slug: row.word(2, CourierSlug::parse)?,
        at: row.at(3)?,
        outcome: row.word(4, PollOutcome::parse)?,
        reason: row.value(5)?,
        http_status: row.maybe_unsigned(6)?,
        latency_ms: row.unsigned(7)?,
        new_checkpoints: row.unsigned(8)?,
        excerpt: row.value(9)?,
    })
}

fn leg(row: &Row, column: usize) -> Result<u8> {
    Ok(row.value::<i16>(column)?.clamp(0, i16::from(u8::MAX)) as u8)
}
