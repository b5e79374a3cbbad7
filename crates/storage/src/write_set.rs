//! A write is a value: what to put, what to delete, which events and jobs it brings.

use waybill_model::{OrganizationId, ResourceId, TrackingKey, WebhookId};

use crate::{
    ApiKeyRow, DeliveryAttemptRow, DeliveryRow, JobChange, NameRow, NewEvent, NumberCount, OnceRow,
    OrganizationRow, PollAttemptRow, PollCount, PollRow, ResourceKind, ResourceRow, TrackingRow,
    UnclassifiedRow, WebhookRow, Webhooks,
};

/// One unit of work: applied as a whole or not at all.
///
/// Every put carries its own expectation. A row that changes has a `revision`: the one that was
/// read, 0 where none was; the engine writes the row with the next revision if the stored one is
/// still the same, else the whole set is a [`Conflict`]. A name must be free, or the tracking's own.
///
/// What may happen once is looked at first. Deletes come before puts, trackings before what hangs on them, events last. Rows of a log about
/// something that is gone meanwhile are dropped.
#[derive(Debug, Clone)]
pub struct WriteSet {
    /// Whose rows these are. Rows of another organization cannot be reached by it.
    pub organization: OrganizationId,
    /// Rows to delete, before the puts (a released name may be taken again in the same set).
    pub delete: Vec<Delete>,
    /// Rows to write.
    pub put: Vec<Put>,
    /// Rows of logs.
    pub append: Vec<Append>,
    /// Events, in order; each gets the organization's next sequence number.
    pub events: Vec<NewEvent>,
    /// Jobs to add, finish or put off.
    pub jobs: Vec<JobChange>,
    /// The webhooks by which it was decided who gets the events, where that was asked: with an engine that
    /// remembers webhooks a conflict if their settings are others by now.
    pub webhooks: Option<Webhooks>,
}

impl WriteSet {
    /// An empty set of an organization.
    pub fn new(organization: OrganizationId) -> Self {
        Self {
            organization,
            delete: Vec::new(),
            put: Vec::new(),
            append: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            webhooks: None,
        }
    }

    /// Adds a row.
    #[must_use]
    pub fn put(mut self, put: Put) -> Self {
        self.put.push(put);
        self
    }

    /// Adds a change of a job.
    #[must_use]
    pub fn job(mut self, job: JobChange) -> Self {
        self.jobs.push(job);
        self
    }
}

/// A row that is written under an expectation.
#[derive(Debug, Clone)]
pub enum Put {
    /// A tracking.
    Tracking(Box<TrackingRow>),
    /// A name; conflicts when it is another tracking's.
    Name(NameRow),
    /// The poll state of a leg.
    Poll(PollRow),
    /// A webhook.
    Webhook(Box<WebhookRow>),
    /// A delivery (made by [`NewEvent::deliver_to`], or for a test or replay).
    Delivery(Box<DeliveryRow>),
    /// An API key; conflicts when its hash is taken.
    ApiKey(Box<ApiKeyRow>),
    /// An organization; conflicts when its name is taken.
    Organization(OrganizationRow),
    /// A resource.
    Resource(Box<ResourceRow>),
    /// What may happen once; conflicts while an older row under its key has not expired.
    Once(Box<OnceRow>),
}

/// A row that is deleted.
#[derive(Debug, Clone)]
pub enum Delete {
    /// A tracking with all its names, polls and attempts, if it is at this revision.
    Tracking {
        /// Which.
        key: TrackingKey,
        /// The revision that was read.
        revision: u64,
    },
    /// One name, if it is this tracking's.
    Name(NameRow),
    /// A leg that is asked no more.
    Poll {
        /// Whose.
        tracking: TrackingKey,
        /// Which.
        leg: u8,
    },
    /// A webhook with its pending deliveries.
    Webhook(WebhookId),
    /// A resource.
    Resource(ResourceKind, ResourceId),
}

/// A row of a log.
#[derive(Debug, Clone)]
pub enum Append {
    /// One asking of a courier.
    PollAttempt(PollAttemptRow),
    /// Adds to the daily count of a courier and outcome.
    PollCount(PollCount),
    /// Adds to the organization's count of numbers of an outline and a courier.
    NumberCount(NumberCount),
    /// Adds to the count of what nothing understood, if the courier has room for it.
    Unclassified(UnclassifiedRow),
    /// One try of a delivery.
    DeliveryAttempt(DeliveryAttemptRow),
    /// The words of a tracking changed: see [`crate::Storage::unsearchable`].
    Unsearchable(TrackingKey),
}

/// What became of a write set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// Durable. The sequence number of the last event of the set, if it had any.
    Applied {
        /// Of the last event.
        sequence: Option<u64>,
    },
    /// Nothing was written: an expectation did not hold.
    Conflict(Conflict),
}

/// The first expectation that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// A row was changed, deleted or made by another writer meanwhile.
    Changed,
    /// The name belongs to this tracking.
    NameTaken(TrackingKey),
    /// Another organization or API key has this unique value.
    Taken,
    /// A job that the set finishes is no longer leased to the caller.
    LeaseLost,
    /// It was done already, and its time is not over.
    Done,
}
