//! Webhooks: who is told of what, and what became of it.

mod create;
mod deliveries;
mod document;
mod manage;
mod sample;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waybill_model::{DeliveryId, WebhookId};
use waybill_storage::{JobChange, NewJob};

pub(crate) use document::settings;
pub use document::{WebhookDocument, WebhookOauth, WebhookStatus};

/// The kind of job that brings the waiting deliveries of a webhook due; its payload is a
/// [`DrainJob`].
pub const DRAIN_JOB: &str = "drain";

/// Whose waiting deliveries are brought due, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrainJob {
    /// It takes deliveries again: the heads of its lanes that it refused are tried at once.
    Recovered {
        /// Which.
        webhook: WebhookId,
    },
    /// It was paused, which ended the jobs of its deliveries: each gets one again.
    Resumed {
        /// Which.
        webhook: WebhookId,
        /// Only those made before this one: where a job of the same kind left off.
        before: Option<DeliveryId>,
    },
}

impl DrainJob {
    /// The job, due at this time.
    pub fn due(&self, due_at: Timestamp) -> JobChange {
        let payload = serde_json::to_string(self).unwrap_or_default();
        JobChange::Add(NewJob {
            kind: DRAIN_JOB,
            due_at,
            payload,
        })
    }
}
