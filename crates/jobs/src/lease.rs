//! The lease of a job while it is worked on.

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

    /// Runs a renewal unless the worker is committing.
    pub(crate) async fn renew<F, R>(&self, renewal: F)
    where
        F: FnOnce(JobHandle) -> R,
        R: Future<Output = Option<JobHandle>>,
    {
        let mut state = self.state.lock().await;
        if state.sealed {
            return;
        }
        if let Some(handle) = renewal(state.handle).await {
            state.handle = handle;
        }
    }
}
