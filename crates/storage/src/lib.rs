//! What an engine must be able to keep, and how it is spoken to.
//!
//! Reads are methods of [`Storage`]; every write is one value, a [`WriteSet`], that commits as a
//! whole or not at all. Rows are plain: no rule of the business lives here, and nothing here knows
//! SQL, HTTP or the JSON of an API version (documents are opaque text).
//!
//! To add a table: a row type in the module of its name, a variant of [`Put`] (rows that change) or [`Append`]
//! (logs that only grow), the reads in [`Storage`], a story in the conformance suite, then the
//! statements and a migration in each engine.

mod api_keys;
mod document;
mod events;
mod jobs;
mod learned;
mod nodes;
mod numbers;
mod once;
mod organizations;
mod polls;
mod resources;
mod search;
mod trackings;
mod unclassified;
mod webhooks;
mod write_set;

#[cfg(feature = "conformance")]
#[expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a story says in its name what the engine must do, and ends where it does not"
)]
pub mod conformance;

use async_trait::async_trait;
use jiff::Timestamp;
use waybill_model::{
    ApiKeyId, CourierSlug, DeliveryId, NodeId, OrganizationId, ResourceId, TrackingKey, WebhookId,
};

pub use api_keys::{ApiKeyRow, Authentication};
pub use document::Document;
pub use events::{Change, EventKind, EventRow, NewDelivery, NewEvent};
pub use jobs::{Claim, Job, JobChange, JobHandle, NewJob, Upcoming};
pub use learned::{RhythmRow, SpentRow};
pub use nodes::{ClosedCourier, NodeRow, PARTS, Parts, Roll, share_out};
pub use numbers::NumberCount;
pub use once::OnceRow;
pub use organizations::OrganizationRow;
pub use polls::{PollAttemptRow, PollCount, PollOutcome, PollRow};
pub use resources::{ResourceKind, ResourceRow};
pub use search::{Keyword, SearchRow};
pub use trackings::{
    NAME_DISCRIMINATOR_NONE, Name, NameRow, TrackingFilter, TrackingPage, TrackingRow, TrackingView,
};
pub use unclassified::{UNCLASSIFIED_OF_COURIER, UnclassifiedRow};
pub use webhooks::{
    DeliveryAttemptRow, DeliveryFilter, DeliveryPage, DeliveryRow, DeliveryStatus, WebhookRow,
    Webhooks,
};
pub use write_set::{Append, Commit, Conflict, Delete, Put, WriteSet};

/// A list walks at most this many rows that its filter refuses before it hands back a short page.
pub const WALK_BUDGET_ROWS: usize = 20_000;
/// Counts are exact up to here; above it kept counters answer, or this number.
pub const EXACT_COUNT_LIMIT: u64 = 10_000;
/// Of one claim at most this many jobs go to one organization while others wait: a quarter of 100.
pub const CLAIM_PER_ORGANIZATION: usize = 25;

/// The database cannot answer now; the caller may try again later. Never a rule that was broken.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the database is unavailable: {0}")]
pub struct Unavailable(pub String);

/// What every call of the storage returns.
pub type Result<T> = std::result::Result<T, Unavailable>;

