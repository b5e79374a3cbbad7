//! Jobs: adding, ending, putting off, renewing, and when the next comes due.
//!
//! A job's place is its kind and the minute it comes due, so that the jobs of a kind lie in the
//! order of their minutes and a new one goes to the end of its minute's.

use std::cell::{Cell, RefCell};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use waybill_storage::{Conflict, Job, JobHandle, NewJob, Upcoming};

use crate::{
    transaction::Transaction,
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
const LAST_KEY: &str = "SELECT last FROM job_keys";
const TAKE_KEYS: &str = "UPDATE job_keys SET last = ?1";
const INSERT: &str = "INSERT INTO jobs (place, key, due_at, organization, lease, attempts, payload)
    VALUES (?1, ?2, ?3, ?4, 0, 0, ?5)";
const RENEW: &str = "UPDATE jobs SET place = ?4, due_at = ?5, lease = lease + 1
    WHERE place = ?1 AND key = ?2 AND lease = ?3";

/// For the test of plans.
#[cfg(test)]
pub const STATEMENTS: [&str; 4] = [LAST_KEY, TAKE_KEYS, INSERT, RENEW];

/// Adds a job.
pub fn add(transaction: &Transaction<'_>, organization: &Bytes, job: &NewJob) -> Step {
    let kind = transaction.job_kinds.find(transaction, job.kind)?;
    let due_at = micros(job.due_at);
    transaction.prepare_cached(INSERT)?.execute(params![
        kind.place(due_at),
        transaction.job_keys.next(transaction)?,
        due_at,
        organization,
        job.payload
    ])?;
    Ok(())
}

/// The kinds that a transaction has asked for.
#[derive(Default)]
pub struct Kinds(RefCell<Vec<(&'static str, Kind)>>);

impl Kinds {
    /// The number of a kind, which gets one if it has none yet.
    fn find(&self, connection: &Connection, kind: &'static str) -> rusqlite::Result<Kind> {
        let mut kinds = self.0.borrow_mut();
        if let Some((_, known)) = kinds.iter().find(|known| known.0 == kind) {
            return Ok(*known);
        }
        let number = match self::kind(connection, kind)? {
            Some(number) => number,
            None => new_kind(connection, kind)?,
        };
        kinds.push((kind, number));
        Ok(number)
    }
}

/// The keys that a transaction takes: unique for ever, also over processes, so that a handle never means another job.
#[derive(Default)]
pub struct Keys {
    last: Cell<Option<i64>>,
    taken: Cell<u64>,
}

impl Keys {
    fn next(&self, connection: &Connection) -> rusqlite::Result<i64> {
        let last = match self.last.get() {
            Some(last) => last,
            None => connection
                .prepare_cached(LAST_KEY)?
                .query_row([], |row| row.get(0))?,
        };
        self.last.set(Some(last + 1));
        self.taken.update(|taken| taken + 1);
        Ok(last + 1)
    }

    /// How many it has taken.
    pub fn taken(&self) -> u64 {
        self.taken.get()
    }

    /// Writes which one it took last.
    pub fn settle(&self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(last) = self.last.get() {
            connection.prepare_cached(TAKE_KEYS)?.execute([last])?;
        }
        Ok(())
    }
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
