//! Of which commits it is known what they wrote, so that what is remembered is never answered when it is no longer
//! what the database has.
//!
//! The committer tells of its own commits, after them, and of those of other processes when it notices them. Between
//! a commit and that moment the count of commits that the database keeps is another than the one that is known here:
//! then nothing that is remembered may be answered.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
};

use crate::commit_count::CommitCount;

/// Stands for a count of commits that is not known; counts have 32 bits.
const UNKNOWN: u64 = u64::MAX;

/// The commits that are accounted for.
pub struct Accounted {
    commits: CommitCount,
    known_as_of: AtomicU64,
    epoch: AtomicU32,
}

/// How many commits there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(u32);

/// As of when something was read: taken before the read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    epoch: u32,
    generation: u32,
}

impl Accounted {
    /// None yet, of a database that is open.
    pub fn of(database: &Path) -> Self {
        Self {
            commits: CommitCount::of(database),
            known_as_of: AtomicU64::new(UNKNOWN),
            epoch: AtomicU32::new(0),
        }
    }

    /// The count of commits, if of all of them it is known what they wrote.
    pub fn now(&self) -> Option<Count> {
        let known = self.known_as_of.load(Ordering::Acquire);
        let now = self.commits.now()?;
        (u64::from(now) == known).then_some(Count(now))
    }

    /// Now, for what has this generation: it grows with each commit of this process that may change it.
    pub fn moment(&self, generation: &AtomicU32) -> Moment {
        Moment {
            epoch: self.epoch.load(Ordering::Acquire),
            generation: generation.load(Ordering::Acquire),
        }
    }

    /// A transaction has begun; nobody else writes until it ends.
    pub fn begin(&self, others_wrote: bool) {
        if others_wrote {
            self.forget();
            self.know(self.commits.now());
        }
    }

    /// It has ended, either way. `others_wrote` tells whether they did since it began, and is asked after the
    /// count was taken: so that of all commits up to the count it is known what they wrote. `changed` makes the
    /// generations grow.
    pub fn end(&self, others_wrote: impl FnOnce() -> bool, changed: impl FnOnce()) {
        let count = self.commits.now();
        if others_wrote() {
            self.forget();
        }
        changed();
        self.know(count);
    }

    /// Nothing of before holds.
    fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::Release);
    }

    fn know(&self, count: Option<u32>) {
        let count = count.map_or(UNKNOWN, u64::from);
        self.known_as_of.store(count, Ordering::Release);
    }
}
