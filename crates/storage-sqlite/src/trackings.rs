//! Trackings: rows, views and the kept counters.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use waybill_model::{
    ClockFacts, CountryCode, CourierSlug, OrganizationId, OwnId, SubStatus, Tag, TrackingKey,
};
use waybill_storage::{Conflict, PollRow, TrackingRow, TrackingView, Unavailable};

use crate::{
    organization_numbers::Organization,
    packed::{self, Packed, PackedDocument, StoredText},
    polls, search,
    transaction::Transaction,
    values::{Columns, list_to_text, micros, signed},
    write_set::{Step, Stop, expect},
};

/// The columns of a whole row, as [`from_row`] reads them.
macro_rules! columns {
    () => {
        "key, revision, own_id, number, slug, tag, sub_status, active, order_id, origin, destination, courier_destination, return_to_sender, shipment_tags, created_at, updated_at, clock,
         document, record"
    };
}
pub(crate) use columns;

/// What is known of a stored tracking before it is written.
struct Stored {
    row: i64,
    slug: String,
    tag: Tag,
    order_id: Option<String>,
}

/// Writes a tracking with its document; where it stands.
pub fn put(
    transaction: &Transaction<'_>,
    organization: &Organization,
    row: &TrackingRow,
    document: &PackedDocument<'_>,
) -> Step<i64> {
    let (key, number) = (row.key.as_uuid().into_bytes(), organization.number);
    if row.revision == 0 {
        let written = write(transaction, INSERT, (&key, number), row, document)?;
        expect(written == 1, Conflict::Changed)?;
        let place = transaction.last_insert_rowid();
        transaction.tracking_counts.add(organization, row.tag, 1);
        return Ok(place);
    }
    let stored = stored(transaction, organization, row.key, row.revision)?;
    // Whenever a column that lists go by is set, be it to the same value, SQLite asks their triggers.
    let is_listed_alike = stored.tag == row.tag
        && stored.slug == row.slug.as_str()
        && stored.order_id == row.order_id;
    write(
        transaction,
        if is_listed_alike {
            UPDATE
        } else {
            UPDATE_LISTED
        },
        (&stored.row, number),
        row,
        document,
    )?;
    if stored.tag != row.tag {
        transaction
            .tracking_counts
            .add(organization, stored.tag, -1);
        transaction.tracking_counts.add(organization, row.tag, 1);
    }
    Ok(stored.row)
}

/// Deletes a tracking with its names, polls and attempts.
pub fn delete(
    transaction: &Transaction<'_>,
    organization: &Organization,
    key: TrackingKey,
    revision: u64,
) -> Step {
    let stored = stored(transaction, organization, key, revision)?;
    let key = key.as_uuid().into_bytes();
    polls::delete_all(transaction, stored.row, &key)?;
    search::delete(transaction, stored.row)?;
    crate::names::delete_all(transaction, organization, &key)?;
    transaction
        .prepare_cached("DELETE FROM trackings WHERE row = ?1")?
        .execute([stored.row])?;
    transaction
        .tracking_counts
        .add(organization, stored.tag, -1);
    Ok(())
}

/// Where a tracking stands in its table.
pub fn row_of(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT row FROM trackings WHERE key = ?1 AND organization = ?2")?
        .query_row(
            params![key.as_uuid().into_bytes(), organization.number],
            |row| row.get(0),
        )
        .optional()
}

