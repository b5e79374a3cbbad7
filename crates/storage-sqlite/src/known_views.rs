//! Trackings that were answered lately, as they are stored.
//!
//! Half of the work of a GET is to find a tracking's pages. What was found is kept until the tracking changes:
//! its *generation* grows with each commit of this process that writes it, and what was read before holds no longer.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use waybill_model::{ClockFacts, OrganizationId, TrackingKey};
use waybill_storage::{Delete, Put, Result, WriteSet};

use crate::{
    accounted::{Accounted, Count, Moment},
    candidates::Found,
    packed::StoredText,
    ring::Ring,
    trackings::StoredView,
    values::Bytes,
};

/// What documents that are kept may take, as they are stored: some eighty thousand of ten checkpoints.
const KEPT_BYTES: usize = 120 * 1024 * 1024;
/// How many they may be; what is kept beside a document takes some 200 bytes.
const KEPT_TRACKINGS: usize = 100_000;
/// Longer ones are read each time, so that a few cannot crowd out all others.
const LONGEST_BYTES: usize = 32 * 1024;
/// Trackings share generations by the end of their key, which is drawn by chance. Who shares one with a tracking
/// that changed is read once more.
const GENERATIONS: usize = 1 << 16;

/// The trackings that were answered lately.
pub struct KnownViews {
    accounted: Arc<Accounted>,
    kept: Ring<Kept>,
    /// Where those stand that lists found, by their rows: a tracking has its row for as long as it is there.
    rows: Mutex<HashMap<i64, TrackingKey>>,
    generations: Box<[AtomicU32]>,
    /// What the transaction under way writes.
    changing: Mutex<Vec<TrackingKey>>,
}

/// What is kept beside a document.
struct Kept {
    organization: OrganizationId,
    since: Moment,
    clock: ClockFacts,
    tracked_count: u64,
    is_packed: bool,
}

impl KnownViews {
    /// None yet.
    pub fn new(accounted: Arc<Accounted>) -> Self {
        Self {
            accounted,
            kept: Ring::new(KEPT_BYTES, KEPT_TRACKINGS),
            rows: Mutex::default(),
            generations: (0..GENERATIONS).map(|_| AtomicU32::new(0)).collect(),
            changing: Mutex::default(),
        }
    }

    /// What a GET answers from, read if it is not known.
    pub fn find(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        read: impl FnOnce() -> Result<Option<StoredView>>,
    ) -> Result<Option<StoredView>> {
        // In this order: what holds at a moment after the count was found to be known, holds as of the count.
        if self.accounted.now().is_some()
            && let Some(view) = self.kept(organization, key, self.moment(key))
        {
            return Ok(Some(view));
        }
        let since = self.moment(key);
        let view = read()?;
        if let Some(view) = &view {
            self.keep(organization, key, since, view);
        }
        Ok(view)
    }

    /// What a list answers from, found within a snapshot of the database: as the snapshot has them, without those
    /// that are not there. `before` was taken before it began.
    pub fn find_all(
        &self,
        organization: OrganizationId,
        before: Option<Count>,
        found: &[Found],
        read: impl Fn(&Found) -> rusqlite::Result<Option<StoredView>>,
    ) -> rusqlite::Result<Vec<(TrackingKey, StoredView)>> {
        // While there is no commit after `before`, the snapshot is what the database has.
        let is_current = || before.is_some() && self.accounted.now() == before;
        let looks = is_current();
        let mut looked = Vec::with_capacity(found.len());
        for one in found {
            let key = TrackingKey::from_uuid(uuid::Uuid::from_bytes(one.0));
            let since = self.moment(key);
            let kept = looks.then(|| self.kept(organization, key, since)).flatten();
            let is_read = kept.is_none();
            let view = kept.map_or_else(|| read(one), |kept| Ok(Some(kept)))?;
            looked.push((key, since, view, is_read));
        }
        let stands = is_current();
        let mut views = Vec::with_capacity(found.len());
        for ((key, since, view, is_read), one) in looked.into_iter().zip(found) {
            let view = if stands || is_read { view } else { read(one)? };
            let Some(view) = view else {
                continue;
            };
            if stands && is_read {
                self.keep(organization, key, since, &view);
                one.1.into_iter().for_each(|row| self.note(row, key));
            }
            views.push((key, view));
        }
        Ok(views)
    }

