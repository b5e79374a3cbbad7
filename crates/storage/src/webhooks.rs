//! Webhooks, deliveries and their attempts.

use jiff::Timestamp;
use waybill_model::{DeliveryId, EventId, OrganizationId, TrackingKey, WebhookId};

/// The webhooks of an organization, oldest first, as an engine gave them. An engine that remembers them gives the
/// same ones again as long as they stand.
pub type Webhooks = std::sync::Arc<Vec<WebhookRow>>;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Whose.
    pub organization: OrganizationId,
    /// Identity.
    pub id: WebhookId,
    /// See [`crate::WriteSet`].
    pub revision: u64,
    /// Settings as text; the service knows its shape. Secrets in it are encrypted.
    pub document: String,
    /// When a delivery last succeeded, and since when it only fails.
    pub last_success_at: Option<Timestamp>,
    /// The first failure after the last success.
    pub failing_since: Option<Timestamp>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Waits for its turn or its next attempt.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Given up after the last attempt; shown, and can be replayed.
    Dead,
}

impl DeliveryStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The word used in the API and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// One event on its way to one webhook. Lane = (webhook, tracking).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Whose.
    pub organization: OrganizationId,
    /// Identity; time-ordered.
    pub id: DeliveryId,
    /// See [`crate::WriteSet`].
    pub revision: u64,
    /// Receiver.
    pub webhook: WebhookId,
    /// Which tracking; with the webhook its lane.
    pub tracking: TrackingKey,
    /// The event's place in the organization's order.
    pub sequence: u64,
    /// The event.
    pub event: EventId,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Attempts made.
    pub attempts: u32,
    /// Refusals while the webhook took other lanes.
    pub refused_while_healthy: u32,
    /// It no longer holds up its lane.
    pub left_lane: bool,
    /// When it is tried next, while pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttemptRow {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// 1, 2, 3 …
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// Status of the answer, if there was one.
    pub http_status: Option<u16>,
    /// How long it took.
    pub latency_ms: u64,
    /// Why it failed, empty when it did not.
    pub error: String,
    /// The first kilobyte of the answer.
    pub answer: String,
}

/// Conditions of a list of deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Of this webhook.
    pub webhook: Option<WebhookId>,
    /// Of this event.
    pub event: Option<EventId>,
    /// Of this tracking.
    pub tracking: Option<TrackingKey>,
    /// With this status.
    pub status: Option<DeliveryStatus>,
}

/// A page of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPage {
    /// Newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// Where the next page begins (`before`), if there may be one.
    pub next: Option<DeliveryId>,
}
