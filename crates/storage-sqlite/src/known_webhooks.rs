//! Webhooks that were read once.
//!
//! Every change of a tracking asks who is to be told of it. A reader that reads after a commit has lost its
//! cache, which made this small question a tenth of a create: so the answer is remembered until this process
//! or another one writes a webhook.
//!
//! That another process wrote is noticed by the committer alone, when it begins its next transaction. So a
//! write set says which answer it was decided by, and is refused where that is not the one remembered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use waybill_model::OrganizationId;
use waybill_storage::{Delete, Put, Result, WebhookRow, Webhooks, WriteSet};

/// Organizations whose webhooks are remembered; one more, and all are read anew.
const REMEMBERED_ORGANIZATIONS: usize = 10_000;

/// The webhooks of organizations.
#[derive(Debug, Default)]
pub struct KnownWebhooks(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    of: HashMap<OrganizationId, Webhooks>,
    /// Grows whenever something is forgotten: what was read before is not remembered then.
    forgotten: u64,
}

impl KnownWebhooks {
    /// The webhooks of an organization, read if they are not remembered.
    pub fn find(
        &self,
        organization: OrganizationId,
        read: impl FnOnce() -> Result<Vec<WebhookRow>>,
    ) -> Result<Webhooks> {
        let forgotten = {
            let known = self.known();
            if let Some(webhooks) = known.of.get(&organization) {
                return Ok(webhooks.clone());
            }
            known.forgotten
        };
        let webhooks = Arc::new(read()?);
        let mut known = self.known();
        if known.forgotten != forgotten {
            return Ok(webhooks);
        }
        if known.of.len() >= REMEMBERED_ORGANIZATIONS {
            known.of.clear();
        }
        Ok(known.of.entry(organization).or_insert(webhooks).clone())
    }

    /// Whether what a set was decided by is what is remembered.
    pub fn stand(&self, set: &WriteSet) -> bool {
        let Some(webhooks) = &set.webhooks else {
            return true;
        };
        let known = self.known();
        let known = known.of.get(&set.organization);
        known.is_some_and(|known| Arc::ptr_eq(known, webhooks))
    }

    /// Forgets those of an organization.
    pub fn forget(&self, organization: OrganizationId) {
        let mut known = self.known();
        known.forgotten += 1;
        known.of.remove(&organization);
    }

    /// Forgets all: another process has written.
    pub fn forget_all(&self) {
        let mut known = self.known();
        known.forgotten += 1;
        known.of.clear();
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
