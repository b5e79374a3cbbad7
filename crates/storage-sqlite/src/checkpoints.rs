//! Copies the write-ahead log into the database, beside the committer.
//!
//! A passive checkpoint disturbs nobody, but while writes go on the log never quite ends, so it
//! would grow for ever. So the bulk is copied here, and when only a little is left the committer is
//! asked to copy that between two transactions and begin the log anew.

use std::{
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    committer::Queue,
    connection::{Durability, be_patient, open_writer},
};

/// Length of the log before it is copied while writes go on. A page written ten times in between is
/// copied once, and the disk writes four of ours for one that stands alone. It is not longer, as reads
/// look through the index of all that is not copied yet: with twice this it was a tenth of the cost of
/// an ingest.
const LOG_BYTES: i64 = 256 * 1024 * 1024;
/// What the committer may copy itself: some 50 ms.
const REST_BYTES: i64 = 8 * 1024 * 1024;
/// Passive rounds before the rest: each leaves only what was written during the one before.
const ROUNDS: usize = 4;
/// How often the log is looked at; when it did not grow in between it is copied whatever its size.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The committer waits this long at most for readers of the old log: they take some microseconds,
/// and a backup that takes minutes is not waited for.
const PATIENCE: Duration = Duration::from_millis(20);

/// The thread; stops when dropped.
pub struct Checkpointer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread for a database.
    pub fn start(
        path: &Path,
        durability: Durability,
        committer: Queue,
    ) -> Result<Self, crate::OpenError> {
        let connection = open_writer(path, durability)?;
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpointer".to_owned())
            .spawn(move || serve(&connection, &stopped, &committer))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Copies the little that is left and begins the log anew; on the committer's connection.
pub fn restart_log(connection: &Connection) {
    let restarted = connection
        .busy_timeout(PATIENCE)
        .and_then(|()| checkpoint(connection, "RESTART"));
    if let Err(error) = restarted.and_then(|_| be_patient(connection)) {
        tracing::warn!(%error, "the log could not be restarted");
    }
}

/// The state of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Log {
    pages: i64,
    copied: i64,
    page_bytes: i64,
}

impl Log {
    fn is_long(self) -> bool {
        self.pages * self.page_bytes >= LOG_BYTES
    }

    fn rest(self) -> i64 {
        self.pages - self.copied
    }

    fn rest_is_little(self) -> bool {
        self.rest() * self.page_bytes <= REST_BYTES
    }
}

fn serve(connection: &Connection, stopped: &Receiver<()>, committer: &Queue) {
    let mut before = None;
    while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        match look(connection, before, committer) {
            Ok(log) => before = Some(log),
            Err(error) => tracing::warn!(%error, "the log could not be copied into the database"),
        }
    }
}

fn look(connection: &Connection, before: Option<Log>, committer: &Queue) -> rusqlite::Result<Log> {
    // Only asks for the numbers: other processes write to the log, too.
    let mut log = checkpoint(connection, "NOOP")?;
    let is_long = log.is_long();
    let is_idle = before == Some(log);
    if log.rest() == 0 || !(is_long || is_idle) {
        return Ok(log);
    }
    for _ in 0..ROUNDS {
        log = checkpoint(connection, "PASSIVE")?;
        if log.rest_is_little() {
            break;
        }
    }
    if is_long && log.rest_is_little() {
        committer.restart_log();
    }
    Ok(log)
}

fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<Log> {
    let page_bytes = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Log {
            pages: row.get(1)?,
            copied: row.get(2)?,
            page_bytes,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_begins_anew_once_it_was_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let writer = open_writer(&path, Durability::None).unwrap();
        let write = || {
            writer
                .execute("INSERT INTO notes (text) VALUES (zeroblob(100000))", [])
                .unwrap()
        };
        writer
            .execute_batch("CREATE TABLE notes (text BLOB)")
            .unwrap();
        write();
        let long = checkpoint(&writer, "NOOP").unwrap();
        assert!(long.pages > 20 && long.copied == 0, "{long:?}");

        // Looked at once it only grew; looked at again it is idle, and copied.
        let checkpointer = open_writer(&path, Durability::None).unwrap();
        let seen = look(&checkpointer, None, &Queue::default()).unwrap();
        assert_eq!(seen, long);
        let copied = look(&checkpointer, Some(seen), &Queue::default()).unwrap();
        assert_eq!(copied.rest(), 0);

        restart_log(&writer);
        writer
            .execute("INSERT INTO notes (text) VALUES ('short')", [])
            .unwrap();
        let short = checkpoint(&writer, "NOOP").unwrap();
        assert!(short.pages < 5, "{short:?}");
    }

    #[test]
    fn a_reader_of_the_old_log_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let writer = open_writer(&path, Durability::None).unwrap();
        writer
            .execute_batch("CREATE TABLE notes (text BLOB); INSERT INTO notes VALUES ('one')")
            .unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM notes").unwrap();
        let count = || {
            reader
                .query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        assert_eq!(count(), 1);
        writer
            .execute("INSERT INTO notes VALUES ('two')", [])
            .unwrap();
        restart_log(&writer);
        assert_eq!(count(), 1);
        writer
            .execute("INSERT INTO notes VALUES ('three')", [])
            .unwrap();
    }
}
