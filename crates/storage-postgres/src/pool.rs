//! Connections for transactions that are no write sets: claims, renewals, sweeps.
//!
//! They are a stack, the last used on top with its statements prepared. One that broke, or whose
//! caller went away within a transaction, is thrown away.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Semaphore, SemaphorePermit};
use waybill_storage::{Result, Unavailable};

use crate::{session::Session, setup::Setup};

/// Connections of one process: what needs them is done by one task of a kind.
const CONNECTIONS: usize = 4;
/// How long a call waits for a connection before it says that the database is busy.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);

/// The connections.
pub struct Pool {
    setup: Setup,
    idle: Mutex<Vec<Arc<Session>>>,
    free: Semaphore,
}

impl Pool {
    /// A pool; no connection is made yet.
    pub fn new(setup: Setup) -> Self {
        Self {
            setup,
            idle: Mutex::default(),
            free: Semaphore::new(CONNECTIONS),
        }
    }

    /// A connection for one call.
    pub async fn get(&self) -> Result<Lent<'_>> {
        let permit = tokio::time::timeout(WAIT_FOR_CONNECTION, self.free.acquire())
            .await
            .map_err(|_| Unavailable("all connections to the database are busy".to_owned()))?
            .map_err(|_| Unavailable("the database was closed".to_owned()))?;
        let session = match self.usable() {
            Some(session) => session,
            None => Arc::new(Session::connect(&self.setup).await?.for_batches().await?),
        };
        Ok(Lent {
            pool: self,
            session,
            _permit: permit,
        })
    }

    fn usable(&self) -> Option<Arc<Session>> {
        let mut idle = self.idle();
        while let Some(session) = idle.pop() {
            if session.is_free() {
                return Some(session);
            }
        }
        None
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Session>>> {
        // A stack of connections is whole at every moment.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lent connection; it goes back by itself.
pub struct Lent<'a> {
    pool: &'a Pool,
    session: Arc<Session>,
    _permit: SemaphorePermit<'a>,
}

impl Deref for Lent<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if self.session.is_free() {
            self.pool.idle().push(self.session.clone());
        }
    }
}
