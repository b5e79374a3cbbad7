//! The use cases: create, detect, update, retrack, complete, ingest, subscribe, and what is asked
//! about them. Each reads, decides with the pure functions of `model` and `couriers`, and submits
//! one write set; on a conflict it reads again.
//!
//! Nothing here knows HTTP or SQL. To add a use case: a file named as the route and the table,
//! `impl Service` in it, an error from the catalogue for each way it can be refused, and the events
//! and jobs it brings in the same write set.

mod activation;
mod advance;
mod api_keys;
mod connections;
mod correction;
mod couriers;
mod document;
mod events;
mod history;
mod identities;
mod ingest;
mod locations;
mod names;
mod once;
mod organizations;
mod polling;
mod predict;
mod proofs;
mod push;
mod recognise;
mod resources;
mod search;
mod secrets;
mod settling;
mod told;
mod totals;
mod trackings;
mod unclassified;
mod webhooks;

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use waybill_couriers::Couriers;
use waybill_jobs::{LONGEST_SLEEP, Wake};
use waybill_model::Clock;
use waybill_storage::{Commit, Conflict, JobChange, Storage, Unavailable, WriteSet};
use waybill_versions::Problem;

pub use activation::ActiveCouriers;
pub use api_keys::{ALL_SCOPES, IssuedKey, NewKey, SCOPES, opens};
pub use connections::Account;
pub use couriers::credential_fields;
pub use document::ship_date;
pub use identities::Identities;
pub use ingest::{CadenceFacts, Ingested, PollReport};
pub use once::Ticket;
pub use proofs::{Proof, PublicKey};
pub use push::CourierCredentials;
pub use recognise::{RECOGNISE_JOB, RecogniseJob, UNRECOGNIZED};
pub use search::{keyword, searched};
pub use secrets::MasterKey;
pub use trackings::{Source, TrackingList};
pub use webhooks::{DRAIN_JOB, DrainJob, WebhookDocument, WebhookOauth, WebhookStatus};

/// The kind of job that asks a courier; its payload is a [`PollJob`].
pub const POLL_JOB: &str = "poll";
/// The kind of job that sends a delivery; its payload is the delivery's id.
pub const DELIVER_JOB: &str = "deliver";

/// How often a use case reads again when another writer was faster.
const CONFLICT_RETRIES: usize = 3;

/// Which leg of which tracking a poll job is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PollJob {
    /// The tracking.
    pub tracking: waybill_model::TrackingKey,
    /// The leg.
    pub leg: u8,
    /// Its courier when the job was made: a hint, by which those of one courier are put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<waybill_model::CourierSlug>,
    /// When it was asked before, in seconds: a hint whether it may be asked early.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::second::optional"
    )]
    pub asked_at: Option<jiff::Timestamp>,
}

impl PollJob {
    /// About this leg, without hints.
    pub fn new(tracking: waybill_model::TrackingKey, leg: u8) -> Self {
        Self {
            tracking,
            leg,
            slug: None,
            asked_at: None,
        }
    }

    /// About the leg of this row.
    pub fn of(poll: &waybill_storage::PollRow) -> Self {
        Self {
            tracking: poll.tracking,
            leg: poll.leg,
            slug: Some(poll.slug.clone()),
            asked_at: poll.checked_at,
        }
    }
}

/// What an installation decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long an inactive tracking keeps its number, counted from its creation.
    pub number_reuse_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            number_reuse_days: 120,
        }
    }
}

/// The use cases, cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    storage: Arc<dyn Storage>,
    couriers: ArcSwap<Couriers>,
    clock: Arc<dyn Clock>,
    identities: Identities,
    master_key: MasterKey,
    settings: Settings,
    courier_credentials: CourierCredentials,
    wake: Wake,
    known_keys: api_keys::KnownKeys,
    large_totals: totals::LargeTotals,
    histories: history::Histories,
    running: once::Running,
    batch_rows: trackings::BatchRows,
}

/// What the service is made of.
pub struct Parts {
    /// The engine.
    pub storage: Arc<dyn Storage>,
    /// The loaded couriers.
    pub couriers: Arc<Couriers>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub identities: Identities,
    /// What encrypts secrets at rest.
    pub master_key: MasterKey,
    /// What the installation decides.
    pub settings: Settings,
    /// What couriers' own messages are checked with.
    pub courier_credentials: CourierCredentials,
    /// Told when jobs are added.
    pub wake: Wake,
}

impl Service {
    /// The service over its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            batch_rows: trackings::BatchRows::new(parts.storage.as_ref()),
            storage: parts.storage,
            couriers: ArcSwap::new(parts.couriers),
            clock: parts.clock,
            identities: parts.identities,
            master_key: parts.master_key,
            settings: parts.settings,
            courier_credentials: parts.courier_credentials,
            wake: parts.wake,
            known_keys: api_keys::KnownKeys::default(),
            large_totals: totals::LargeTotals::default(),
            histories: history::Histories::default(),
            running: once::Running::default(),
        }))
    }

    /// The engine, for those who read state to work on it.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.0.storage
    }

    /// The loaded couriers.
    pub fn couriers(&self) -> Arc<Couriers> {
        self.0.couriers.load_full()
    }

    /// Replaces the loaded couriers.
    pub fn replace_couriers(&self, couriers: Arc<Couriers>) {
        self.0.couriers.store(couriers);
    }

    /// Where ids come from.
    pub fn identities(&self) -> &Identities {
        &self.0.identities
    }

    /// What encrypts secrets at rest.
    pub fn master_key(&self) -> &MasterKey {
        &self.0.master_key
    }

    /// The instant of the clock.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Whether requests can be answered.
    pub async fn ready(&self) -> Result<(), Problem> {
        self.0.storage.ready().await.map_err(unavailable)
    }

    /// Addresses news to the webhooks, commits, and tells the workers of new jobs, if they would not look in
    /// time by themselves.
    pub async fn commit(&self, mut set: WriteSet) -> Result<Commit, Unavailable> {
        self.address(&mut set).await?;
        let soon = self.now() + LONGEST_SLEEP;
        let brings_jobs = set
            .jobs
            .iter()
            .any(|job| matches!(job, JobChange::Add(job) if job.due_at <= soon));
        let commit = self.0.storage.commit(set).await?;
        if brings_jobs && matches!(commit, Commit::Applied { .. }) {
            self.0.wake.up();
        }
        Ok(commit)
    }

    /// Reads, decides and commits until no other writer was faster.
    ///
    /// `decide` reads the state and gives the write set with what to answer; `refused` turns a
    /// conflict that reading again cannot mend into the problem to answer.
    async fn decide<T, D, F>(
        &self,
        mut decide: D,
        refused: impl Fn(&Conflict) -> Option<Problem>,
    ) -> Result<T, Problem>
    where
        D: FnMut() -> F,
        F: Future<Output = Result<(WriteSet, T), Problem>>,
    {
        for _ in 0..CONFLICT_RETRIES {
            let (set, answer) = decide().await?;
            match self.commit(set).await.map_err(unavailable)? {
                Commit::Applied { .. } => return Ok(answer),
                Commit::Conflict(conflict) => {
                    if let Some(problem) = refused(&conflict) {
                        return Err(problem);
                    }
                }
            }
        }
        Err(Problem::unavailable())
    }
}

/// The answer while the database is away. Logged here, once, with its cause.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn unavailable(error: Unavailable) -> Problem {
    tracing::warn!(%error, "the database is unavailable");
    Problem::unavailable()
}
