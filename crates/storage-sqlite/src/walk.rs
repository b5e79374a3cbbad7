//! Walks trackings newest first along a list.
//!
//! Each value asked for (a tag, a courier, an order) has its own run of the list, already in order;
//! the runs are merged as far as the reader goes, and no further. The views that are read have the young
//! entries, too, which stand elsewhere.

use std::collections::VecDeque;

use rusqlite::{Connection, params};

use crate::{
    organization_numbers::Organization,
    values::{Bytes, signed},
};

/// Entries read at once from one run, at first and at most. Twice as many each time: a page of a
/// rare tag reads a few, a count of thousands takes few statements.
const FIRST_CHUNK: usize = 16;
const LARGEST_CHUNK: usize = 1_024;

/// A list, in order of the key for each of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// By tag.
    Tag,
    /// By courier of the first leg.
    Slug,
    /// By order.
    Order,
}

impl List {
    fn count(self) -> &'static str {
        match self {
            Self::Tag => {
                "SELECT count(*) FROM (SELECT 1 FROM trackings_by_tag
                 WHERE organization = ?1 AND tag = ?2 AND key < ?3 AND key >= ?4 LIMIT ?5)"
            }
            Self::Slug => {
                "SELECT count(*) FROM (SELECT 1 FROM trackings_by_slug
                 WHERE organization = ?1 AND slug = ?2 AND key < ?3 AND key >= ?4 LIMIT ?5)"
            }
            Self::Order => {
                "SELECT count(*) FROM (SELECT 1 FROM trackings_by_order
                 WHERE organization = ?1 AND order_id = ?2 AND key < ?3 AND key >= ?4 LIMIT ?5)"
            }
        }
    }

    fn statement(self) -> &'static str {
        match self {
            Self::Tag => {
                "SELECT key, row FROM trackings_by_tag
                 WHERE organization = ?1 AND tag = ?2 AND key < ?3 AND key >= ?4 ORDER BY key DESC LIMIT ?5"
            }
            Self::Slug => {
                "SELECT key, row FROM trackings_by_slug
                 WHERE organization = ?1 AND slug = ?2 AND key < ?3 AND key >= ?4 ORDER BY key DESC LIMIT ?5"
            }
            Self::Order => {
                "SELECT key, row FROM trackings_by_order
                 WHERE organization = ?1 AND order_id = ?2 AND key < ?3 AND key >= ?4 ORDER BY key DESC LIMIT ?5"
            }
        }
    }
}

const EXISTS_BELOW: &str = "SELECT 1 FROM trackings_by_tag
    WHERE organization = ?1 AND tag = ?2 AND key < ?3 LIMIT 1";

/// For the test of plans.
#[cfg(test)]
pub fn statements() -> Vec<&'static str> {
    let lists = [List::Tag, List::Slug, List::Order];
    let of_lists = lists
        .iter()
        .flat_map(|list| [list.count(), list.statement()]);
    of_lists.chain([EXISTS_BELOW]).collect()
}

/// Whether an organization has a tracking with this tag below a key.
pub fn exists_below(
    connection: &Connection,
    organization: &Organization,
    tag: &str,
    below: &Bytes,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(EXISTS_BELOW)?
        .exists(params![organization.number, tag, below])
}

/// A tracking's key and its row.
pub type Entry = (Bytes, i64);

/// From which key (inclusive) to which (exclusive) is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The walk begins below it.
    pub below: Bytes,
    /// The walk ends at it.
    pub from: Bytes,
}

/// A walk under way.
pub struct Walk<'a> {
    connection: &'a Connection,
    organization: &'a Organization,
    list: List,
    runs: Vec<Run>,
}

/// The entries of one value.
struct Run {
    value: String,
    read: VecDeque<Entry>,
    below: Bytes,
    from: Bytes,
    chunk: usize,
    is_at_end: bool,
}

impl<'a> Walk<'a> {
    /// A walk over the trackings with any of these values.
    pub fn new(
        connection: &'a Connection,
        organization: &'a Organization,
        list: List,
        mut values: Vec<String>,
        bounds: Bounds,
    ) -> Self {
        values.sort_unstable();
        values.dedup();
        let run = |value| Run {
            value,
            read: VecDeque::new(),
            below: bounds.below,
            from: bounds.from,
            chunk: FIRST_CHUNK,
            is_at_end: false,
        };
        Self {
            connection,
            organization,
            list,
            runs: values.into_iter().map(run).collect(),
        }
    }

    /// The next newest entry.
    pub fn next(&mut self) -> rusqlite::Result<Option<Entry>> {
        for position in 0..self.runs.len() {
            if self.runs[position].read.is_empty() && !self.runs[position].is_at_end {
                self.read_on(position)?;
            }
        }
        let newest = self
            .runs
            .iter_mut()
            .max_by_key(|run| run.read.front().map(|(key, _)| *key));
        Ok(newest.and_then(|run| run.read.pop_front()))
    }

    /// Counts the entries between two keys, at most `limit`, and passes them over: they do not come
    /// next any more. Only before the first came.
    pub fn count_between(&mut self, span: Bounds, limit: u64) -> rusqlite::Result<u64> {
        let mut count = 0;
        let mut newer = Vec::new();
        for run in &mut self.runs {
            let (from, below) = (span.from.max(run.from), span.below.min(run.below));
            if from >= below {
                continue;
            }
            if count < limit {
                let counted: i64 = self
                    .connection
                    .prepare_cached(self.list.count())?
                    .query_row(
                        params![
                            self.organization.number,
                            run.value,
                            below,
                            from,
                            signed(limit - count)
                        ],
                        |row| row.get(0),
                    )?;
                count += counted as u64;
            }
            // What is above them is walked as a run of its own.
            if below < run.below {
                newer.push(Run {
                    value: run.value.clone(),
                    read: VecDeque::new(),
                    below: run.below,
                    from: below,
                    chunk: FIRST_CHUNK,
                    is_at_end: false,
                });
            }
            run.below = from;
        }
        self.runs.extend(newer);
        Ok(count)
    }

    fn read_on(&mut self, position: usize) -> rusqlite::Result<()> {
        let run = &mut self.runs[position];
        let mut statement = self.connection.prepare_cached(self.list.statement())?;
        let bounds = params![
            self.organization.number,
            run.value,
            run.below,
            run.from,
            signed(run.chunk as u64)
        ];
        let entries = statement.query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?;
        run.read = entries.collect::<rusqlite::Result<_>>()?;
        run.is_at_end = run.read.len() < run.chunk;
        run.below = run.read.back().map_or(run.below, |(key, _)| *key);
        run.chunk = (run.chunk * 2).min(LARGEST_CHUNK);
        Ok(())
    }
}
