//! The transaction under way, and what its units need not each find out again.
//!
//! Once it has begun nobody else writes. So what one unit has read of a counter holds for the next, and a counter that
//! all of them raise is written once, when the last is through.

use std::ops::Deref;

use rusqlite::Connection;

use crate::{events, jobs, trackings};

/// A connection on which a transaction is under way. What is remembered here is of the units that stay in it: where one
/// is taken back, another is begun.
pub struct Transaction<'c> {
    connection: &'c Connection,
    /// The numbers of kinds of jobs.
    pub job_kinds: jobs::Kinds,
    /// The last job's key.
    pub job_keys: jobs::Keys,
    /// The last events of organizations.
    pub sequences: events::Sequences,
    /// What trackings came and went.
    pub tracking_counts: trackings::Counts,
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl<'c> Transaction<'c> {
    /// One of which nothing is known yet.
    pub fn on(connection: &'c Connection) -> Self {
        Self {
            connection,
            job_kinds: jobs::Kinds::default(),
            job_keys: jobs::Keys::default(),
            sequences: events::Sequences::default(),
            tracking_counts: trackings::Counts::default(),
        }
    }

    /// A number that grows with all that is written, or will be by [`settle`](Self::settle).
    pub fn changes(&self) -> u64 {
        self.connection.total_changes() + self.job_keys.taken() + self.tracking_counts.changes()
    }

    /// Writes what is owed: before the commit, or before another one is begun.
    pub fn settle(&self) -> rusqlite::Result<()> {
        self.job_keys.settle(self)?;
        self.tracking_counts.settle(self)
    }
}
