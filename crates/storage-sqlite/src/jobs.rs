//! Jobs: adding, ending, putting off, renewing, and when the next comes due.
//!
//! A job's place is its kind and the minute it comes due, so that the jobs of a kind lie in the
//! order of their minutes and a new one goes to the end of its minute's.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use waybill_storage::{Conflict, Job, JobHandle, NewJob, Upcoming};

use crate::{
    values::{Bytes, Columns, instant, micros},
    write_set::{Step, Stop, expect},
};

const MICROS_PER_MINUTE: i64 = 60_000_000;
/// Bits of a place that hold the minute: enough for two million years.
const MINUTE_BITS: u32 = 40;

/// A kind of job as a number. Kinds are few and never deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(i64);

impl Kind {
    /// The place of a job of this kind that comes due then.
    pub fn place(self, due_at: i64) -> i64 {
        (self.0 << MINUTE_BITS) | minute(due_at)
    }

    /// The place before all of this kind.
    pub fn first_place(self) -> i64 {
        self.0 << MINUTE_BITS
    }

    /// The place behind all of this kind.
    pub fn last_place(self) -> i64 {
        ((self.0 + 1) << MINUTE_BITS) - 1
    }
}

// None of these gives back what it wrote (`RETURNING`): SQLite would set up tables of its own for that, each time.
const NEXT_KEY: &str = "SELECT last + 1 FROM job_keys";
const TAKE_KEY: &str = "UPDATE job_keys SET last = ?1";
const INSERT: &str = "INSERT INTO jobs (place, key, due_at, organization, lease, attempts, payload)
    VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)";
const RENEW: &str = "UPDATE jobs SET place = ?4, due_at = ?5, lease = lease + 1
    WHERE place = ?1 AND key = ?2 AND lease = ?3";

/// For the test of plans.
#[cfg(test)]
pub const STATEMENTS: [&str; 4] = [NEXT_KEY, TAKE_KEY, INSERT, RENEW];

/// Adds a job.
pub fn add(connection: &Connection, organization: &Bytes, job: &NewJob) -> Step {
    let kind = match kind(connection, job.kind)? {
        Some(kind) => kind,
        None => new_kind(connection, job.kind)?,
    };
    let key = new_key(connection)?;
    let due_at = micros(job.due_at);
    connection.prepare_cached(INSERT)?.execute(params![
        kind.place(due_at),
        key,
        due_at,
        organization,
        job.payload
    ])?;
    Ok(())
}

/// Unique for ever, also over processes: a handle never means another job.
fn new_key(connection: &Connection) -> rusqlite::Result<i64> {
    let key = connection
        .prepare_cached(NEXT_KEY)?
        .query_row([], |row| row.get(0))?;
    connection.prepare_cached(TAKE_KEY)?.execute([key])?;
    Ok(key)
}

/// Ends a leased job.
pub fn finish(connection: &Connection, organization: &Bytes, handle: &JobHandle) -> Step {
    let ended = connection
        .prepare_cached(
            "DELETE FROM jobs WHERE place = ?1 AND key = ?2 AND lease = ?3 AND organization = ?4",
        )?
        .execute(params![
            handle.place,
            handle.key,
            handle.lease,
            organization
        ])?;
    expect(ended == 1, Conflict::LeaseLost)
}

/// Lets a leased job come due again.
pub fn put_off(
    connection: &Connection,
    organization: &Bytes,
    handle: &JobHandle,
    until: Timestamp,
) -> Step {
    let is_ours = connection
        .prepare_cached(
            "SELECT 1 FROM jobs WHERE place = ?1 AND key = ?2 AND lease = ?3 AND organization = ?4",
        )?
        .exists(params![
            handle.place,
            handle.key,
            handle.lease,
            organization
        ])?;
    expect(is_ours, Conflict::LeaseLost)?;
    renew(connection, handle, until)?
        .map(drop)
        .ok_or(Stop::Conflict(Conflict::LeaseLost))
}

/// Lengthens a lease; the new handle, if it was still held.
pub fn renew(
    connection: &Connection,
    handle: &JobHandle,
    until: Timestamp,
) -> rusqlite::Result<Option<JobHandle>> {
    let due_at = micros(until);
    let place = Kind(handle.place >> MINUTE_BITS).place(due_at);
    let renewed = connection.prepare_cached(RENEW)?.execute(params![
        handle.place,
        handle.key,
        handle.lease,
        place,
        due_at
    ])?;
    Ok((renewed == 1).then_some(JobHandle {
        place,
        key: handle.key,
        lease: handle.lease + 1,
    }))
}

