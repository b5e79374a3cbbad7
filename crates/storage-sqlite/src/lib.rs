//! The embedded storage engine: SQLite in one file, many writes in one commit.
//!
//! **For:** every statement of [`waybill_storage::Storage`] in SQLite's SQL, and the three kinds of
//! thread around it. One committer writes (`committer`): it gathers what waits into one transaction
//! and answers after the commit, so a 2xx means that the disk has it. One checkpointer copies the
//! log into the database (`checkpoints`). Reads run where they are asked for (`readers`).
//!
//! **Must not know:** any rule of the business, HTTP, the shape of documents, the clock. Nothing is
//! remembered between transactions that another process could make untrue unseen: the command line writes
//! while a server runs (`accounted`, `known_webhooks`).
//!
//! **To add a table:** a step in `migrations/` (never change one that was released), a module of the
//! table's name with its statements (every WHERE names the organization), its arms in `write_set`,
//! its reads in `storage`. Every index whose inserts scatter costs a page a row: see the first
//! migration for how little is indexed, and why, and the ninth for how what organizations lead is
//! written in bulk. The conformance suite says whether it is right.

mod accounted;
mod api_keys;
mod backup;
mod candidates;
mod checkpoints;
mod claims;
mod commit_count;
mod committer;
mod connection;
mod deliveries;
mod engine;
mod events;
mod filter;
mod jobs;
mod known_resources;
mod known_views;
mod known_webhooks;
mod learned;
mod lists;
mod migrations;
mod names;
mod nodes;
mod numbers;
mod once;
mod organization_numbers;
mod organizations;
pub mod packed;
#[cfg(test)]
mod plans;
mod polls;
mod presence;
mod readers;
mod resources;
mod ring;
mod schedules;
mod search;
mod storage;
mod sweep;
pub mod tokens;
mod trackings;
mod transaction;
mod unclassified;
mod values;
mod walk;
mod webhooks;
mod write_set;

pub use engine::SqliteStorage;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It was written by a newer program, whose schema this one does not know.
    #[error(
        "the database is at schema version {found}, this program knows up to {known}: use a newer program"
    )]
    Newer {
        /// Of the database.
        found: usize,
        /// Of this program.
        known: usize,
    },
    /// It has tables, but none of ours.
    #[error("the file is a database of another program")]
    Foreign,
    /// SQLite refused.
    #[error("the database could not be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A thread or a folder could not be had.
    #[error("the database could not be opened: {0}")]
    System(#[from] std::io::Error),
}
