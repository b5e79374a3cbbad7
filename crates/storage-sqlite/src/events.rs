//! Events, in one gap-free order per organization.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::{EventId, Tag, TrackingKey};
use waybill_storage::{EventKind, EventRow, NewEvent};

use crate::{
    deliveries,
    organization_numbers::Organization,
    packed::{self, PackedAround},
    transaction::Transaction,
    values::{Bytes, Columns, micros, signed},
    write_set::{Step, Written},
};

/// A whole event, as [`from_row`] reads it, from where its place says that it stands.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT place.sequence, id, kind, events.tracking, tag, events.at, body
             FROM events_by_sequence AS place CROSS JOIN events USING (row)
             WHERE place.organization = ?1 AND place.sequence ",
            $rest
        )
    };
}

const AFTER: &str = select!("> ?2 ORDER BY place.sequence LIMIT ?3");
const ONE: &str = select!("= ?2");
const NEWEST_FIRST: &str = "SELECT at, tracking, change, sequence FROM events_by_sequence
    WHERE organization = ?1 ORDER BY sequence DESC";
/// Rows grow with sequence numbers, and young ones are above all that are listed: so mostly it is found
/// without these.
const LAST_SEQUENCE: &str = "SELECT coalesce(
    (SELECT sequence FROM events WHERE row =
        (SELECT max(row) FROM young WHERE organization = ?1 AND kind = 1)),
    (SELECT max(sequence) FROM listed_events WHERE organization = ?1), 0)";

/// For the test of plans.
#[cfg(test)]
pub const STATEMENTS: [&str; 4] = [AFTER, ONE, NEWEST_FIRST, LAST_SEQUENCE];

/// Appends events with the deliveries that begin with them; the sequence number of the last.
///
/// The numbers come from the database inside the transaction, as other processes may write, too.
/// The newest event of an organization is never swept, so they never begin anew.
pub fn append(
    transaction: &Transaction<'_>,
    organization: &Organization,
    events: &[NewEvent],
    written: &Written<'_>,
) -> Step<Option<u64>> {
    if events.is_empty() {
        return Ok(None);
    }
    let mut sequence = 0;
    for event in events {
        sequence = transaction.sequences.next(transaction, organization)?;
        transaction
            .prepare_cached(
                "INSERT INTO events (organization, sequence, id, kind, tracking, tag, at, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                organization.number,
                signed(sequence),
                event.id.as_uuid().into_bytes(),
                event.kind.as_str(),
                event.tracking.as_uuid().into_bytes(),
                event.tag.map(Tag::as_str),
                micros(event.at),
                PackedAround(&event.body, written.document(event.tracking)),
            ])?;
        for delivery in &event.deliver_to {
            deliveries::begin(transaction, &organization.id, event, sequence, delivery)?;
        }
    }
    Ok(Some(sequence))
}

/// Events above a sequence number, in order.
pub fn after(
    connection: &Connection,
    organization: &Organization,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<EventRow>> {
    connection
        .prepare_cached(AFTER)?
        .query_map(
            params![organization.number, signed(after), signed(limit as u64)],
            from_row,
        )?
        .collect()
}

/// The trackings that events since an instant say are changed and still there, each with when it last
/// was: an event's instant is its tracking's `updated_at`. `None` where they cannot tell: there are too
/// many, or some were swept.
pub fn changed_since(
    connection: &Connection,
    organization: &Organization,
    since: i64,
    limit: usize,
) -> rusqlite::Result<Option<Vec<(Bytes, i64)>>> {
    let mut statement = connection.prepare_cached(NEWEST_FIRST)?;
    let mut rows = statement.query([organization.number])?;
    let mut changed = Vec::new();
    let mut told = HashSet::new();
    let mut expected = None;
    for _ in 0..=limit {
        let Some(row) = rows.next()? else {
            return Ok((expected == Some(0)).then_some(changed));
        };
        // Where numbers lack, events were swept: those with a delivery under way outlive younger ones.
        let sequence: i64 = row.get(3)?;
        if expected.is_some_and(|expected| sequence != expected) {
            return Ok(None);
        }
        expected = Some(sequence - 1);
        let at = row.get(0)?;
        if at < since {
            return Ok(Some(changed));
        }
        let (tracking, change): (Bytes, i64) = (row.get(1)?, row.get(2)?);
        // The newest that says anything of a tracking is the one that holds.
        if change != 0 && told.insert(tracking) && change > 0 {
            changed.push((tracking, at));
        }
    }
    Ok(None)
}

/// One event.
pub fn one(
    connection: &Connection,
    organization: &Organization,
    sequence: u64,
) -> rusqlite::Result<Option<EventRow>> {
    connection
        .prepare_cached(ONE)?
        .query_row(params![organization.number, signed(sequence)], from_row)
        .optional()
}

/// The last numbers of the organizations of which a transaction has made events.
#[derive(Default)]
pub struct Sequences(RefCell<HashMap<i64, u64>>);

impl Sequences {
    fn next(&self, connection: &Connection, organization: &Organization) -> rusqlite::Result<u64> {
        let mut sequences = self.0.borrow_mut();
        let last = match sequences.entry(organization.number) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let last = connection
                    .prepare_cached(LAST_SEQUENCE)?
                    .query_row([organization.number], |row| row.unsigned(0))?;
                unknown.insert(last)
            }
        };
        *last += 1;
        Ok(*last)
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        sequence: row.unsigned(0)?,
        id: EventId::from_uuid(row.id(1)?),
        kind: row.word(2, EventKind::parse)?,
        tracking: TrackingKey::from_uuid(row.id(3)?),
        tag: row.maybe_word(4, Tag::parse)?,
        at: row.at(5)?,
        body: packed::text(row, 6)?,
    })
}

#[cfg(test)]
mod tests {
    use waybill_storage::Change;

    use super::*;

    /// The schema says it once more, for rows that no program reads.
    #[test]
    fn the_list_says_what_kinds_say() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrations::migrate(&mut connection).unwrap();
        // Thrice all: some are listed by then, the rest are young.
        let kinds: Vec<EventKind> = EventKind::ALL.repeat(3);
        for (sequence, kind) in kinds.iter().enumerate() {
            connection
                .execute(
                    "INSERT INTO events (organization, sequence, id, kind, tracking, at, body)
                     VALUES (1, ?1, zeroblob(16), ?2, zeroblob(16), 0, '')",
                    params![sequence as i64, kind.as_str()],
                )
                .unwrap();
        }
        let mut statement = connection
            .prepare(
                "SELECT change FROM events_by_sequence WHERE organization = 1 ORDER BY sequence",
            )
            .unwrap();
        let said = statement.query_map([], |row| row.get(0)).unwrap();
        let said: Vec<i64> = said.collect::<rusqlite::Result<_>>().unwrap();
        let meant = kinds.iter().map(|kind| match kind.change() {
            Change::Changed => 1,
            Change::Gone => -1,
            Change::None => 0,
        });
        assert_eq!(said, meant.collect::<Vec<i64>>());
        let listed: i64 = connection
            .query_row("SELECT count(*) FROM listed_events", [], |row| row.get(0))
            .unwrap();
        assert_eq!(listed, 16);
    }
}