/// When the next job of a kind comes due. Within the first minute that has jobs, one that was due at
/// `reached` already will do: which of a crowd is the very first tells nobody anything.
pub fn next_due(
    connection: &Connection,
    kind: &str,
    reached: i64,
) -> rusqlite::Result<Option<Timestamp>> {
    let Some(kind) = self::kind(connection, kind)? else {
        return Ok(None);
    };
    let place: Option<i64> = connection
        .prepare_cached(
            "SELECT place FROM jobs WHERE place BETWEEN ?1 AND ?2 ORDER BY place LIMIT 1",
        )?
        .query_row([kind.first_place(), kind.last_place()], |row| row.get(0))
        .optional()?;
    let Some(place) = place else {
        return Ok(None);
    };
    let due: Option<i64> = connection
        .prepare_cached("SELECT due_at FROM jobs WHERE place = ?1 AND due_at <= ?2 LIMIT 1")?
        .query_row([place, reached], |row| row.get(0))
        .optional()?;
    if due.is_some() {
        return Ok(due.map(instant));
    }
    connection
        .prepare_cached("SELECT min(due_at) FROM jobs WHERE place = ?1")?
        .query_row([place], |row| row.maybe_at(0))
}

/// Jobs of an organization that are not due yet, soonest first.
pub fn upcoming(connection: &Connection, upcoming: &Upcoming) -> rusqlite::Result<Vec<Job>> {
    let Some(kind) = kind(connection, upcoming.kind)? else {
        return Ok(Vec::new());
    };
    let (after, until) = (micros(upcoming.after), micros(upcoming.until));
    let bounds = params![
        kind.place(after),
        kind.place(until),
        after,
        until,
        i64::try_from(upcoming.look).unwrap_or(i64::MAX),
        upcoming.organization.as_uuid().into_bytes(),
    ];
    let mut jobs: Vec<Job> = connection
        .prepare_cached(
            "SELECT place, key, lease, due_at, attempts, payload FROM (
                 SELECT place, key, lease, due_at, attempts, payload, organization FROM jobs
                 WHERE place BETWEEN ?1 AND ?2 AND due_at > ?3 AND due_at <= ?4
                 ORDER BY place, key LIMIT ?5)
             WHERE organization = ?6",
        )?
        .query_map(bounds, |row| {
            Ok(Job {
                handle: JobHandle {
                    place: row.get(0)?,
                    key: row.get(1)?,
                    lease: row.get(2)?,
                },
                kind: upcoming.kind.to_owned(),
                organization: upcoming.organization,
                due_at: row.at(3)?,
                attempt: row.get(4)?,
                payload: row.get(5)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    jobs.sort_by_key(|job| job.due_at);
    Ok(jobs)
}

/// The number of a kind, if a job of it was ever added.
pub fn kind(connection: &Connection, kind: &str) -> rusqlite::Result<Option<Kind>> {
    connection
        .prepare_cached("SELECT number FROM job_kinds WHERE kind = ?1")?
        .query_row([kind], |row| row.get(0).map(Kind))
        .optional()
}

fn new_kind(connection: &Connection, kind: &str) -> rusqlite::Result<Kind> {
    connection
        .prepare_cached("INSERT INTO job_kinds (kind) VALUES (?1)")?
        .execute([kind])?;
    Ok(Kind(connection.last_insert_rowid()))
}

/// Minutes since 1970; what was due before is due in the first.
fn minute(due_at: i64) -> i64 {
    (due_at / MICROS_PER_MINUTE).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_kinds_apart_and_minutes_in_order() {
        let (first, second) = (Kind(1), Kind(2));
        assert!(first.place(0) < first.place(MICROS_PER_MINUTE));
        assert_eq!(first.place(0), first.place(MICROS_PER_MINUTE - 1));
        assert_eq!(first.place(-5), first.first_place());
        assert!(first.place(i64::MAX) < first.last_place());
        assert!(first.last_place() < second.first_place());
    }
}
