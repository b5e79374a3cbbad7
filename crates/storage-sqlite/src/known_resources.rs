//! Resources that were asked for lately: every create asks which couriers are activated.
//!
//! A reader that reads after a commit has lost its cache, which made this small question a tenth of a create.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use waybill_model::{OrganizationId, ResourceId};
use waybill_storage::{Delete, Put, ResourceKind, ResourceRow, Result, WriteSet};

use crate::accounted::{Accounted, Moment};

/// Resources remembered, those among them that are not there; one more, and all are read anew.
const REMEMBERED_RESOURCES: usize = 10_000;

/// What identifies a resource.
pub type Which = (OrganizationId, ResourceKind, ResourceId);

/// The resources that were asked for lately.
pub struct KnownResources {
    accounted: Arc<Accounted>,
    of: Mutex<HashMap<Which, (Moment, Option<ResourceRow>)>>,
    /// They are written seldom: with one of them all are read once more.
    generation: AtomicU32,
    /// The transaction under way writes one.
    writing: AtomicBool,
}

impl KnownResources {
    /// None yet.
    pub fn new(accounted: Arc<Accounted>) -> Self {
        Self {
            accounted,
            of: Mutex::default(),
            generation: AtomicU32::new(0),
            writing: AtomicBool::new(false),
        }
    }

    /// A resource, read if it is not known.
    pub fn find(
        &self,
        which: Which,
        read: impl FnOnce() -> Result<Option<ResourceRow>>,
    ) -> Result<Option<ResourceRow>> {
        if self.accounted.now().is_some()
            && let Some((since, row)) = self.of().get(&which)
            && *since == self.moment()
        {
            return Ok(row.clone());
        }
        let since = self.moment();
        let row = read()?;
        let mut of = self.of();
        if of.len() >= REMEMBERED_RESOURCES {
            of.clear();
        }
        of.insert(which, (since, row.clone()));
        Ok(row)
    }

    /// This set is written in the transaction under way.
    pub fn change(&self, set: &WriteSet) {
        let puts = set.put.iter().any(|put| matches!(put, Put::Resource(_)));
        let mut deleted = set.delete.iter();
        if puts || deleted.any(|delete| matches!(delete, Delete::Resource(..))) {
            self.writing.store(true, Ordering::Release);
        }
    }

    /// It has ended, either way.
    pub fn end(&self) {
        if self.writing.swap(false, Ordering::AcqRel) {
            self.generation.fetch_add(1, Ordering::Release);
        }
    }

    fn moment(&self) -> Moment {
        self.accounted.moment(&self.generation)
    }

    fn of(&self) -> std::sync::MutexGuard<'_, HashMap<Which, (Moment, Option<ResourceRow>)>> {
        // Whole at every moment, also when a thread broke.
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
