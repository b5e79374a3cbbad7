//! What a runner has under way, and the leases of it, which are renewed together.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::SignedDuration;
use tokio::{
    task::{self, JoinError, JoinSet},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use waybill_model::Clock;
use waybill_storage::Storage;

use crate::{Held, Worker, desk::Seat, lease};

/// A crash holds a job up no longer than this.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(10);
/// What is held for so long is renewed, at the next turn of as many seconds: well before its lease ends, so that
/// one slow commit does not lose it, and all in one write.
const RENEW_EVERY: Duration = Duration::from_secs(2);

/// What was claimed to be done in one go, with its worker.
pub(crate) struct Claimed {
    pub worker: Arc<dyn Worker>,
    pub held: Vec<Held>,
    pub at: Instant,
}

/// By its task.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashMap<task::Id, Arc<Claimed>>>);

impl UnderWay {
    /// Starts a task that does what was claimed, in a seat.
    pub fn start<W>(
        &self,
        tasks: &mut JoinSet<()>,
        (claimed, seat): (Claimed, Seat),
        work: impl FnOnce(Arc<Claimed>) -> W,
    ) where
        W: Future<Output = ()> + Send + 'static,
    {
        let claimed = Arc::new(claimed);
        let work = work(claimed.clone());
        let task = tasks.spawn(async move {
            let _seat = seat;
            work.await;
        });
        self.all().insert(task.id(), claimed);
    }

    /// A task has ended.
    pub fn end(&self, ended: &Result<(task::Id, ()), JoinError>) {
        let (id, broke) = match ended {
            Ok((id, ())) => (*id, false),
            Err(error) => (error.id(), true),
        };
        let claimed = self.all().remove(&id);
        if broke && let Some(claimed) = claimed {
            let kind = claimed.worker.kind();
            tracing::error!(kind, "a worker broke; the job's lease will end by itself");
        }
    }

    /// What is left.
    pub fn drain(&self) -> Vec<Arc<Claimed>> {
        self.all().drain().map(|(_, claimed)| claimed).collect()
    }

    /// Renews leases until it is over, but never half: what was renewed is known to who holds it.
    pub async fn keep_leases(
        &self,
        storage: &dyn Storage,
        clock: &dyn Clock,
        over: &CancellationToken,
    ) {
        while let Some(()) = over
            .run_until_cancelled(tokio::time::sleep(RENEW_EVERY))
            .await
        {
            let old = self.held_for(RENEW_EVERY);
            let leases = old.iter().flat_map(|claimed| &claimed.held);
            let leases = leases.map(|held| &held.lease);
            lease::renew_all(leases, async |handles| {
                match storage.renew(handles, clock.now() + LEASE).await {
                    Ok(renewed) => renewed,
                    Err(error) => {
                        tracing::warn!(%error, "leases could not be renewed");
                        Vec::new()
                    }
                }
            })
            .await;
        }
    }

    fn held_for(&self, long: Duration) -> Vec<Arc<Claimed>> {
        let all = self.all();
        let old = all.values().filter(|claimed| claimed.at.elapsed() >= long);
        old.cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<task::Id, Arc<Claimed>>> {
        // A map stays whole whoever breaks.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
