//! The words of trackings, and which of them are found by a keyword.
//!
//! FTS5 keeps the rows of a token in order, but those of a beginning it puts together from all words that have it. So
//! the index holds [`tokens`]: a search for a beginning is a look-up like any other, and read no further than a page
//! needs.

use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension, params};
use waybill_model::TrackingKey;
use waybill_storage::{Keyword, SearchRow, TrackingRow};

use crate::{
    candidates,
    lists::Query,
    organization_numbers::{self, Organization},
    tokens::{self, tokens},
    trackings::{self, columns},
    values::{Bytes, signed},
    walk::Entry,
    write_set::{Step, Written},
};

/// Hits read at once, at first and at most: a page of a hundred, and whether there is another, takes one statement.
const FIRST_CHUNK: usize = 101;
const LARGEST_CHUNK: usize = 2_048;

/// Notes that a tracking is to be made searchable. Of one that is gone there is nothing to find.
pub fn note(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
    written: &Written<'_>,
) -> Step {
    if let Some(row) = written.find(connection, organization, key)? {
        connection
            .prepare_cached("INSERT OR IGNORE INTO unsearchable (row) VALUES (?1)")?
            .execute([row])?;
    }
    Ok(())
}

/// Trackings that are to be made searchable.
pub fn unsearchable(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<TrackingRow>> {
    connection
        .prepare_cached(concat!(
            "SELECT (SELECT id FROM organization_numbers WHERE number = trackings.organization), ",
            columns!(),
            " FROM unsearchable CROSS JOIN trackings USING (row) ORDER BY row LIMIT ?1"
        ))?
        .query_map([signed(limit as u64)], trackings::from_row)?
        .collect()
}

/// What the index is to hold of a tracking: made before the one thread that writes comes to it.
pub struct Searched {
    of: SearchRow,
    tokens: String,
}

impl From<SearchRow> for Searched {
    fn from(of: SearchRow) -> Self {
        let tokens = tokens(of.organization, &of.words).join(" ");
        Self { of, tokens }
    }
}

/// Writes the words of those trackings that are as they were when the words were read.
pub fn put(connection: &Connection, rows: &[Searched]) -> rusqlite::Result<()> {
    let mut stands = connection.prepare_cached(
        "SELECT row FROM trackings WHERE key = ?1 AND organization = ?2 AND revision = ?3",
    )?;
    let mut write = connection
        .prepare_cached("INSERT OR REPLACE INTO search (rowid, tokens) VALUES (?1, ?2)")?;
    let mut done = connection.prepare_cached("DELETE FROM unsearchable WHERE row = ?1")?;
    for Searched { of, tokens } in rows {
        let key = of.tracking.as_uuid().into_bytes();
        let organization = organization_numbers::number_of(connection, of.organization)?;
        let stands = stands
            .query_row(params![key, organization, signed(of.revision)], |row| {
                row.get::<_, i64>(0)
            })
            .optional()?;
        if let Some(place) = stands {
            write.execute(params![place, tokens])?;
            done.execute([place])?;
        }
    }
    Ok(())
}

/// Forgets the words of the tracking that stands in this row, which another may take.
pub fn delete(connection: &Connection, row: i64) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM search WHERE rowid = ?1",
        "DELETE FROM unsearchable WHERE row = ?1",
    ] {
        connection.prepare_cached(statement)?.execute([row])?;
    }
    Ok(())
}

/// The trackings found by a keyword, those made last first.
pub struct Hits<'a> {
    connection: &'a Connection,
    query: Query<'a>,
    tokens: String,
    /// Found by their name, the newest last.
    named: Vec<Entry>,
    read: VecDeque<Entry>,
    below: i64,
    chunk: usize,
    is_at_end: bool,
}

impl<'a> Hits<'a> {
    /// Those below a key.
    pub fn new(
        connection: &'a Connection,
        query: Query<'a>,
        keyword: &Keyword,
        before: Option<&Bytes>,
    ) -> rusqlite::Result<Self> {
        let organization = query.organization;
        let below = match before {
            Some(key) => first_row_not_below(connection, key)?,
            None => i64::MAX,
        };
        let mut named = named(connection, organization, keyword)?;
        named.retain(|(_, row)| *row < below);
        Ok(Self {
            connection,
            query,
            tokens: tokens::query(organization.as_id(), &keyword.words),
            named,
            read: VecDeque::new(),
            below,
            chunk: FIRST_CHUNK,
            is_at_end: keyword.words.is_empty(),
        })
    }

