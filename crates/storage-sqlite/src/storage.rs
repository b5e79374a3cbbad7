//! The engine: reads where they are asked for, writes through the committer.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;
use waybill_model::{ApiKeyId, DeliveryId, OrganizationId, TrackingKey, WebhookId};
use waybill_storage::{
    ApiKeyRow, Claim, Commit, DeliveryAttemptRow, DeliveryFilter, DeliveryPage, DeliveryRow,
    EventRow, Job, JobHandle, NameQuery, NameRow, OrganizationRow, PollAttemptRow, PollCount,
    PollRow, Result, Storage, SweepBorders, TrackingFilter, TrackingPage, TrackingRow,
    TrackingView, Unavailable, WALK_BUDGET_ROWS, WebhookRow, WriteSet,
};

use crate::{
    OpenError, api_keys, backup,
    checkpoints::Checkpointer,
    claims::{self, Behind, Claimed, Looks},
    committer::{Committer, Verdict},
    connection::{Durability, open_writer},
    deliveries, events, jobs,
    lists::{self, Query},
    migrations, names, organizations, polls,
    readers::Readers,
    schedules, sweep, trackings,
    values::{Bytes, micros},
    webhooks, write_set,
};

/// A database in one file.
///
/// Dropping it commits what was submitted and ends its threads.
pub struct SqliteStorage {
    // In this order they end: the checkpointer speaks to the committer.
    _checkpointer: Checkpointer,
    committer: Committer,
    readers: Arc<Readers>,
    path: PathBuf,
    walk_budget_rows: usize,
    /// The latest instant of a claim: what was due then still is.
    reached: AtomicI64,
    looks: Mutex<Looks>,
    /// The folder of a throw-away database.
    _folder: Option<TempDir>,
}

