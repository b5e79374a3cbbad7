//! Rows of many sets, written by one statement.
//!
//! Their values go to the server as arrays, a column each, and become rows again by `unnest`. `$1` of
//! such a statement are the shards of the rows, so that a database that is spread over servers knows
//! which of them it concerns; `$2` and `$3` are the shard and the organization of each row. Where no
//! table is read that has the rows' shards, they are joined to those of `shards` ([`on_one_server`]).

use std::borrow::Cow;

use tokio_postgres::Row;
use uuid::Uuid;
use waybill_storage::Conflict;

use crate::{
    failure::Result,
    values::{Columns, Home},
};

/// Rows of one statement at most: more gain nothing, and every row of it waits for the last.
const STATEMENT_ROWS: usize = 1_000;

/// A row, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Of<T> {
    /// The place of its set among the sets of the transaction.
    pub set: usize,
    /// Where it is.
    pub home: Home,
    /// The row.
    pub row: T,
}

/// A set that cannot be written as things are.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The place of the set among the sets of the transaction.
    pub set: usize,
    /// The expectation that did not hold.
    pub conflict: Conflict,
}

/// The rows of each statement. On a distributed database it has those of one shard, so that it
/// concerns one server; they must be in the order of their homes.
pub fn parts<T>(rows: &[Of<T>], is_distributed: bool) -> impl Iterator<Item = &[Of<T>]> {
    rows.chunk_by(move |one, next| !is_distributed || one.home.shard == next.home.shard)
        .flat_map(|part| part.chunks(STATEMENT_ROWS))
}

/// How rows are joined to their shards.
const JOINED: &str = "JOIN shards ON shards.shard = given.shard";

/// A statement for a server that hands nothing on: it takes the shards as they are given, where it
/// would look one up for each row.
pub fn on_one_server(sql: &str) -> Cow<'_, str> {
    if sql.contains(JOINED) {
        sql.replace(JOINED, "")
            .replace("shards.shard = ANY ($1)", "$1::smallint[] IS NOT NULL")
            .replace("shards.shard", "given.shard")
            .into()
    } else {
        sql.into()
    }
}

/// The first three values of a statement of many rows.
pub struct Homes {
    /// Every shard once.
    pub shards: Vec<i16>,
    /// The shard of each row.
    pub of_rows: Vec<i16>,
    /// The organization of each row.
    pub organizations: Vec<Uuid>,
}

impl Homes {
    /// Of these rows.
    pub fn of<T>(rows: &[Of<T>]) -> Self {
        let of_rows = column(rows, |of| of.home.shard);
        let mut shards = of_rows.clone();
        shards.sort_unstable();
        shards.dedup();
        Self {
            shards,
            of_rows,
            organizations: column(rows, |of| of.home.organization),
        }
    }
}

/// One value of each row.
pub fn column<'r, T, V>(rows: &'r [Of<T>], value: impl FnMut(&'r Of<T>) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}

/// The places that a statement answered, its first column.
pub fn places(rows: &[Row]) -> Result<Vec<i64>> {
    rows.iter().map(|row| row.value(0)).collect()
}

/// Refusals of all these rows: where fewer were written than there are, each is tried alone, which
/// tells them apart.
pub fn all<T>(rows: &[Of<T>], conflict: &Conflict) -> Vec<Refusal> {
    column(rows, |of| of.refused(conflict))
}

/// Refusals of the rows whose places, from 1 on, a statement did not answer.
pub fn missing<T>(rows: &[Of<T>], places: &[i64], conflict: &Conflict) -> Vec<Refusal> {
    let mut is_written = vec![false; rows.len()];
    for place in places {
        let place = usize::try_from(place - 1).ok();
        if let Some(is_written) = place.and_then(|place| is_written.get_mut(place)) {
            *is_written = true;
        }
    }
    let missing = rows.iter().zip(is_written).filter(|(_, written)| !written);
    missing.map(|(of, _)| of.refused(conflict)).collect()
}

impl<T> Of<T> {
    /// Another row of the same set.
    pub fn with<U>(&self, row: U) -> Of<U> {
        Of {
            set: self.set,
            home: self.home,
            row,
        }
    }

    /// Refuses the set that the row is of.
    pub fn refused(&self, conflict: &Conflict) -> Refusal {
        Refusal {
            set: self.set,
            conflict: conflict.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(shards: &[i16]) -> Vec<Of<()>> {
        let row = |(set, shard): (usize, &i16)| Of {
            set,
            home: Home {
                shard: *shard,
                organization: Uuid::nil(),
            },
            row: (),
        };
        shards.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_statement_has_one_shard_where_the_database_is_distributed() {
        let rows = rows(&[1, 1, 2, 5, 5, 5]);
        let sizes = |is_distributed| -> Vec<usize> {
            parts(&rows, is_distributed).map(<[_]>::len).collect()
        };
        assert_eq!(sizes(false), [6]);
        assert_eq!(sizes(true), [2, 1, 3]);
        assert_eq!(Homes::of(&rows).shards, [1, 2, 5]);
    }

    #[test]
    fn one_server_looks_up_no_shard() {
        let sql = "INSERT INTO names (shard) SELECT shards.shard FROM unnest($2::smallint[]) AS given (shard)
            JOIN shards ON shards.shard = given.shard WHERE shards.shard = ANY ($1)";
        assert_eq!(
            on_one_server(sql)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            "INSERT INTO names (shard) SELECT given.shard FROM unnest($2::smallint[]) AS given (shard) \
             WHERE $1::smallint[] IS NOT NULL"
        );
        let sql = "SELECT FROM shards CROSS JOIN LATERAL (SELECT FROM jobs WHERE jobs.shard = shards.shard)";
        assert_eq!(on_one_server(sql), sql);
    }

    #[test]
    fn what_was_not_answered_is_refused() {
        let rows = rows(&[1; 4]);
        let refused = missing(&rows, &[3, 1], &Conflict::Changed);
        let sets: Vec<usize> = refused.iter().map(|refusal| refusal.set).collect();
        assert_eq!(sets, [1, 3]);
    }
}
