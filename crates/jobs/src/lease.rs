//! The lease of a job while it is worked on.

use std::collections::HashMap;

use tokio::sync::Mutex;
use waybill_storage::{JobChange, JobHandle};

/// Held by the worker; renewed by the runner until the worker takes it to commit.
#[derive(Debug)]
pub struct Lease {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    handle: JobHandle,
    sealed: bool,
}

impl Lease {
    /// The lease of a claimed job.
    pub fn new(handle: JobHandle) -> Self {
        Self {
            state: Mutex::new(State {
                handle,
                sealed: false,
            }),
        }
    }

    /// Ends the job in the commit this goes into. Renewal stops: the handle must stay the same
    /// until the commit, for which a good half of the lease is left.
    pub async fn finish(&self) -> JobChange {
        JobChange::Finish(self.seal().await)
    }

    /// Makes the job come due again at this time, in the commit this goes into.
    pub async fn put_off(&self, until: jiff::Timestamp) -> JobChange {
        JobChange::PutOff(self.seal().await, until)
    }

    /// The commit was a conflict and the work goes on: the lease may be renewed again.
    pub async fn unseal(&self) {
        self.state.lock().await.sealed = false;
    }

    async fn seal(&self) -> JobHandle {
        let mut state = self.state.lock().await;
        state.sealed = true;
        state.handle
    }
}

/// Renews leases, but for those that a worker is about to commit. Their workers wait meanwhile with their commits.
/// The renewal is given the handles and answers which of them are which now.
pub(crate) async fn renew_all<'a>(
    leases: impl Iterator<Item = &'a Lease>,
    renewal: impl AsyncFnOnce(Vec<JobHandle>) -> Vec<(JobHandle, JobHandle)>,
) {
    let mut open: Vec<_> = leases
        // One that is locked is being sealed.
        .filter_map(|lease| lease.state.try_lock().ok())
        .filter(|state| !state.sealed)
        .collect();
    if open.is_empty() {
        return;
    }
    let handles = open.iter().map(|state| state.handle).collect();
    let renewed: HashMap<_, _> = renewal(handles).await.into_iter().collect();
    for state in &mut open {
        if let Some(new) = renewed.get(&state.handle) {
            state.handle = *new;
        }
    }
}
