//! The engine: its threads, and what is shared between calls.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::oneshot;
use waybill_model::OrganizationId;
use waybill_storage::{Claim, Job, Result, TrackingFilter, Unavailable, WALK_BUDGET_ROWS};

use crate::{
    OpenError,
    accounted::Accounted,
    checkpoints::Checkpointer,
    claims::{self, Behind, Claimed, Looks},
    committer::{Committer, Verdict, Witness},
    connection::{Durability, open_reader, open_writer},
    known_resources::KnownResources,
    known_views::KnownViews,
    known_webhooks::KnownWebhooks,
    lists::Query,
    migrations,
    organization_numbers::{KnownNumbers, Organization},
    presence::Presence,
    readers::Readers,
    transaction::Transaction,
    values::micros,
};

/// A database in one file.
///
/// Dropping it commits what was submitted and ends its threads.
pub struct SqliteStorage {
    // In this order they end: the checkpointer speaks to the committer.
    _checkpointer: Checkpointer,
    pub(crate) committer: Committer,
    pub(crate) readers: Arc<Readers>,
    pub(crate) numbers: KnownNumbers,
    pub(crate) webhooks: Arc<KnownWebhooks>,
    pub(crate) presence: Presence,
    pub(crate) views: Arc<KnownViews>,
    pub(crate) resources: Arc<KnownResources>,
    // Its file is to be closed after all connections.
    pub(crate) accounted: Arc<Accounted>,
    pub(crate) path: PathBuf,
    pub(crate) walk_budget_rows: usize,
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
        migrations::check(&open_reader(path)?)?;
        let mut connection = open_writer(path, durability)?;
        migrations::migrate(&mut connection)?;
        let webhooks = Arc::<KnownWebhooks>::default();
        let accounted = Arc::new(Accounted::of(path));
        let views = Arc::new(KnownViews::new(accounted.clone()));
        let resources = Arc::new(KnownResources::new(accounted.clone()));
        let witness = Known {
            accounted: accounted.clone(),
            webhooks: webhooks.clone(),
            views: views.clone(),
            resources: resources.clone(),
        };
        let committer = Committer::start(connection, durability, witness)?;
        Ok(Self {
            _checkpointer: Checkpointer::start(path, durability, committer.queue())?,
            committer,
            readers: Arc::new(Readers::new(path)),
            numbers: KnownNumbers::default(),
            webhooks,
            views,
            resources,
            accounted,
            presence: Presence::of(path),
            path: path.to_owned(),
            walk_budget_rows: WALK_BUDGET_ROWS,
            reached: AtomicI64::new(i64::MIN),
            looks: Mutex::default(),
            _folder: folder,
        })
    }

    /// The latest instant that a claim was made at.
    pub(crate) fn reached(&self) -> i64 {
        self.reached.load(Ordering::Relaxed)
    }

    /// Claims jobs; behind a full window it looks for others first, unless someone just did.
    pub(crate) async fn claim_fairly(&self, claim: &Claim) -> Result<Vec<Job>> {
        self.reached.fetch_max(micros(claim.now), Ordering::Relaxed);
        let behind = self.looks().take(&claim.kinds, claim.now);
        let Claimed {
            mut jobs,
            hiding,
            behind,
        } = self.claim_once(claim, &[], behind).await?;
        if let Some(behind) = behind {
            self.looks().keep(&claim.kinds, behind);
        }
        let Some(window) = hiding else {
            return Ok(jobs);
        };
        self.looks().begin(&claim.kinds, claim.now);
        let behind = self.look_past(claim, window).await;
        let more = match behind {
            Ok(behind) => self.claim_once(claim, &jobs, Some(behind)).await,
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

    async fn claim_once(
        &self,
        claim: &Claim,
        taken: &[Job],
        behind: Option<Behind>,
    ) -> Result<Claimed> {
        let (claim, taken) = (claim.clone(), taken.to_vec());
        let work = move |connection: &Transaction<'_>| {
            claims::claim(connection, &claim, &taken, behind.clone()).map(Verdict::Keep)
        };
        // Jobs whose leases a loss of power takes back only come due sooner.
        self.committer.write_lightly(work).await
    }

    /// What waits behind a full window. Passes many rows, so not on the caller's thread.
    async fn look_past(&self, claim: &Claim, window: claims::Hiding) -> Result<Behind> {
        let (readers, claim) = (self.readers.clone(), claim.clone());
        apart("sqlite-look", move || {
            readers.snapshot(|connection| claims::look_past(connection, &claim, &window))
        })
        .await
    }

    /// An organization by both its names, as far as it has them.
    pub(crate) fn numbered(&self, organization: OrganizationId) -> Result<Organization> {
        match self.numbers.known(organization) {
            Some(known) => Ok(known),
            None => self
                .readers
                .read(|connection| self.numbers.find(connection, organization)),
        }
    }

    /// Reads from the tables that name organizations by their numbers, in one statement.
    pub(crate) fn read_of<T>(
        &self,
        organization: OrganizationId,
        read: impl FnOnce(&Connection, &Organization) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.readers.read(|connection| {
            let organization = self.numbers.find(connection, organization)?;
            read(connection, &organization)
        })
    }

    /// A question about the trackings of an organization.
    pub(crate) fn query<'a>(
        &self,
        organization: &'a Organization,
        filter: &'a TrackingFilter,
        now: Timestamp,
    ) -> Query<'a> {
        Query {
            organization,
            filter,
            now,
            walk_budget: self.walk_budget_rows,
            known: &|_| None,
        }
    }

    fn looks(&self) -> std::sync::MutexGuard<'_, Looks> {
        // Only remembers what is checked again when it is used.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is remembered of the database, as the committer keeps it true.
struct Known {
    accounted: Arc<Accounted>,
    webhooks: Arc<KnownWebhooks>,
    views: Arc<KnownViews>,
    resources: Arc<KnownResources>,
}

impl Witness for Known {
    fn begun(&self, others_wrote: bool) {
        self.webhooks.begin(others_wrote);
        self.accounted.begin(others_wrote);
    }

    fn ended(&self, others_wrote: &dyn Fn() -> bool) {
        self.accounted.end(others_wrote, || {
            self.views.end();
            self.resources.end();
        });
    }
}

/// Does long work on a thread of its own.
pub(crate) async fn apart<T: Send + 'static>(
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
