//! Jobs: adding, ending, putting off, renewing, and when the next comes due.
//!
//! A handle's place is the shard, so that every change of a job stays on one.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio_postgres::{Row, types::ToSql};
use waybill_storage::{Conflict, Job, JobHandle, NewJob, Upcoming};

use crate::{
    failure::Result,
    rows::{self, Homes, Of, Refusal, places},
    session::Session,
    values::{Columns, Home, Text, instant, micros, signed},
};

const ADD: &str = "INSERT INTO jobs (shard, organization, key, kind, due_at, lease, attempts, payload)
    SELECT shards.shard, given.organization, given.key, given.kind, given.due_at, 0, 0, given.payload
    FROM unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])
        AS given (shard, organization, key, kind, due_at, payload)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)";
const FINISH: &str = "DELETE FROM jobs
    USING unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::bigint[])
        WITH ORDINALITY AS held (shard, organization, key, lease, place)
    WHERE jobs.shard = ANY ($1) AND jobs.shard = held.shard AND jobs.organization = held.organization
        AND jobs.key = held.key AND jobs.lease = held.lease
    RETURNING held.place";
const PUT_OFF: &str = "UPDATE jobs SET due_at = held.until, lease = jobs.lease + 1
    FROM unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[])
        WITH ORDINALITY AS held (shard, organization, key, lease, until, place)
    WHERE jobs.shard = ANY ($1) AND jobs.shard = held.shard AND jobs.organization = held.organization
        AND jobs.key = held.key AND jobs.lease = held.lease
    RETURNING held.place";
const RENEW: &str = "UPDATE jobs SET due_at = $4, lease = jobs.lease + 1
    FROM unnest($2::bigint[], $3::bigint[]) AS held (key, lease)
    WHERE jobs.shard = $1 AND jobs.key = held.key AND jobs.lease = held.lease
    RETURNING jobs.key, held.lease, jobs.lease";
const UPCOMING: &str = "SELECT key, lease, due_at, attempts, payload FROM (
        SELECT shard, organization, key, lease, due_at, attempts, payload FROM jobs
        WHERE shard = $1 AND kind = $3 AND due_at > $4 AND due_at <= $5
        ORDER BY due_at, key LIMIT $6) AS upcoming
    WHERE shard = $1 AND organization = $2 ORDER BY due_at, key";
/// The first of a kind on every shard: an entry of the index each.
const NEXT_DUE: &str = "SELECT min(head.due_at) FROM shards CROSS JOIN LATERAL (
        SELECT jobs.due_at FROM jobs WHERE jobs.shard = shards.shard AND jobs.kind = $1
        ORDER BY jobs.due_at, jobs.key LIMIT 1) AS head";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[ADD, FINISH, PUT_OFF, RENEW, UPCOMING];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[NEXT_DUE];

/// Adds jobs. Their keys are unique for ever: a handle never means another job.
pub async fn add(session: &Session, rows: &[Of<&NewJob>]) -> Result<()> {
    for part in session.parts(rows) {
        let keys = session.numbers(part.len()).await?;
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 7] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &keys,
            &rows::column(part, |of| of.row.kind),
            &rows::column(part, |of| micros(of.row.due_at)),
            &rows::column(part, |of| Text(&of.row.payload)),
        ];
        session.change(ADD, &values).await?;
    }
    Ok(())
}

/// Ends leased jobs.
pub async fn finish(session: &Session, rows: &[Of<&JobHandle>]) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 5] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.key),
            &rows::column(part, |of| of.row.lease),
        ];
        let places = places(&session.rows(FINISH, &values).await?)?;
        refusals.extend(rows::missing(part, &places, &Conflict::LeaseLost));
    }
    Ok(refusals)
}

/// Lets leased jobs come due again.
pub async fn put_off(
    session: &Session,
    rows: &[Of<(&JobHandle, Timestamp)>],
) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 6] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.0.key),
            &rows::column(part, |of| of.row.0.lease),
            &rows::column(part, |of| micros(of.row.1)),
        ];
        let places = places(&session.rows(PUT_OFF, &values).await?)?;
        refusals.extend(rows::missing(part, &places, &Conflict::LeaseLost));
    }
    Ok(refusals)
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

/// Jobs of an organization that are not due yet, soonest first.
pub async fn upcoming(session: &Session, upcoming: &Upcoming) -> Result<Vec<Job>> {
    let home = Home::of(upcoming.organization);
    let rows = session
        .rows(
            UPCOMING,
            &[
                &home.shard,
                &home.organization,
                &upcoming.kind,
                &micros(upcoming.after),
                &micros(upcoming.until),
                &signed(upcoming.look as u64),
            ],
        )
        .await?;
    let job = |row: &Row| {
        Ok(Job {
            handle: JobHandle {
                place: i64::from(home.shard),
                key: row.value(0)?,
                lease: row.value(1)?,
            },
            kind: upcoming.kind.to_owned(),
            organization: upcoming.organization,
            due_at: row.at(2)?,
            attempt: row.unsigned(3)?,
            payload: row.value(4)?,
        })
    };
    rows.iter().map(job).collect()
}

/// When the next job of these kinds comes due.
pub async fn next_due(session: &Session, kinds: &[&str]) -> Result<Option<Timestamp>> {
    let mut next: Option<i64> = None;
    let looks = kinds
        .iter()
        .map(|kind| async move { session.row(NEXT_DUE, &[kind]).await });
    for row in try_join_all(looks).await?.into_iter().flatten() {
        next = next.into_iter().chain(row.value::<Option<i64>>(0)?).min();
    }
    Ok(next.map(instant))
}
