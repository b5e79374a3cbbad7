//! How many commits the database has had, by whichever process, for the price of one small read.
//!
//! SQLite keeps the number in the first page of the file beside its log, the index that all processes share:
//! a header of 48 bytes, twice; the second is written before the first, so that they differ while it changes
//! (<https://www.sqlite.org/walformat.html#the_wal_index_header>). It only tells; nothing is decided by it
//! alone that SQLite would decide otherwise.

use std::{fs::File, os::unix::fs::FileExt, path::Path};

/// The format that is read here; of another nothing is known.
const FORMAT: u32 = 3_007_000;
const HEADER_BYTES: usize = 48;
/// Where the number stands.
const COUNT: std::ops::Range<usize> = 8..12;

/// The file that tells.
///
/// Closing it lets go of the locks that SQLite has on it for this process, as systems have it: it is to be
/// dropped after all connections.
#[derive(Debug)]
pub struct CommitCount(Option<File>);

impl CommitCount {
    /// Of a database that is open.
    pub fn of(database: &Path) -> Self {
        let file = std::fs::canonicalize(database).and_then(|path| {
            let mut beside = path.into_os_string();
            beside.push("-shm");
            File::open(beside)
        });
        if let Err(error) = &file {
            tracing::warn!(%error, "nothing is remembered of the database: the index of its log cannot be read");
        }
        Self(file.ok())
    }

    /// The number; `None` where it cannot be told, or changes at this moment.
    pub fn now(&self) -> Option<u32> {
        let mut headers = [0; 2 * HEADER_BYTES];
        let read = self.0.as_ref()?.read_exact_at(&mut headers, 0);
        let (first, second) = headers.split_at(HEADER_BYTES);
        let number = |place: std::ops::Range<usize>| {
            let bytes = first[place].try_into();
            bytes.ok().map(u32::from_ne_bytes)
        };
        if read.is_err() || first != second || number(0..4)? != FORMAT {
            return None;
        }
        number(COUNT)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::connection::{Durability, open_writer};

    fn note(connection: &Connection) {
        connection
            .execute("INSERT INTO notes (text) VALUES ('a note')", [])
            .unwrap();
    }

    #[test]
    fn it_is_of_commits_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let open = || open_writer(&path, Durability::None).unwrap();
        let (ours, theirs) = (open(), open());
        ours.execute_batch("CREATE TABLE notes (text TEXT)")
            .unwrap();
        let commits = CommitCount::of(&path);
        let count = || commits.now().unwrap();
        let before = count();
        note(&theirs);
        note(&ours);
        assert_eq!(count(), before + 2);
        theirs
            .execute_batch("BEGIN; INSERT INTO notes VALUES ('x'); ROLLBACK")
            .unwrap();
        theirs
            .query_row("SELECT count(*) FROM notes", [], |_| Ok(()))
            .unwrap();
        for kind in ["PASSIVE", "FULL", "RESTART", "TRUNCATE"] {
            let checkpoint = format!("PRAGMA wal_checkpoint({kind})");
            theirs.query_row(&checkpoint, [], |_| Ok(())).unwrap();
        }
        assert_eq!(count(), before + 2);
        note(&theirs);
        assert_eq!(count(), before + 3);
    }

    #[test]
    fn of_what_is_not_there_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(CommitCount::of(&folder.path().join("none.db")).now(), None);
        let path = folder.path().join("other.db");
        std::fs::write(&path, "").unwrap();
        std::fs::write(folder.path().join("other.db-shm"), [7; 4_096]).unwrap();
        assert_eq!(CommitCount::of(&path).now(), None);
    }
}