    /// The next.
    pub fn next(&mut self) -> rusqlite::Result<Option<Entry>> {
        while self.read.is_empty() && !self.is_at_end {
            self.read_on()?;
        }
        let named = self.named.last().copied();
        let read = self.read.front().copied();
        let next = named.into_iter().chain(read).max_by_key(|(_, row)| *row);
        if named == next {
            self.named.pop();
        }
        if read == next {
            self.read.pop_front();
        }
        Ok(next)
    }

    fn read_on(&mut self) -> rusqlite::Result<()> {
        let rows: Vec<i64> = self
            .connection
            .prepare_cached(
                "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3",
            )?
            .query_map(
                params![self.tokens, self.below, signed(self.chunk as u64)],
                |row| row.get(0),
            )?
            .collect::<rusqlite::Result<_>>()?;
        self.is_at_end = rows.len() < self.chunk;
        self.below = rows.last().copied().unwrap_or(self.below);
        self.chunk = (self.chunk * 2).min(LARGEST_CHUNK);
        // Whose a hit is, is looked at besides: two organizations may share a key of tokens. Each stands on a page of
        // its own, so who is known need not be read.
        let mut key = self
            .connection
            .prepare_cached("SELECT key FROM trackings WHERE row = ?1 AND organization = ?2")?;
        let organization = self.query.organization.number;
        for row in rows {
            let found = match (self.query.known)(row) {
                Some(key) => Some(key),
                None => key
                    .query_row([row, organization], |row| row.get(0))
                    .optional()?,
            };
            self.read.extend(found.map(|key| (key, row)));
        }
        Ok(())
    }
}

/// How many are found by a keyword from the first with at least this key on, at most `limit`.
pub fn count(
    connection: &Connection,
    organization: &Organization,
    keyword: &Keyword,
    from: &Bytes,
    limit: u64,
) -> rusqlite::Result<u64> {
    let mut unindexed = 0;
    for (key, row) in named(connection, organization, keyword)? {
        let counts = key >= *from && !has_words(connection, organization, keyword, row)?;
        unindexed += u64::from(counts);
    }
    if keyword.words.is_empty() {
        return Ok(unindexed);
    }
    let hits: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 AND rowid >= ?2 LIMIT ?3)",
        )?
        .query_row(
            params![
                tokens::query(organization.as_id(), &keyword.words),
                first_row_not_below(connection, from)?,
                signed(limit)
            ],
            |row| row.get(0),
        )?;
    Ok((hits as u64 + unindexed).min(limit))
}

/// Those of these trackings that a keyword finds.
pub fn found(
    connection: &Connection,
    organization: &Organization,
    keyword: &Keyword,
    keys: &[Bytes],
) -> rusqlite::Result<Vec<Bytes>> {
    let named = named(connection, organization, keyword)?;
    let mut found = Vec::new();
    for key in keys {
        let tracking = TrackingKey::from_uuid(uuid::Uuid::from_bytes(*key));
        let row = trackings::row_of(connection, organization, tracking)?;
        if let Some(row) = row
            && (named.contains(&(*key, row)) || has_words(connection, organization, keyword, row)?)
        {
            found.push(*key);
        }
    }
    Ok(found)
}

/// The trackings that a keyword names, those made last at the end.
fn named(
    connection: &Connection,
    organization: &Organization,
    keyword: &Keyword,
) -> rusqlite::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    if let Some(number) = &keyword.number {
        for key in candidates::named(connection, organization, number)? {
            let tracking = TrackingKey::from_uuid(uuid::Uuid::from_bytes(key));
            let row = trackings::row_of(connection, organization, tracking)?;
            entries.extend(row.map(|row| (key, row)));
        }
    }
    entries.sort_unstable_by_key(|(_, row)| *row);
    entries.dedup();
    Ok(entries)
}

fn has_words(
    connection: &Connection,
    organization: &Organization,
    keyword: &Keyword,
    row: i64,
) -> rusqlite::Result<bool> {
    if keyword.words.is_empty() {
        return Ok(false);
    }
    connection
        .prepare_cached("SELECT 1 FROM search WHERE search MATCH ?1 AND rowid = ?2")?
        .exists(params![
            tokens::query(organization.as_id(), &keyword.words),
            row
        ])
}

/// Rows are given in the order of keys, but for sets that were under way at once.
fn first_row_not_below(connection: &Connection, key: &Bytes) -> rusqlite::Result<i64> {
    let row = connection
        .prepare_cached("SELECT row FROM trackings WHERE key >= ?1 ORDER BY key LIMIT 1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(row.unwrap_or(i64::MAX))
}
