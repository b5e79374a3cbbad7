//! How connections to the database are set up.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, config::DbConfig};

/// Another process (the command line while a server runs) may hold the write lock; it writes little.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Switching a new file to the log is refused without waiting while another process does the same.
const JOURNAL_TRIES: usize = 50;
/// Pause between those tries.
const JOURNAL_PAUSE: Duration = Duration::from_millis(20);
/// A page of a new file; an old file keeps its own. A row of a full index dirties a page of its own,
/// which is written to the log whole: with 4 KiB a create with five indexes writes three times as much
/// as with 1 KiB, and reads cost the same, as documents are packed and span few pages.
const PAGE_BYTES: i64 = 1_024;
/// The writer's page cache: twice what a full batch dirties. What does not fit comes from the
/// system's cache; what was once used here stays this process's memory, also when it idles.
const WRITER_CACHE_KIB: i64 = 8 * 1024;
/// A reader's page cache: the inner pages of the indexes. Leaves come from the system's cache, which
/// does not count as this process's memory. More is better spent on whole trackings ([`crate::known_views`]).
const READER_CACHE_KIB: i64 = 8 * 1024;
/// Different statements in use at once, with room: all of them stay prepared.
const PREPARED_STATEMENTS: usize = 128;
/// What the log may keep of its size once it was copied into the database: all that it has when it is
/// copied under load. A file that grows again is cleared by the system before it is written to.
const LOG_KEEPS_BYTES: i64 = 512 * 1024 * 1024;

/// Whether an answered write must outlive a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit waits for the disk.
    Full,
    /// No commit waits: a loss of power may take back the last ones. The next that waits makes them last, too.
    Late,
    /// For databases that are thrown away.
    None,
}

impl Durability {
    /// Sets it for the transactions to come.
    pub fn set(self, connection: &Connection) -> rusqlite::Result<()> {
        let synchronous = match self {
            Self::Full => "FULL",
            Self::Late => "NORMAL",
            Self::None => "OFF",
        };
        connection.pragma_update(None, "synchronous", synchronous)
    }
}

/// The connection of the committer, or of the checkpointer.
pub fn open_writer(path: &Path, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = open(path, WRITER_CACHE_KIB)?;
    use_log(&connection)?;
    durability.set(&connection)?;
    // A checkpoint inside a commit makes that commit wait a second: another thread does them.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", LOG_KEEPS_BYTES)?;
    Ok(connection)
}

/// A connection that only reads.
pub fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, READER_CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A connection for one long copy, which a reader's guard against writing would refuse.
pub fn open_copier(path: &Path) -> rusqlite::Result<Connection> {
    open(path, READER_CACHE_KIB)
}

/// How long the writer waits for others; checkpoints wait shorter.
pub fn be_patient(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)
}

fn open(path: &Path, cache_kib: i64) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    be_patient(&connection)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    // A plan that depends on a bound value would be made anew for every value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    Ok(connection)
}

/// Write-ahead log: readers never wait for the writer, nor it for them.
fn use_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if tries < JOURNAL_TRIES
                    && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) =>
            {
                std::thread::sleep(JOURNAL_PAUSE);
            }
            done => return done,
        }
    }
}