/// An engine. All times are instants of the caller's clock, kept to the microsecond; an engine reads
/// no clock.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// Commits a write set as a whole, together with others that wait; answers after the commit is
    /// durable.
    async fn commit(&self, set: WriteSet) -> Result<Commit>;
    /// In how many queues sets wait for their commit, at least one. One that is full or slow holds up
    /// no other.
    fn queues(&self) -> usize;
    /// In which of them an organization's sets wait, from 0 on: always the same.
    fn queue_of(&self, organization: OrganizationId) -> usize;

    /// Whether the database answers and its migrations are done.
    async fn ready(&self) -> Result<()>;

    // Organizations and keys: small tables.

    /// All organizations, oldest first.
    async fn organizations(&self) -> Result<Vec<OrganizationRow>>;
    /// The API key with this hash (SHA-256 of the whole key), revoked ones included.
    async fn api_key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>>;
    /// All keys of an organization, oldest first.
    async fn api_keys(&self, organization: OrganizationId) -> Result<Vec<ApiKeyRow>>;
    /// Notes that a key was used; callers do so at most once a minute per key. Need not be durable, and
    /// may be seen only after a [`Storage::flush`]. Does not change the key's revision.
    async fn touch_api_key(&self, id: ApiKeyId, at: Timestamp) -> Result<()>;
    /// What was done once under this key, expired or not.
    async fn once(&self, organization: OrganizationId, key: &[u8; 32]) -> Result<Option<OnceRow>>;

    // Resources: few of a kind.

    /// One resource.
    async fn resource(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        id: ResourceId,
    ) -> Result<Option<ResourceRow>>;
    /// All resources of a kind, or those of a name, by id (oldest first).
    async fn resources(
        &self,
        organization: OrganizationId,
        kind: ResourceKind,
        name: Option<&str>,
    ) -> Result<Vec<ResourceRow>>;

    // Trackings.

    /// The whole row.
    async fn tracking(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingRow>>;
    /// The whole row and its poll rows, by leg: what the next state is made from.
    async fn followed(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<(TrackingRow, Vec<PollRow>)>>;
    /// What a GET answers from: document and clock facts, without the record.
    async fn tracking_view(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingView>>;
    /// The first tracking of the organization whose key lies in the inclusive range: how a
    /// `legacy_id` (the first half of a key) is looked up.
    async fn tracking_key_in_range(
        &self,
        organization: OrganizationId,
        from: TrackingKey,
        to: TrackingKey,
    ) -> Result<Option<TrackingKey>>;
    /// The trackings that a number or an own id means, newest first. A slug or discriminator left
    /// `None` matches any.
    async fn trackings_named(
        &self,
        organization: OrganizationId,
        name: &NameQuery,
    ) -> Result<Vec<NameRow>>;
    /// All names of a tracking.
    async fn names_of(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Vec<NameRow>>;
    /// A page of trackings, newest first, whose key is below `before`.
    async fn trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        before: Option<TrackingKey>,
        limit: usize,
        now: Timestamp,
    ) -> Result<TrackingPage>;
    /// How many trackings fit the filter: exact up to [`EXACT_COUNT_LIMIT`]; above it the kept
    /// counters where the filter is empty or names only tags, else the limit itself. Where the filter
    /// refuses a multiple of [`WALK_BUDGET_ROWS`], what was found until then.
    async fn count_trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        now: Timestamp,
    ) -> Result<u64>;

    // Search.

    /// Trackings whose words changed since they were last made searchable.
    async fn unsearchable(&self, limit: usize) -> Result<Vec<TrackingRow>>;
    /// Makes trackings searchable by these words, each that is still at the revision they were made
    /// of; the others stay unsearchable.
    async fn make_searchable(&self, rows: Vec<SearchRow>) -> Result<()>;

    // Polls.

    /// The poll rows of a tracking, by leg.
    async fn polls(&self, organization: OrganizationId, key: TrackingKey) -> Result<Vec<PollRow>>;
    /// The newest attempts of the legs that stand, newest first.
    async fn poll_attempts(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        limit: usize,
    ) -> Result<Vec<PollAttemptRow>>;
    /// Daily counts of polls per courier and outcome from `from_day` (days since 1970) on.
    async fn poll_counts(&self, from_day: i32) -> Result<Vec<PollCount>>;
    /// Codes and texts that nothing understood, the most frequent first.
    async fn unclassified(&self, limit: usize) -> Result<Vec<UnclassifiedRow>>;

    // Numbers.

    /// Whose the numbers of an outline turned out to be, by slug.
    async fn number_counts(
        &self,
        organization: OrganizationId,
        outline: &str,
    ) -> Result<Vec<NumberCount>>;

    // Events, webhooks and their deliveries.

    /// Events with a sequence number above `after`, in order.
    async fn events_after(
        &self,
        organization: OrganizationId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>>;
    /// One event.
    async fn event(&self, organization: OrganizationId, sequence: u64) -> Result<Option<EventRow>>;
    /// All webhooks of an organization, oldest first.
    async fn webhooks(&self, organization: OrganizationId) -> Result<Vec<WebhookRow>>;
    /// The same for those who decide who gets an event ([`WriteSet::webhooks`]): an engine may remember
    /// them, and then checks at the commit that they stand.
    async fn receivers(&self, organization: OrganizationId) -> Result<Webhooks> {
        Ok(Webhooks::new(self.webhooks(organization).await?))
    }
    /// One webhook.
    async fn webhook(
        &self,
        organization: OrganizationId,
        id: WebhookId,
    ) -> Result<Option<WebhookRow>>;
    /// One delivery.
    async fn delivery(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<DeliveryRow>>;
    /// The oldest delivery of a lane that is pending and has not left its lane.
    async fn lane_head(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tracking: TrackingKey,
    ) -> Result<Option<DeliveryRow>>;
    /// Pending deliveries of a webhook, oldest first: of those only ones that were tried already
    /// (`tried`), or all.
    async fn pending_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tried: bool,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>>;
    /// A page of deliveries, newest first.
    async fn deliveries(
        &self,
        organization: OrganizationId,
        filter: &DeliveryFilter,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage>;
    /// All attempts of a delivery, oldest first.
    async fn delivery_attempts(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Vec<DeliveryAttemptRow>>;

    // Jobs.

    /// Claims due jobs of these kinds: each gets the lease and comes due again when it ends. At
    /// most [`CLAIM_PER_ORGANIZATION`] for one organization while others wait.
    async fn claim(&self, claim: Claim) -> Result<Vec<Job>>;
    /// Jobs that are not due yet, soonest first, as they would be if they were leased without a lease:
    /// [`Self::renew`] takes those that nobody else took meanwhile. A look, of which some may stay unseen.
    async fn upcoming(&self, upcoming: Upcoming) -> Result<Vec<Job>>;
    /// Lengthens leases; answers the handles that still held theirs, with their new handle.
    async fn renew(
        &self,
        handles: Vec<JobHandle>,
        until: Timestamp,
    ) -> Result<Vec<(JobHandle, JobHandle)>>;
    /// When the next job of these kinds comes due, if any waits. Of a crowd that was due at the last
    /// claim already it may name any.
    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Timestamp>>;
    /// Takes the turn of a schedule: true for exactly one caller when `now` has reached the
    /// schedule's next run (or it never ran), which is then set to `next`.
    async fn take_turn(&self, schedule: &str, now: Timestamp, next: Timestamp) -> Result<bool>;

    // What all nodes know together of the asking.

    /// Takes `count` of a budget for a day (since 1970-01-01, UTC), all or nothing: false where more than
    /// `limit` would be spent. However many ask at once, it is never more.
    async fn spend(&self, name: &str, day: i32, count: u32, limit: u32) -> Result<bool>;
    /// What was spent on a day, in the order of the names. Days are kept for a month.
    async fn spent(&self, day: i32) -> Result<Vec<SpentRow>>;
    /// A courier's rhythm, if one was written.
    async fn rhythm(&self, slug: &CourierSlug) -> Result<Option<RhythmRow>>;
    /// Writes a rhythm with the next revision; false where the stored one is not at the row's any more.
    async fn put_rhythm(&self, row: RhythmRow) -> Result<bool>;

    // Nodes.

    /// Notes that a node lives until `node.until` and gives it its parts, by [`share_out`] from the
    /// nodes that live at `now`; `node.parts` are those it keeps. One at a time over all nodes.
    async fn beat(&self, node: NodeRow, now: Timestamp) -> Result<Roll>;
    /// Forgets a node: all it held is free at once.
    async fn leave(&self, node: NodeId) -> Result<()>;
    /// The nodes that live, in the order of their ids.
    async fn nodes(&self, now: Timestamp) -> Result<Vec<NodeRow>>;
    /// Notes that nobody may ask a courier before this; an earlier word does not shorten a later one.
    async fn close_courier(&self, name: &str, until: Timestamp) -> Result<()>;
    /// Waits until another node hints at something new, where the engine can tell. A hint may be lost, or
    /// come for nothing: whoever waits also looks by itself.
    async fn hinted(&self, _hint: Hint) {
        std::future::pending::<()>().await;
    }

    // Upkeep.

    /// Removes what is older than its border from each log: at most `limit` rows of it, or, where an
    /// engine files a log by the week, weeks in which all is old; answers how many of either. So the
    /// last of it may stay up to a week longer. Sequence numbers go on where they were, also when all
    /// events were old.
    async fn sweep(&self, borders: &SweepBorders, limit: usize) -> Result<u64>;
    /// A consistent copy of the database while it is in use, where the engine can make one. The file
    /// appears, or is replaced, only when the copy is whole.
    async fn backup(&self, file: &std::path::Path) -> Result<()>;
    /// Called by tests and on a graceful stop: waits until all that was submitted is committed.
    async fn flush(&self) -> Result<()>;
}

/// What nodes hint to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Jobs were added.
    Jobs,
    /// A node came or went, parts came free, or a courier was closed.
    Nodes,
}

/// How names are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameQuery {
    /// A tracking number, with or without its courier and the discriminator.
    Number {
        /// The number.
        number: String,
        /// The courier, or any.
        slug: Option<String>,
        /// The discriminator, or any.
        discriminator: Option<String>,
    },
    /// A caller's own id.
    OwnId(String),
}

/// Before which instant each log is old.
#[derive(Debug, Clone, Copy)]
pub struct SweepBorders {
    /// Poll attempts, and what was not classified and not seen since.
    pub poll_attempts: Timestamp,
    /// Events that no pending delivery needs.
    pub events: Timestamp,
    /// Finished deliveries and their attempts.
    pub deliveries: Timestamp,
    /// What may be done again from then on.
    pub once: Timestamp,
}
