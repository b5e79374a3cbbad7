//! Webhooks that were read once.
//!
//! Every change of a tracking asks who is to be told of it. A reader that reads after a commit has lost its
//! cache, which made this small question a tenth of a create: so the answer is remembered until this process
//! or another one writes a webhook.
//!
//! That another process wrote is noticed by the committer alone, when it begins its next transaction. So a
//! write set says which answer it was decided by, and what is not known to hold is compared there with what is
//! stored: the set is refused only if others would be told by now.

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
    /// Grows whenever something is forgotten: what was read before is not remembered then.
    forgotten: u64,
    /// Grows whenever another process is found to have written.
    writes_of_others: u64,
}

#[derive(Debug)]
struct Remembered {
    webhooks: Webhooks,
    /// It holds as of so many writes of others.
    holds_as_of: u64,
}

impl KnownWebhooks {
    /// The webhooks of an organization, read if they are not remembered.
    pub fn find(
        &self,
        organization: OrganizationId,
        read: impl FnOnce() -> Result<Vec<WebhookRow>>,
    ) -> Result<Webhooks> {
        let (forgotten, writes_of_others) = {
            let known = self.known();
            if let Some(remembered) = known.of.get(&organization) {
                return Ok(remembered.webhooks.clone());
            }
            (known.forgotten, known.writes_of_others)
        };
        let webhooks = Arc::new(read()?);
        let mut known = self.known();
        if known.forgotten != forgotten {
            return Ok(webhooks);
        }
        if known.of.len() >= REMEMBERED_ORGANIZATIONS {
            known.of.clear();
        }
        let remembered = known.of.entry(organization).or_insert(Remembered {
            webhooks,
            holds_as_of: writes_of_others,
        });
        Ok(remembered.webhooks.clone())
    }

    /// Whether those are still told whom a set tells; asked within its transaction.
    pub fn stand(&self, connection: &Connection, set: &WriteSet) -> rusqlite::Result<bool> {
        let Some(decided_by) = &set.webhooks else {
            return Ok(true);
        };
        let writes_of_others = {
            let known = self.known();
            let remembered = known.of.get(&set.organization);
            if remembered.is_some_and(|remembered| {
                Arc::ptr_eq(&remembered.webhooks, decided_by)
                    && remembered.holds_as_of == known.writes_of_others
            }) {
                return Ok(true);
            }
            known.writes_of_others
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
            known.forget(set.organization);
        } else if let Some(remembered) = known.of.get_mut(&set.organization)
            && Arc::ptr_eq(&remembered.webhooks, decided_by)
        {
            remembered.holds_as_of = writes_of_others;
        }
        Ok(stand)
    }

    /// Forgets those of an organization.
    pub fn forget(&self, organization: OrganizationId) {
        self.known().forget(organization);
    }

    /// Another process has written: nothing is known to hold.
    pub fn doubt_all(&self) {
        self.known().writes_of_others += 1;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Whole at every moment, also when a thread broke.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn forget(&mut self, organization: OrganizationId) {
        self.forgotten += 1;
        self.of.remove(&organization);
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
