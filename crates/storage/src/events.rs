//! Events: what happened to an organization's trackings, in one gap-free order.

use jiff::Timestamp;
use waybill_model::{DeliveryId, EventId, Tag, TrackingKey, WebhookId};

/// What kind of news an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A tracking was made.
    TrackingCreated,
    /// The derived status changed or a newer checkpoint stands. The only kind webhooks get now.
    TrackingUpdate,
    /// A caller changed fields of a tracking.
    TrackingEdited,
    /// The courier or number of a tracking was corrected.
    TrackingCorrected,
    /// The document changed and there is no news: an older scan, a weight, a delivery date.
    TrackingRefreshed,
    /// A tracking was deleted.
    TrackingDeleted,
    /// A sample sent to a webhook to verify or test it; belongs to no tracking's story.
    WebhookSample,
}

/// What an event says of its tracking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was changed: the event's instant is its `updated_at` from then on.
    Changed,
    /// It is there no longer.
    Gone,
    /// Nothing.
    None,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::TrackingCreated,
        Self::TrackingUpdate,
        Self::TrackingEdited,
        Self::TrackingCorrected,
        Self::TrackingRefreshed,
        Self::TrackingDeleted,
        Self::WebhookSample,
    ];

    /// The word used in tables, in the feed and (for updates) on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TrackingCreated => "tracking_created",
            Self::TrackingUpdate => "tracking_update",
            Self::TrackingEdited => "tracking_edited",
            Self::TrackingCorrected => "tracking_corrected",
            Self::TrackingRefreshed => "tracking_refreshed",
            Self::TrackingDeleted => "tracking_deleted",
            Self::WebhookSample => "webhook_sample",
        }
    }

    /// What an event of this kind says of its tracking. Whoever changes a tracking keeps to it: what
    /// changed since is answered from the events.
    pub fn change(self) -> Change {
        match self {
            Self::TrackingCreated
            | Self::TrackingUpdate
            | Self::TrackingEdited
            | Self::TrackingCorrected
            | Self::TrackingRefreshed => Change::Changed,
            Self::TrackingDeleted => Change::Gone,
            Self::WebhookSample => Change::None,
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An event to be committed.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Constant over all deliveries and repeats.
    pub id: EventId,
    /// What it is.
    pub kind: EventKind,
    /// Which tracking.
    pub tracking: TrackingKey,
    /// The tag it brought, for subscriptions by tag.
    pub tag: Option<Tag>,
    /// When it was made.
    pub at: Timestamp,
    /// The body in the newest shape, fixed now.
    pub body: String,
    /// The webhooks that get it: a pending delivery each, due at once, in the same commit.
    pub deliver_to: Vec<NewDelivery>,
}

/// A delivery that begins with its event.
#[derive(Debug, Clone, Copy)]
pub struct NewDelivery {
    /// Identity of the delivery.
    pub id: DeliveryId,
    /// Receiver.
    pub webhook: WebhookId,
}

/// A committed event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Place in the organization's order: 1, 2, 3 … without gaps.
    pub sequence: u64,
    /// See [`NewEvent::id`].
    pub id: EventId,
    /// See [`NewEvent::kind`].
    pub kind: EventKind,
    /// See [`NewEvent::tracking`].
    pub tracking: TrackingKey,
    /// See [`NewEvent::tag`].
    pub tag: Option<Tag>,
    /// See [`NewEvent::at`].
    pub at: Timestamp,
    /// See [`NewEvent::body`].
    pub body: String,
}
