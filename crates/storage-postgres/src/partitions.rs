//! The tables of each week that logs are filed in.
//!
//! A week's table is made before its first row is written, together with that of the week after, so
//! that nobody waits for it at the turn of the week. Who holds the row of the schema's version makes
//! tables, so that any number of nodes may try at once. Dropping one costs the same for a thousand
//! rows as for a thousand million.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use waybill_storage::SweepBorders;

use crate::{
    failure::Result,
    migrations,
    session::Session,
    values::{Columns, SHARDS, Text},
};

const EVENTS: &str = "events";
/// The logs.
const LOGS: [&str; 3] = [EVENTS, "poll_attempts", "delivery_attempts"];
/// Weeks whose tables are made before anything is written to them.
const AHEAD: i32 = 1;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

const EXISTS: &str = "SELECT to_regclass($1) IS NOT NULL";
const OF_LOG: &str =
    "SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = to_regclass($1) ORDER BY relname";
/// An event is needed as long as a delivery of it is pending.
const KEEP_NEEDED: &str = "UPDATE events SET week = $2
    FROM (SELECT DISTINCT organization, sequence FROM deliveries
          WHERE shard = $1 AND status = 'pending') AS needed
    WHERE events.shard = $1 AND events.week < $2
    AND events.organization = needed.organization AND events.sequence = needed.sequence";

/// Statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[KEEP_NEEDED];
/// Those that ask which tables there are.
pub const OF_THE_CATALOGUE: &[&str] = &[EXISTS, OF_LOG];

/// The week of an instant, counted from 1970-01-01.
pub fn week(at: Timestamp) -> i32 {
    at.as_second().div_euclid(WEEK.as_secs()) as i32
}

/// The tables that this process knows to be there.
#[derive(Default)]
pub struct Partitions {
    weeks: Mutex<BTreeSet<i32>>,
}

impl Partitions {
    /// Makes the tables for rows of these weeks that are not there.
    pub async fn ensure(&self, session: &Session, weeks: &BTreeSet<i32>) -> Result<()> {
        for week in weeks {
            if self.knows(*week) && self.knows(week + AHEAD) {
                continue;
            }
            for week in *week..=week + AHEAD {
                for log in LOGS {
                    make(session, log, week).await?;
                }
                self.weeks().insert(week);
            }
        }
        Ok(())
    }

    /// Looks again from now on: another node may have dropped some.
    pub fn forget(&self) {
        self.weeks().clear();
    }

    fn knows(&self, week: i32) -> bool {
        self.weeks().contains(&week)
    }

    fn weeks(&self) -> std::sync::MutexGuard<'_, BTreeSet<i32>> {
        // A set of weeks is whole at every moment.
        self.weeks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Attaching a finished table disturbs no one who writes to the others; making it in place would.
async fn make(session: &Session, log: &str, week: i32) -> Result<()> {
    let table = name(log, week);
    session.begin().await?;
    migrations::hold(session).await?;
    let exists = session.row(EXISTS, &[&Text(&table)]).await?;
    if !exists.map_or(Ok(false), |row| row.value(0))? {
        // A cluster hands on one at a time.
        session
            .run(&format!("CREATE TABLE {table} (LIKE {log} INCLUDING ALL)"))
            .await?;
        let next = week + 1;
        let attach = format!(
            "ALTER TABLE {log} ATTACH PARTITION {table} FOR VALUES FROM ({week}) TO ({next})"
        );
        session.run(&attach).await?;
    }
    session.commit().await
}

/// The tables of logs in which everything is older than their border.
pub async fn old(session: &Session, borders: &SweepBorders) -> Result<Vec<String>> {
    let mut old = Vec::new();
    for (log, border) in [
        (EVENTS, borders.events),
        ("poll_attempts", borders.poll_attempts),
        ("delivery_attempts", borders.deliveries),
    ] {
        for row in session.rows(OF_LOG, &[&log]).await? {
            let table: String = row.value(0)?;
            if week_of(log, &table).is_some_and(|of_table| of_table < week(border)) {
                old.push(table);
            }
        }
    }
    Ok(old)
}

/// Drops such tables. The session is a patient one.
pub async fn drop_old(session: &Session, tables: &[String], borders: &SweepBorders) -> Result<()> {
    if tables.iter().any(|table| week_of(EVENTS, table).is_some()) {
        let border = week(borders.events);
        let weeks = BTreeSet::from([border]);
        Partitions::default().ensure(session, &weeks).await?;
        for shard in 0..SHARDS {
            session.change(KEEP_NEEDED, &[&shard, &border]).await?;
        }
    }
    for table in tables {
        let drop = format!("DROP TABLE IF EXISTS {table}");
        session.run(&drop).await?;
    }
    Ok(())
}

/// `events_20260101`: a log and the first day of the week.
fn name(log: &str, week: i32) -> String {
    let first_day = Date::constant(1970, 1, 1).saturating_add(WEEK * week);
    format!("{log}_{}", first_day.strftime("%Y%m%d"))
}

fn week_of(log: &str, table: &str) -> Option<i32> {
    let day = table.strip_prefix(log)?.strip_prefix('_')?;
    let day = Date::strptime("%Y%m%d", day).ok()?;
    let since = day.duration_since(Date::constant(1970, 1, 1));
    i32::try_from(since.as_secs() / WEEK.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_named_after_the_first_day_of_its_week() {
        let at: Timestamp = "2026-11-28T03:00:00Z".parse().unwrap();
        let week = week(at);
        let table = name("events", week);
        assert_eq!(table, "events_20261126");
        assert_eq!(week_of("events", &table), Some(week));
        assert_eq!(week_of("events", "events_old"), None);
        assert_eq!(name("events", 0), "events_19700101");
    }

    #[test]
    fn weeks_are_counted_evenly_before_the_epoch_too() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!([week(at(-1)), week(at(0)), week(at(604_800))], [-1, 0, 1]);
    }
}
