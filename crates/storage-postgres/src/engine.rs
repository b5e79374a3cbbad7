//! The engine: its connections, and what is shared between calls.

use tokio::sync::Mutex;
use waybill_storage::{Result, WALK_BUDGET_ROWS};

use crate::{
    OpenError, claims::Looks, committer::Committers, hints::Hints, migrations, pool::Pool, secrets,
    session::Session, setup::Setup, shared::Shared,
};

/// The name of the secret that seals the others.
const MASTER_KEY: &str = "master key";

/// A database on a PostgreSQL server, shared with other nodes.
///
/// Must be made, and used, within a Tokio runtime. When it is dropped its tasks commit what was
/// submitted, and end; a [`waybill_storage::Storage::flush`] before waits for it.
pub struct PostgresStorage {
    pub(crate) setup: Setup,
    pub(crate) committers: Committers,
    pub(crate) pool: Pool,
    pub(crate) shared: Shared,
    pub(crate) hints: Hints,
    pub(crate) walk_budget_rows: usize,
    /// One claim of a process at a time: two at once would choose the same jobs.
    pub(crate) looks: Mutex<Looks>,
}

impl PostgresStorage {
    /// Connects to `postgres://user:password@host/database` and brings the database up to date as
    /// needed.
    pub async fn connect(url: &str) -> std::result::Result<Self, OpenError> {
        let mut setup = Setup::parse(url)?;
        let session = Session::connect(&setup).await?.patiently().await?;
        migrations::migrate(&session).await?;
        setup.is_distributed = migrations::is_distributed(&session).await?;
        drop(session);
        Ok(Self {
            committers: Committers::start(&setup),
            pool: Pool::new(setup.clone()),
            shared: Shared::new(setup.clone()),
            hints: Hints::new(setup.clone()),
            setup,
            walk_budget_rows: WALK_BUDGET_ROWS,
            looks: Mutex::default(),
        })
    }

    /// Sets after how many refused rows a list ends early; for tests.
    #[must_use]
    pub fn with_walk_budget(mut self, rows: usize) -> Self {
        self.walk_budget_rows = rows;
        self
    }

    /// The key that seals secrets, shared by all nodes: the one in the database, or, where there is
    /// none yet, this one, which is then kept there. True if it was kept now.
    pub async fn master_key(&self, made: &[u8; 32]) -> Result<(Vec<u8>, bool)> {
        let session = self.shared.get().await?;
        Ok(secrets::keep(&session, MASTER_KEY, made).await?)
    }
}