impl SqliteStorage {
    /// Opens a database, making it and bringing it up to date as needed.
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        Self::start(path, Durability::Full, None)
    }

    /// A new database that is thrown away in the end: for tests and demonstrations. (A file in a
    /// temporary folder that no commit waits for: SQLite's own memory databases lock whole tables.)
    pub fn open_in_memory() -> std::result::Result<Self, OpenError> {
        let folder = TempDir::with_prefix("waybill-")?;
        Self::start(
            &folder.path().join("waybill.db"),
            Durability::None,
            Some(folder),
        )
    }

    /// Sets after how many refused rows a list ends early; for tests.
    #[must_use]
    pub fn with_walk_budget(mut self, rows: usize) -> Self {
        self.walk_budget_rows = rows;
        self
    }

    fn start(
        path: &Path,
        durability: Durability,
        folder: Option<TempDir>,
    ) -> std::result::Result<Self, OpenError> {
        let mut connection = open_writer(path, durability)?;
        migrations::migrate(&mut connection)?;
        let committer = Committer::start(connection)?;
        Ok(Self {
            _checkpointer: Checkpointer::start(path, durability, committer.queue())?,
            committer,
            readers: Arc::new(Readers::new(path)),
            path: path.to_owned(),
            walk_budget_rows: WALK_BUDGET_ROWS,
            reached: AtomicI64::new(i64::MIN),
            looks: Mutex::default(),
            _folder: folder,
        })
    }

    async fn claim_once(
        &self,
        claim: &Claim,
        taken: &[Job],
        behind: Option<Behind>,
    ) -> Result<Claimed> {
        let (claim, taken) = (claim.clone(), taken.to_vec());
        let work = move |connection: &Connection| {
            claims::claim(connection, &claim, &taken, behind.clone()).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    /// What waits behind a full window. Passes many rows, so not on the caller's thread.
    async fn look_past(&self, claim: &Claim, window: claims::Window) -> Result<Behind> {
        let (readers, claim) = (self.readers.clone(), claim.clone());
        apart("sqlite-look", move || {
            readers.snapshot(|connection| claims::look_past(connection, &claim, &window))
        })
        .await
    }

    fn looks(&self) -> std::sync::MutexGuard<'_, Looks> {
        // Only remembers what is checked again when it is used.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn commit(&self, set: WriteSet) -> Result<Commit> {
        self.committer
            .write(move |connection| write_set::apply(connection, &set))
            .await
    }

    async fn ready(&self) -> Result<()> {
        if !self.committer.is_working() {
            return Err(Unavailable("the thread that writes has ended".to_owned()));
        }
        match self.readers.read(migrations::version)? {
            Some(version) if version >= migrations::newest_version() => Ok(()),
            version => Err(Unavailable(format!(
                "the schema is at version {}",
                version.unwrap_or_default()
            ))),
        }
    }

    async fn organizations(&self) -> Result<Vec<OrganizationRow>> {
        self.readers.read(organizations::all)
    }

    async fn api_key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>> {
        self.readers
            .read(|connection| api_keys::by_hash(connection, hash))
    }

    async fn api_keys(&self, organization: OrganizationId) -> Result<Vec<ApiKeyRow>> {
        self.readers
            .read(|connection| api_keys::of_organization(connection, &bytes(organization)))
    }

    async fn touch_api_key(&self, id: ApiKeyId, at: Timestamp) -> Result<()> {
        self.committer
            .note(move |connection| api_keys::touch(connection, id, at).map(Verdict::Keep))
    }

    async fn tracking(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingRow>> {
        self.readers
            .read(|connection| trackings::one(connection, &bytes(organization), key))
    }

    async fn tracking_view(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Option<TrackingView>> {
        self.readers
            .read(|connection| trackings::view(connection, &bytes(organization), key))
    }

    async fn tracking_key_in_range(
        &self,
        organization: OrganizationId,
        from: TrackingKey,
        to: TrackingKey,
    ) -> Result<Option<TrackingKey>> {
        self.readers
            .read(|connection| trackings::key_in_range(connection, &bytes(organization), from, to))
    }

    async fn trackings_named(
        &self,
        organization: OrganizationId,
        name: &NameQuery,
    ) -> Result<Vec<NameRow>> {
        self.readers
            .read(|connection| names::find(connection, &bytes(organization), name))
    }

    async fn names_of(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Vec<NameRow>> {
        self.readers
            .read(|connection| names::of_tracking(connection, &bytes(organization), key))
    }

    async fn trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        before: Option<TrackingKey>,
        limit: usize,
        now: Timestamp,
    ) -> Result<TrackingPage> {
        let organization = &bytes(organization);
        let query = Query {
            organization,
            filter,
            now,
            walk_budget: self.walk_budget_rows,
        };
        self.readers
            .snapshot(|connection| lists::page(connection, query, before, limit))
    }

    async fn count_trackings(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        now: Timestamp,
    ) -> Result<u64> {
        let organization = &bytes(organization);
        let query = Query {
            organization,
            filter,
            now,
            walk_budget: self.walk_budget_rows,
        };
        self.readers
            .snapshot(|connection| lists::count(connection, query))
    }

    async fn polls(&self, organization: OrganizationId, key: TrackingKey) -> Result<Vec<PollRow>> {
        self.readers
            .read(|connection| polls::of_tracking(connection, &bytes(organization), key))
    }

    async fn poll_attempts(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
        limit: usize,
    ) -> Result<Vec<PollAttemptRow>> {
        self.readers
            .snapshot(|connection| polls::attempts(connection, &bytes(organization), key, limit))
    }

    async fn poll_counts(&self, from_day: i32) -> Result<Vec<PollCount>> {
        self.readers
            .read(|connection| polls::counts(connection, from_day))
    }

    async fn events_after(
        &self,
        organization: OrganizationId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>> {
        self.readers
            .read(|connection| events::after(connection, &bytes(organization), after, limit))
    }

    async fn event(&self, organization: OrganizationId, sequence: u64) -> Result<Option<EventRow>> {
        self.readers
            .read(|connection| events::one(connection, &bytes(organization), sequence))
    }

    async fn webhooks(&self, organization: OrganizationId) -> Result<Vec<WebhookRow>> {
        self.readers
            .read(|connection| webhooks::of_organization(connection, &bytes(organization)))
    }

    async fn webhook(
        &self,
        organization: OrganizationId,
        id: WebhookId,
    ) -> Result<Option<WebhookRow>> {
        self.readers
            .read(|connection| webhooks::one(connection, &bytes(organization), id))
    }

    async fn delivery(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<DeliveryRow>> {
        self.readers
            .read(|connection| deliveries::one(connection, &bytes(organization), id))
    }

    async fn lane_head(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tracking: TrackingKey,
    ) -> Result<Option<DeliveryRow>> {
        self.readers.read(|connection| {
            deliveries::lane_head(connection, &bytes(organization), webhook, tracking)
        })
    }

    async fn pending_deliveries(
        &self,
        organization: OrganizationId,
        webhook: WebhookId,
        tried: bool,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>> {
        self.readers.snapshot(|connection| {
            deliveries::pending(connection, &bytes(organization), webhook, tried, limit)
        })
    }

    async fn deliveries(
        &self,
        organization: OrganizationId,
        filter: &DeliveryFilter,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage> {
        let budget = self.walk_budget_rows;
        self.readers.read(|connection| {
            deliveries::page(
                connection,
                &bytes(organization),
                filter,
                before,
                limit,
                budget,
            )
        })
    }

    async fn delivery_attempts(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Vec<DeliveryAttemptRow>> {
        self.readers
            .read(|connection| deliveries::attempts(connection, &bytes(organization), id))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        self.reached.fetch_max(micros(claim.now), Ordering::Relaxed);
        let behind = self.looks().take(&claim.kinds, claim.now);
        let Claimed {
            mut jobs,
            hidden,
            behind,
        } = self.claim_once(&claim, &[], behind).await?;
        if let Some(behind) = behind {
            self.looks().keep(&claim.kinds, behind);
        }
        let Some(window) = hidden else {
            return Ok(jobs);
        };
        self.looks().begin(&claim.kinds, claim.now);
        let behind = self.look_past(&claim, window).await;
        let more = match behind {
            Ok(behind) => self.claim_once(&claim, &jobs, Some(behind)).await,
            Err(error) => Err(error),
        };
        match more {
            Ok(more) => {
                if let Some(behind) = more.behind {
                    self.looks().keep(&claim.kinds, behind);
                }
                jobs.extend(more.jobs);
            }
            // The jobs claimed first are leased: they are not given away for what came after.
            Err(error) => tracing::warn!(%error, "jobs behind a crowd could not be looked for"),
        }
        Ok(jobs)
    }

    async fn renew(
        &self,
        handles: Vec<JobHandle>,
        until: Timestamp,
    ) -> Result<Vec<(JobHandle, JobHandle)>> {
        let work = move |connection: &Connection| {
            let mut renewed = Vec::with_capacity(handles.len());
            for handle in &handles {
                renewed.extend(jobs::renew(connection, handle, until)?.map(|new| (*handle, new)));
            }
            Ok(Verdict::Keep(renewed))
        };
        self.committer.write(work).await
    }

    async fn next_due(&self, kinds: &[&str]) -> Result<Option<Timestamp>> {
        let reached = self.reached.load(Ordering::Relaxed);
        self.readers.snapshot(|connection| {
            let mut next: Option<Timestamp> = None;
            for kind in kinds {
                let due = jobs::next_due(connection, kind, reached)?;
                next = next.into_iter().chain(due).min();
            }
            Ok(next)
        })
    }

    async fn take_turn(&self, schedule: &str, now: Timestamp, next: Timestamp) -> Result<bool> {
        let schedule = schedule.to_owned();
        let work = move |connection: &Connection| {
            schedules::take_turn(connection, &schedule, now, next).map(Verdict::Keep)
        };
        self.committer.write(work).await
    }

    async fn sweep(&self, borders: &SweepBorders, limit: usize) -> Result<u64> {
        let borders = *borders;
        self.committer
            .write(move |connection| sweep::sweep(connection, &borders, limit).map(Verdict::Keep))
            .await
    }

    async fn backup(&self, file: &Path) -> Result<()> {
        let (database, file) = (self.path.clone(), file.to_owned());
        apart("sqlite-backup", move || backup::backup(&database, &file)).await
    }

    async fn flush(&self) -> Result<()> {
        self.committer.flush().await
    }
}

fn bytes(organization: OrganizationId) -> Bytes {
    organization.as_uuid().into_bytes()
}

/// Does long work on a thread of its own.
async fn apart<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (reply, answer) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || drop(reply.send(work())))
        .map_err(|error| Unavailable(error.to_string()))?;
    answer
        .await
        .unwrap_or_else(|_| Err(Unavailable(format!("the thread {name} broke"))))
}
