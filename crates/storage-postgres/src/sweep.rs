//! Drops and deletes what is old.
//!
//! Logs are dropped by the week (`partitions`). Finished deliveries are deleted, shard by shard:
//! those that are pending stay among them, however old.

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
// What someone else has locked is swept another time.
const SWEEP_DELIVERIES: &str = "DELETE FROM deliveries USING (
        SELECT organization, id FROM deliveries
        WHERE shard = $1 AND status <> 'pending' AND created_at < $2
        ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS old
    WHERE deliveries.shard = $1 AND deliveries.organization = old.organization AND deliveries.id = old.id";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[SWEEP_DELIVERIES];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[OLD_DELIVERIES];

/// Drops old weeks of logs, and deletes at most `limit` deliveries; answers how many of both.
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
    let swept = sweep_deliveries(session, borders.deliveries, limit as u64).await?;
    Ok(swept + old.len() as u64)
}

/// Each shard is a commit of its own, so that locks are held for short.
async fn sweep_deliveries(session: &Session, border: Timestamp, limit: u64) -> Result<u64> {
    let border = micros(border);
    let mut swept = 0;
    for row in session.rows(OLD_DELIVERIES, &[&border]).await? {
        let shard: i16 = row.value(0)?;
        if swept >= limit {
            break;
        }
        swept += session
            .change(SWEEP_DELIVERIES, &[&shard, &border, &signed(limit - swept)])
            .await?;
    }
    Ok(swept)
}
