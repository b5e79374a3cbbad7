//! Connections that read.
//!
//! A read runs where it is asked for: it is shorter than the way to another thread and back. The
//! connections are a stack, the last used on top with its cache warm; there are never more of them
//! than threads that read at once.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;
use waybill_storage::{Result, Unavailable};

use crate::connection::open_reader;

/// The readers of a database.
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Readers of the database in this file; none is opened yet.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// Runs a read that is one statement, or several that need not agree.
    pub fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let connection = match self.idle().pop() {
            Some(connection) => connection,
            None => open_reader(&self.path).map_err(unavailable)?,
        };
        let result = read(&connection).map_err(unavailable);
        if connection.is_autocommit() {
            self.idle().push(connection);
        }
        result
    }

    /// Runs a read whose statements all see the same moment.
    pub fn snapshot<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.read(|connection| snapshot(connection, read))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // A stack of connections is whole at every moment, also when a thread broke.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a read whose statements all see the same moment.
pub fn snapshot<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let result = read(connection);
    connection.prepare_cached("COMMIT")?.execute([])?;
    result
}

/// An error of SQLite, as the storage's callers see it.
#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
pub fn unavailable(error: rusqlite::Error) -> Unavailable {
    Unavailable(error.to_string())
}
