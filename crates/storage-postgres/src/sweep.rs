//! Deletes what is old, shard by shard.

use jiff::Timestamp;
use waybill_storage::SweepBorders;

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, micros, signed},
};

/// The shards in which something of a log is old.
macro_rules! old_shards {
    ($condition:literal) => {
        concat!(
            "SELECT shards.number FROM generate_series(0, 255) AS shards (number) CROSS JOIN LATERAL (
                SELECT 1 FROM ",
            $condition,
            " LIMIT 1) AS old"
        )
    };
}

const OLD_ATTEMPTS: &str = old_shards!(
    "poll_attempts WHERE poll_attempts.shard = shards.number::smallint AND at < $1 ORDER BY at"
);
const OLD_EVENTS: &str =
    old_shards!("events WHERE events.shard = shards.number::smallint AND at < $1 ORDER BY at");
const OLD_DELIVERIES: &str = old_shards!(
    "deliveries WHERE deliveries.shard = shards.number::smallint AND status <> 'pending' AND created_at < $1
     ORDER BY created_at"
);

// What someone else has locked is swept another time.
const SWEEP_ATTEMPTS: &str = "WITH old AS MATERIALIZED (
        SELECT at, number FROM poll_attempts WHERE shard = $1 AND at < $2
        ORDER BY at, number LIMIT $3 FOR UPDATE SKIP LOCKED),
    gone AS (
        DELETE FROM poll_attempts USING old
        WHERE poll_attempts.shard = $1 AND poll_attempts.at = old.at AND poll_attempts.number = old.number
        RETURNING 1)
    SELECT count(*) FROM gone";
/// An event stays as long as a delivery of it is pending, which is looked up for each (the offset
/// keeps the planner from joining all pending ones). The numbers go on by their counter.
const SWEEP_EVENTS: &str = "WITH old AS MATERIALIZED (
        SELECT organization, sequence FROM events
        WHERE shard = $1 AND at < $2 AND NOT EXISTS (
            SELECT 1 FROM deliveries
            WHERE deliveries.shard = $1 AND deliveries.organization = events.organization
            AND deliveries.tracking = events.tracking AND deliveries.sequence = events.sequence
            AND deliveries.status = 'pending' OFFSET 0)
        ORDER BY at LIMIT $3 FOR UPDATE SKIP LOCKED),
    gone AS (
        DELETE FROM events USING old
        WHERE events.shard = $1 AND events.organization = old.organization
        AND events.sequence = old.sequence
        RETURNING 1)
    SELECT count(*) FROM gone";
const SWEEP_DELIVERIES: &str = "WITH old AS MATERIALIZED (
        SELECT organization, id FROM deliveries
        WHERE shard = $1 AND status <> 'pending' AND created_at < $2
        ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED),
    tries AS (
        DELETE FROM delivery_attempts USING old
        WHERE delivery_attempts.shard = $1 AND delivery_attempts.organization = old.organization
        AND delivery_attempts.delivery = old.id),
    gone AS (
        DELETE FROM deliveries USING old
        WHERE deliveries.shard = $1 AND deliveries.organization = old.organization
        AND deliveries.id = old.id
        RETURNING 1)
    SELECT count(*) FROM gone";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[SWEEP_ATTEMPTS, SWEEP_EVENTS, SWEEP_DELIVERIES];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[OLD_ATTEMPTS, OLD_EVENTS, OLD_DELIVERIES];

/// Deletes at most `limit` rows of each log; answers how many.
pub async fn sweep(session: &Session, borders: &SweepBorders, limit: usize) -> Result<u64> {
    let logs = [
        (OLD_ATTEMPTS, SWEEP_ATTEMPTS, borders.poll_attempts),
        (OLD_EVENTS, SWEEP_EVENTS, borders.events),
        (OLD_DELIVERIES, SWEEP_DELIVERIES, borders.deliveries),
    ];
    let mut swept = 0;
    for (old_shards, statement, border) in logs {
        swept += sweep_log(session, old_shards, statement, border, signed(limit as u64)).await?;
    }
    Ok(swept as u64)
}

/// Each shard is a commit of its own, so that locks are held for short.
async fn sweep_log(
    session: &Session,
    old_shards: &'static str,
    statement: &'static str,
    border: Timestamp,
    limit: i64,
) -> Result<i64> {
    let border = micros(border);
    let mut swept = 0;
    for row in session.rows(old_shards, &[&border]).await? {
        let shard = row.value::<i32>(0)? as i16;
        if swept >= limit {
            break;
        }
        if let Some(row) = session
            .row(statement, &[&shard, &border, &(limit - swept)])
            .await?
        {
            swept += row.value::<i64>(0)?;
        }
    }
    Ok(swept)
}