/// The whole row, and where it stands.
fn placed(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Option<(i64, TrackingRow)>> {
    connection
        .prepare_cached(concat!(
            "SELECT ?3, ",
            columns!(),
            ", row FROM trackings WHERE key = ?1 AND organization = ?2"
        ))?
        .query_row(
            params![
                key.as_uuid().into_bytes(),
                organization.number,
                organization.id
            ],
            |row| Ok((row.get(20)?, from_row(row)?)),
        )
        .optional()
}

/// The whole row.
pub fn one(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Option<TrackingRow>> {
    Ok(placed(connection, organization, key)?.map(|(_, row)| row))
}

/// The whole row and its poll rows.
pub fn followed(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Option<(TrackingRow, Vec<PollRow>)>> {
    let Some((place, row)) = placed(connection, organization, key)? else {
        return Ok(None);
    };
    let polls = polls::of_row(connection, organization, key, place)?;
    Ok(Some((row, polls)))
}

/// What a GET answers from, as it is stored.
#[derive(Debug)]
pub struct StoredView {
    /// The document.
    pub document: StoredText,
    /// What day counts are made of.
    pub clock: ClockFacts,
    /// How often couriers were asked for it.
    pub tracked_count: u64,
}

impl StoredView {
    /// As it is answered.
    pub fn open(self, key: TrackingKey) -> Result<TrackingView, Unavailable> {
        Ok(TrackingView {
            key,
            document: self.document.text().map_err(Unavailable)?,
            clock: self.clock,
            tracked_count: self.tracked_count,
        })
    }
}

/// What a GET answers from.
pub fn stored_view(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Option<StoredView>> {
    connection
        .prepare_cached(
            "SELECT document, clock,
                    (SELECT coalesce(sum(tracked_count), 0) FROM polls WHERE leg BETWEEN row * 8 AND row * 8 + 7)
             FROM trackings WHERE key = ?1 AND organization = ?2",
        )?
        .query_row(
            params![key.as_uuid().into_bytes(), organization.number],
            stored_view_from_row,
        )
        .optional()
}

/// What is answered of the tracking that stands there.
pub fn stored_view_at(connection: &Connection, row: i64) -> rusqlite::Result<StoredView> {
    connection
        .prepare_cached(
            "SELECT document, clock,
                    (SELECT coalesce(sum(tracked_count), 0) FROM polls WHERE leg BETWEEN row * 8 AND row * 8 + 7)
             FROM trackings WHERE row = ?1",
        )?
        .query_row([row], stored_view_from_row)
}

/// The first key in an inclusive range.
pub fn key_in_range(
    connection: &Connection,
    organization: &Organization,
    from: TrackingKey,
    to: TrackingKey,
) -> rusqlite::Result<Option<TrackingKey>> {
    connection
        .prepare_cached(
            "SELECT key FROM trackings INDEXED BY trackings_by_key WHERE key BETWEEN ?1 AND ?2 AND organization = ?3 ORDER BY key LIMIT 1",
        )?
        .query_row(
            params![from.as_uuid().into_bytes(), to.as_uuid().into_bytes(), organization.number],
            |row| row.id(0).map(TrackingKey::from_uuid),
        )
        .optional()
}

/// The kept counter of these tags; of all, where none is named.
pub fn kept_count(
    connection: &Connection,
    organization: &Organization,
    tags: &[Tag],
) -> rusqlite::Result<u64> {
    let wanted = Tag::ALL
        .iter()
        .filter(|tag| tags.is_empty() || tags.contains(tag));
    let mut statement = connection
        .prepare_cached("SELECT count FROM tracking_counts WHERE tag = ?1 AND organization = ?2")?;
    let mut total = 0;
    for tag in wanted {
        let count: Option<u64> = statement
            .query_row(params![tag.as_str(), organization.number], |row| {
                row.unsigned(0)
            })
            .optional()?;
        total += count.unwrap_or_default();
    }
    Ok(total)
}

const ADD_TO_COUNT: &str =
    "INSERT INTO tracking_counts (organization, tag, count) VALUES (?1, ?2, ?3)
    ON CONFLICT (tag, organization) DO UPDATE SET count = count + excluded.count";

/// How many trackings of a tag came, or went, in a transaction: by the number of their organization.
#[derive(Default)]
pub struct Counts {
    owed: RefCell<BTreeMap<(i64, Tag), i64>>,
    changes: Cell<u64>,
}

impl Counts {
    fn add(&self, organization: &Organization, tag: Tag, change: i64) {
        *self
            .owed
            .borrow_mut()
            .entry((organization.number, tag))
            .or_default() += change;
        self.changes.update(|changes| changes + 1);
    }

    /// A number that grows with each.
    pub fn changes(&self) -> u64 {
        self.changes.get()
    }

    /// Raises the kept counters.
    pub fn settle(&self, connection: &Connection) -> rusqlite::Result<()> {
        for ((organization, tag), change) in self.owed.take() {
            connection.prepare_cached(ADD_TO_COUNT)?.execute(params![
                organization,
                tag.as_str(),
                change
            ])?;
        }
        Ok(())
    }
}

fn stored(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
    revision: u64,
) -> Step<Stored> {
    let stored = connection
        .prepare_cached(
            "SELECT row, slug, tag, order_id FROM trackings
             WHERE key = ?1 AND organization = ?2 AND revision = ?3",
        )?
        .query_row(
            params![
                key.as_uuid().into_bytes(),
                organization.number,
                signed(revision)
            ],
            |row| {
                Ok(Stored {
                    row: row.get(0)?,
                    slug: row.get(1)?,
                    tag: row.word(2, Tag::parse)?,
                    order_id: row.get(3)?,
                })
            },
        )
        .optional()?;
    stored.ok_or(Stop::Conflict(Conflict::Changed))
}

/// What all three statements that write a row number alike.
macro_rules! set_unlisted {
    () => {
        "revision = ?3 + 1, sub_status = ?7, active = ?8, return_to_sender = ?9, origin = ?10,
         destination = ?11, courier_destination = ?12, created_at = ?13, updated_at = ?14,
         shipment_tags = ?15, clock = ?16, number = ?17, own_id = ?18, document = ?19, record = ?20"
    };
}
const INSERT: &str = "INSERT INTO trackings (
        key, organization, revision, slug, tag, order_id, sub_status, active, return_to_sender, origin,
        destination, courier_destination, created_at, updated_at, shipment_tags, clock, number, own_id,
        document, record
    ) VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = concat!(
    "UPDATE trackings SET ",
    set_unlisted!(),
    // All parameters must appear in every statement: these say what is known already.
    " WHERE row = ?1 AND organization = ?2 AND slug = ?4 AND tag = ?5 AND order_id IS ?6"
);
const UPDATE_LISTED: &str = concat!(
    "UPDATE trackings SET ",
    set_unlisted!(),
    ", slug = ?4, tag = ?5, order_id = ?6 WHERE row = ?1 AND organization = ?2"
);

/// For the test of plans.
#[cfg(test)]
pub const STATEMENTS: [&str; 3] = [INSERT, UPDATE, UPDATE_LISTED];

/// Writes a row: `which` is the key of a new one, and where an old one stands, and whose it is.
fn write(
    connection: &Connection,
    statement: &str,
    which: (&dyn ToSql, i64),
    row: &TrackingRow,
    document: &PackedDocument<'_>,
) -> rusqlite::Result<usize> {
    connection.prepare_cached(statement)?.execute(params![
        which.0,
        which.1,
        signed(row.revision),
        row.slug.as_str(),
        row.tag.as_str(),
        row.order_id,
        row.sub_status.code(),
        row.active,
        row.return_to_sender,
        row.origin.as_ref().map(CountryCode::as_str),
        row.destination.as_ref().map(CountryCode::as_str),
        row.courier_destination.as_ref().map(CountryCode::as_str),
        micros(row.created_at),
        micros(row.updated_at),
        list_to_text(&row.shipment_tags),
        serde_json::to_string(&row.clock)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?,
        row.number,
        row.own_id.as_ref().map(OwnId::as_str),
        document,
        Packed(&row.record),
    ])
}

fn stored_view_from_row(row: &Row<'_>) -> rusqlite::Result<StoredView> {
    Ok(StoredView {
        document: StoredText::from_row(row, 0)?,
        clock: row.json(1)?,
        tracked_count: row.unsigned(2)?,
    })
}

/// The whole row: whose it is, then [`columns`].
pub fn from_row(row: &Row<'_>) -> rusqlite::Result<TrackingRow> {
    Ok(TrackingRow {
        organization: OrganizationId::from_uuid(row.id(0)?),
        key: TrackingKey::from_uuid(row.id(1)?),
        revision: row.unsigned(2)?,
        own_id: row.maybe_word(3, OwnId::parse)?,
        number: row.get(4)?,
        slug: row.word(5, CourierSlug::parse)?,
        tag: row.word(6, Tag::parse)?,
        sub_status: row.word(7, SubStatus::parse)?,
        active: row.get(8)?,
        order_id: row.get(9)?,
        origin: row.maybe_word(10, CountryCode::parse)?,
        destination: row.maybe_word(11, CountryCode::parse)?,
        courier_destination: row.maybe_word(12, CountryCode::parse)?,
        return_to_sender: row.get(13)?,
        shipment_tags: row.list(14)?,
        created_at: row.at(15)?,
        updated_at: row.at(16)?,
        clock: row.json(17)?,
        document: packed::document(row, 18)?,
        record: packed::text(row, 19)?,
    })
}
