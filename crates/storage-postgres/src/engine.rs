//! The engine: its connections, and what is shared between calls.

use std::{error::Error, time::Duration};

use tokio::sync::Mutex;
use tokio_postgres::{Config, config::SslMode};
use waybill_storage::{Result, WALK_BUDGET_ROWS};

use crate::{
    OpenError,
    claims::Looks,
    committer::Committers,
    migrations,
    pool::Pool,
    secrets,
    session::{CONNECT_WITHIN, Session},
};

/// After so long without an acknowledgement a connection counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(10);
/// The name of the secret that seals the others.
const MASTER_KEY: &str = "master key";

/// A database on a PostgreSQL server, shared with other nodes.
///
/// Must be made, and used, within a Tokio runtime. When it is dropped its tasks commit what was
/// submitted, and end; a [`waybill_storage::Storage::flush`] before waits for it.
pub struct PostgresStorage {
    pub(crate) committers: Committers,
    pub(crate) pool: Pool,
    pub(crate) walk_budget_rows: usize,
    /// One claim of a process at a time: two at once would choose the same jobs.
    pub(crate) looks: Mutex<Looks>,
}

impl PostgresStorage {
    /// Connects to `postgres://user:password@host/database` and brings the database up to date as
    /// needed.
    pub async fn connect(url: &str) -> std::result::Result<Self, OpenError> {
        let config = configure(url)?;
        let session = Session::connect(&config).await?.patiently().await?;
        migrations::migrate(&session).await?;
        drop(session);
        Ok(Self {
            committers: Committers::start(&config),
            pool: Pool::new(config),
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
        let session = self.pool.get().await?;
        Ok(secrets::keep(&session, MASTER_KEY, made).await?)
    }
}

fn configure(url: &str) -> std::result::Result<Config, OpenError> {
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        let reason = error.source().map(ToString::to_string);
        OpenError::Address(reason.unwrap_or_else(|| "not an address".to_owned()))
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(OpenError::Tls);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WITHIN);
    }
    if config.get_application_name().is_none() {
        config.application_name("waybill");
    }
    config.keepalives_idle(LOST_AFTER);
    config.tcp_user_timeout(LOST_AFTER);
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_or_refused_without_their_password() {
        assert!(configure("postgres://waybill:secret@localhost/waybill?sslmode=disable").is_ok());
        assert!(configure("postgresql://localhost:5433/waybill").is_ok());
        assert!(matches!(
            configure("postgres://localhost/waybill?sslmode=require"),
            Err(OpenError::Tls)
        ));
        for url in [
            "postgres://waybill:secret@localhost:port/waybill",
            "postgres://waybill:secret@localhost/waybill?colour=red",
            "postgres://waybill:secret@[::1",
        ] {
            let error = configure(url).unwrap_err();
            assert!(matches!(error, OpenError::Address(_)), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
