//! Jobs: adding, ending, putting off, renewing, and when the next comes due.
//!
//! A handle's place is the shard, so that every change of a job stays on one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use waybill_storage::{Conflict, JobHandle, NewJob};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Home, Text, instant, micros},
    write_set::{Step, expect},
};

/// The key is unique for ever: a handle never means another job.
const ADD: &str = "INSERT INTO jobs (shard, organization, kind, due_at, lease, attempts, payload)
    VALUES ($1, $2, $3, $4, 0, 0, $5)";
const FINISH: &str =
    "DELETE FROM jobs WHERE shard = $1 AND organization = $2 AND key = $3 AND lease = $4";
const PUT_OFF: &str = "UPDATE jobs SET due_at = $5, lease = lease + 1
    WHERE shard = $1 AND organization = $2 AND key = $3 AND lease = $4";
const RENEW: &str = "UPDATE jobs SET due_at = $4, lease = jobs.lease + 1
    FROM unnest($2::bigint[], $3::bigint[]) AS held (key, lease)
    WHERE jobs.shard = $1 AND jobs.key = held.key AND jobs.lease = held.lease
    RETURNING jobs.key, held.lease, jobs.lease";
/// The first of every kind and shard: an entry of the index each.
const NEXT_DUE: &str = "SELECT min(head.due_at)
    FROM generate_series(0, 255) AS shards (number)
    CROSS JOIN unnest($1::text[]) AS kinds (kind)
    CROSS JOIN LATERAL (
        SELECT jobs.due_at FROM jobs
        WHERE jobs.shard = shards.number::smallint AND jobs.kind = kinds.kind
        ORDER BY jobs.due_at, jobs.key LIMIT 1) AS head";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[ADD, FINISH, PUT_OFF, RENEW];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[NEXT_DUE];

/// Adds a job.
pub async fn add(session: &Session, home: &Home, job: &NewJob) -> Step {
    session
        .change(
            ADD,
            &[
                &home.shard,
                &home.organization,
                &job.kind,
                &micros(job.due_at),
                &Text(&job.payload),
            ],
        )
        .await?;
    Ok(())
}

/// Ends a leased job.
pub async fn finish(session: &Session, home: &Home, handle: &JobHandle) -> Step {
    expect(handle.place == i64::from(home.shard), Conflict::LeaseLost)?;
    let ended = session
        .change(
            FINISH,
            &[&home.shard, &home.organization, &handle.key, &handle.lease],
        )
        .await?;
    expect(ended == 1, Conflict::LeaseLost)
}

/// Lets a leased job come due again.
pub async fn put_off(session: &Session, home: &Home, handle: &JobHandle, until: Timestamp) -> Step {
    expect(handle.place == i64::from(home.shard), Conflict::LeaseLost)?;
    let put_off = session
        .change(
            PUT_OFF,
            &[
                &home.shard,
                &home.organization,
                &handle.key,
                &handle.lease,
                &micros(until),
            ],
        )
        .await?;
    expect(put_off == 1, Conflict::LeaseLost)
}

/// Lengthens leases, all in one transaction; those still held, with their new handles.
pub async fn renew(
    session: &Session,
    handles: &[JobHandle],
    until: Timestamp,
) -> Result<Vec<(JobHandle, JobHandle)>> {
    let mut by_shard: BTreeMap<i16, Vec<&JobHandle>> = BTreeMap::new();
    for handle in handles {
        if let Ok(shard) = i16::try_from(handle.place) {
            by_shard.entry(shard).or_default().push(handle);
        }
    }
    let mut renewed = Vec::with_capacity(handles.len());
    session.begin().await?;
    for (shard, mut held) in by_shard {
        held.sort_by_key(|handle| handle.key);
        let keys: Vec<i64> = held.iter().map(|handle| handle.key).collect();
        let leases: Vec<i64> = held.iter().map(|handle| handle.lease).collect();
        let rows = session
            .rows(RENEW, &[&shard, &keys, &leases, &micros(until)])
            .await?;
        let place = i64::from(shard);
        for row in &rows {
            let handle = |key, lease| JobHandle { place, key, lease };
            let key = row.value(0)?;
            renewed.push((handle(key, row.value(1)?), handle(key, row.value(2)?)));
        }
    }
    session.commit().await?;
    Ok(renewed)
}

/// When the next job of these kinds comes due.
pub async fn next_due(session: &Session, kinds: &[&str]) -> Result<Option<Timestamp>> {
    let Some(row) = session.row(NEXT_DUE, &[&kinds]).await? else {
        return Ok(None);
    };
    Ok(row.value::<Option<i64>>(0)?.map(instant))
}
