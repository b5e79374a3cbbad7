//! Drops and deletes what is old.
//!
//! Logs are dropped by the week (`partitions`). Finished deliveries are deleted, shard by shard:
//! those that are pending stay among them, however old. So is what may be done again.

use jiff::Timestamp;
use waybill_storage::SweepBorders;

use crate::{
    failure::Result,
    partitions,
    session::Session,
    setup::Setup,
    values::{Columns, micros, signed},
};

/// Dropping waits so long for those who are writing, and holds others up meanwhile.
const DROP_WITHIN: &str = "SET lock_timeout = '2s'";

/// The shards in which something is old.
const OLD_DELIVERIES: &str = "SELECT shards.shard FROM shards CROSS JOIN LATERAL (
        SELECT 1 FROM deliveries
        WHERE deliveries.shard = shards.shard AND status <> 'pending' AND created_at < $1
        ORDER BY created_at LIMIT 1) AS old";
const OLD_ONCE: &str = "SELECT shards.shard FROM shards CROSS JOIN LATERAL (
        SELECT 1 FROM once WHERE once.shard = shards.shard AND expires_at <= $1
        ORDER BY expires_at LIMIT 1) AS old";
const OLD_UNCLASSIFIED: &str = "SELECT DISTINCT shard FROM unclassified WHERE last_seen_at < $1";
// What someone else has locked is swept another time.
const SWEEP_DELIVERIES: &str = "DELETE FROM deliveries USING (
        SELECT organization, id FROM deliveries
        WHERE shard = $1 AND status <> 'pending' AND created_at < $2
        ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS old
    WHERE deliveries.shard = $1 AND deliveries.organization = old.organization AND deliveries.id = old.id";
const SWEEP_ONCE: &str = "DELETE FROM once USING (
        SELECT organization, key FROM once WHERE shard = $1 AND expires_at <= $2
        ORDER BY expires_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS old
    WHERE once.shard = $1 AND once.organization = old.organization AND once.key = old.key";
const SWEEP_UNCLASSIFIED: &str = "DELETE FROM unclassified USING (
        SELECT slug, word FROM unclassified WHERE shard = $1 AND last_seen_at < $2
        LIMIT $3 FOR UPDATE SKIP LOCKED) AS old
    WHERE unclassified.shard = $1 AND unclassified.slug = old.slug AND unclassified.word = old.word";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[SWEEP_DELIVERIES, SWEEP_ONCE, SWEEP_UNCLASSIFIED];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[OLD_DELIVERIES, OLD_ONCE, OLD_UNCLASSIFIED];

/// Drops old weeks of logs, and deletes at most `limit` rows of each other kind; answers how many of
/// all.
pub async fn sweep(
    session: &Session,
    setup: &Setup,
    borders: &SweepBorders,
    limit: usize,
) -> Result<u64> {
    let old = partitions::old(session, borders).await?;
    if !old.is_empty() {
        let patient = Session::connect(setup).await?.patiently().await?;
        patient.run(DROP_WITHIN).await?;
        partitions::drop_old(&patient, &old, borders).await?;
    }
    let mut swept = old.len() as u64;
    for (look, statement, border) in [
        (OLD_DELIVERIES, SWEEP_DELIVERIES, borders.deliveries),
        (OLD_ONCE, SWEEP_ONCE, borders.once),
        (OLD_UNCLASSIFIED, SWEEP_UNCLASSIFIED, borders.poll_attempts),
    ] {
        swept += sweep_rows(session, look, statement, border, limit as u64).await?;
    }
    Ok(swept)
}

/// Each shard is a commit of its own, so that locks are held for short.
async fn sweep_rows(
    session: &Session,
    look: &'static str,
    statement: &'static str,
    border: Timestamp,
    limit: u64,
) -> Result<u64> {
    let border = micros(border);
    let mut swept = 0;
    for row in session.rows(look, &[&border]).await? {
        let shard: i16 = row.value(0)?;
        if swept >= limit {
            break;
        }
        swept += session
            .change(statement, &[&shard, &border, &signed(limit - swept)])
            .await?;
    }
    Ok(swept)
}
