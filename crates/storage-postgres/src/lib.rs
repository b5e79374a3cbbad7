//! The networked storage engine: PostgreSQL 15 or later, for any number of nodes.
//!
//! **For:** every statement of [`waybill_storage::Storage`] in PostgreSQL's SQL, and the connections
//! they run on. A few committers write (`committer`, `batch`): each gathers what waits into one
//! transaction, a statement for all rows of a kind (`rows`, `write_set`), and answers after the commit,
//! so a 2xx means that the disk has it. Reads share a few connections (`shared`); claims and sweeps
//! have some for themselves (`pool`). Every key begins with `shard`, a number made from the
//! organization (`values`), and every statement names it: the tables can be spread over servers by it.
//! Logs are filed by the week (`partitions`).
//!
//! **Must not know:** any rule of the business, HTTP, the shape of documents, the clock. Nothing that
//! another node can change is remembered between transactions, but where to look for jobs first.
//!
//! **To add a table:** a step in `migrations/` (never change one that was released; its keys begin
//! with `shard`), a module of the table's name with its statements in its list (`statements` sees to
//! it that they name the shard), its rows in `write_set`, its reads in `storage`. Rows that many
//! sets write are written in `endings`. A log that grows is filed by the week. The conformance suite
//! says whether it is right.

mod api_keys;
mod batch;
mod candidates;
mod claims;
mod committer;
mod deliveries;
mod endings;
mod engine;
mod events;
mod failure;
mod filter;
mod hints;
mod jobs;
mod learned;
mod lists;
mod migrations;
mod names;
mod nodes;
mod numbers;
mod once;
mod organizations;
mod partitions;
mod polls;
mod pool;
mod resources;
mod rows;
mod schedules;
mod search;
mod secrets;
mod session;
mod setup;
mod shared;
mod statements;
mod storage;
mod sweep;
mod tls;
mod trackings;
mod unclassified;
mod values;
mod webhooks;
mod write_set;

pub use engine::PostgresStorage;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be understood. It is not repeated: it may hold a password.
    #[error("the address of the database is not understood: {0}")]
    Address(String),
    /// Connections cannot be made as secure as the address asks for.
    #[error("TLS to the database cannot be set up: {0}")]
    Tls(String),
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
    #[error("the database has tables of another program")]
    Foreign,
    /// PostgreSQL refused, or cannot be reached.
    #[error("the database could not be opened: {0}")]
    Failed(String),
}

impl From<failure::Failure> for OpenError {
    fn from(failure: failure::Failure) -> Self {
        Self::Failed(failure.to_string())
    }
}