    /// What `look` finds within a snapshot of the database, with what is known of which tracking of the organization
    /// stands in a row; without it where that does not hold. `before` was taken before the snapshot began.
    pub fn with_known<T>(
        &self,
        organization: OrganizationId,
        before: Option<Count>,
        look: impl Fn(&dyn Fn(i64) -> Option<Bytes>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let is_used = Cell::new(false);
        let known = |row| {
            let key = before.and_then(|_| self.key_at(organization, row))?;
            is_used.set(true);
            Some(key.as_uuid().into_bytes())
        };
        let found = look(&known)?;
        if is_used.get() && self.accounted.now() != before {
            return look(&|_| None);
        }
        Ok(found)
    }

    /// The key of the organization's tracking in this row, if the tracking is kept, and so is there.
    fn key_at(&self, organization: OrganizationId, row: i64) -> Option<TrackingKey> {
        let key = *self.rows().get(&row)?;
        let since = self.moment(key);
        let holds =
            |kept: &Kept, _: &[u8]| kept.since == since && kept.organization == organization;
        self.kept.look(key, holds)?.then_some(key)
    }

    /// Rows are as many as trackings that are kept; one more, and all are learned anew.
    fn note(&self, row: i64, key: TrackingKey) {
        let mut rows = self.rows();
        if rows.len() >= KEPT_TRACKINGS {
            rows.clear();
        }
        rows.insert(row, key);
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<i64, TrackingKey>> {
        // Whole at every moment, also when a thread broke.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of a tracking of this organization as of this moment.
    fn kept(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        since: Moment,
    ) -> Option<StoredView> {
        let look = |kept: &Kept, document: &[u8]| {
            let holds = kept.since == since && kept.organization == organization;
            holds.then(|| StoredView {
                document: StoredText::new(document, kept.is_packed),
                clock: kept.clock.clone(),
                tracked_count: kept.tracked_count,
            })
        };
        self.kept.look(key, look).flatten()
    }

    fn keep(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        since: Moment,
        view: &StoredView,
    ) {
        let document = view.document.bytes();
        if document.len() <= LONGEST_BYTES {
            let kept = Kept {
                organization,
                since,
                clock: view.clock.clone(),
                tracked_count: view.tracked_count,
                is_packed: view.document.is_packed(),
            };
            self.kept.put(key, kept, document);
        }
    }

    /// This set is written in the transaction under way. What is made in it was not there to be kept.
    pub fn change(&self, set: &WriteSet) {
        let made = set.put.iter().find_map(|put| match put {
            Put::Tracking(row) if row.revision == 0 => Some(row.key),
            _ => None,
        });
        let put = set.put.iter().filter_map(|put| match put {
            Put::Tracking(row) => Some(row.key),
            Put::Poll(row) => Some(row.tracking),
            _ => None,
        });
        let deleted = set.delete.iter().filter_map(|delete| match delete {
            Delete::Tracking { key, .. } => Some(*key),
            Delete::Poll { tracking, .. } => Some(*tracking),
            _ => None,
        });
        let changed = put.chain(deleted).filter(|key| Some(*key) != made);
        self.changing().extend(changed);
    }

    /// It has ended, either way.
    pub fn end(&self) {
        for key in self.changing().drain(..) {
            self.generation(key).fetch_add(1, Ordering::Release);
        }
    }

    fn moment(&self, key: TrackingKey) -> Moment {
        self.accounted.moment(self.generation(key))
    }

    fn generation(&self, key: TrackingKey) -> &AtomicU32 {
        let [.., high, low] = key.as_uuid().into_bytes();
        &self.generations[usize::from(u16::from_be_bytes([high, low]))]
    }

    fn changing(&self) -> MutexGuard<'_, Vec<TrackingKey>> {
        // Whole at every moment, also when a thread broke.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
