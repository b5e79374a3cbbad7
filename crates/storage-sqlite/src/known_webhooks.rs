//! Webhooks that were read once.
//!
//! Every change of a tracking asks who is to be told of it. A reader that reads after a commit has lost its
//! cache, which made this small question a tenth of a create: so the answer is remembered.
//!
//! That a webhook was written, or that another process wrote anything, is certain to the committer alone, when it
//! begins its next transaction. So a write set says which answer it was decided by, and what is not known to
//! hold is compared there with what is stored: the set is refused only if others would be told by now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use waybill_model::OrganizationId;
use waybill_storage::{Delete, Put, Result, WebhookRow, Webhooks, WriteSet};

use crate::webhooks;

/// Organizations whose webhooks are remembered; one more, and all are read anew.
const REMEMBERED_ORGANIZATIONS: usize = 10_000;

/// The webhooks of organizations.
#[derive(Debug, Default)]
pub struct KnownWebhooks(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    of: HashMap<OrganizationId, Remembered>,
    /// Grows whenever webhooks may be others than before.
    doubts: u64,
    /// This process wrote webhooks in the transaction that is under way, or was the last.
    changing: bool,
}

#[derive(Debug)]
struct Remembered {
    webhooks: Webhooks,
    /// It holds as of so many doubts.
    holds_as_of: u64,
}

impl KnownWebhooks {
    /// The webhooks of an organization, read if they are not remembered.
    pub fn find(
        &self,
        organization: OrganizationId,
        read: impl FnOnce() -> Result<Vec<WebhookRow>>,
    ) -> Result<Webhooks> {
        let doubts = {
            let known = self.known();
            if let Some(remembered) = known.of.get(&organization)
                && remembered.holds_as_of == known.doubts
            {
                return Ok(remembered.webhooks.clone());
            }
            known.doubts
        };
        let webhooks = Arc::new(read()?);
        let mut known = self.known();
        if known.of.len() >= REMEMBERED_ORGANIZATIONS {
            known.of.clear();
        }
        let remembered = Remembered {
            webhooks: webhooks.clone(),
            holds_as_of: doubts,
        };
        known.of.insert(organization, remembered);
        Ok(webhooks)
    }

    /// Whether those are still told whom a set tells; asked within its transaction.
    pub fn stand(&self, connection: &Connection, set: &WriteSet) -> rusqlite::Result<bool> {
        let Some(decided_by) = &set.webhooks else {
            return Ok(true);
        };
        let doubts = {
            let known = self.known();
            let remembered = known.of.get(&set.organization);
            if remembered.is_some_and(|remembered| {
                Arc::ptr_eq(&remembered.webhooks, decided_by)
                    && remembered.holds_as_of == known.doubts
            }) {
                return Ok(true);
            }
            known.doubts
        };
        let organization = set.organization.as_uuid().into_bytes();
        let stored = webhooks::of_organization(connection, &organization)?;
        let alike = |(one, other): (&WebhookRow, &WebhookRow)| {
            one.id == other.id && one.document == other.document
        };
        let stand =
            stored.len() == decided_by.len() && stored.iter().zip(decided_by.iter()).all(alike);
        let mut known = self.known();
        if !stand {
            known.of.remove(&set.organization);
        } else if let Some(remembered) = known.of.get_mut(&set.organization)
            && Arc::ptr_eq(&remembered.webhooks, decided_by)
        {
            remembered.holds_as_of = doubts;
        }
        Ok(stand)
    }

    /// A transaction has begun, and all of before is there to be read.
    pub fn begin(&self, others_wrote: bool) {
        let mut known = self.known();
        if std::mem::take(&mut known.changing) || others_wrote {
            known.doubts += 1;
        }
    }

    /// Webhooks are written in the transaction that is under way: those who come later in it look, and so do
    /// those who read before it was committed.
    pub fn change(&self) {
        let mut known = self.known();
        known.changing = true;
        known.doubts += 1;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Whole at every moment, also when a thread broke.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a set writes webhooks.
pub fn changes_webhooks(set: &WriteSet) -> bool {
    set.put.iter().any(|put| matches!(put, Put::Webhook(_)))
        || set
            .delete
            .iter()
            .any(|delete| matches!(delete, Delete::Webhook(_)))
}
