//! Whether another process serves the same file.
//!
//! Each that serves holds a lock on a file beside the database, which ends with the process. Who comes
//! when nobody holds it knows that all nodes of before are dead, and need not wait until their time is
//! over. (The database's own file is not used: closing it would let go of SQLite's locks.)

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The lock, once it was tried for.
pub struct Presence {
    path: PathBuf,
    held: Mutex<Option<File>>,
}

impl Presence {
    /// Of the database in this file; no lock is taken yet.
    pub fn of(database: &Path) -> Self {
        Self {
            path: PathBuf::from(format!("{}.nodes", database.display())),
            held: Mutex::default(),
        }
    }

    /// Is here from now on; true if this is its first call and nobody else was here. Where a lock
    /// cannot be had, nothing is known.
    pub fn come(&self) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return false;
        }
        let options = File::options().create(true).append(true).open(&self.path);
        let Ok(file) = options else {
            return false;
        };
        let alone = file.try_lock().is_ok();
        // Others come while this one is here.
        let shared = alone.then(|| file.unlock()).is_none_or(|done| done.is_ok())
            && file.try_lock_shared().is_ok();
        *held = Some(file);
        alone && shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_is_alone_and_the_next_after_all_have_gone() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("test.db");
        let first = Presence::of(&database);
        assert!(first.come());
        assert!(!first.come(), "it is told once");
        let second = Presence::of(&database);
        assert!(!second.come());
        drop(first);
        assert!(!Presence::of(&database).come());
        drop(second);
        assert!(Presence::of(&database).come());
    }
}
