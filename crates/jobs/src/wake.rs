//! A hint that jobs were added, so that the runner need not wait for its next look.

use std::sync::Arc;

use tokio::sync::Notify;

/// Shared by whoever commits jobs and the runner. Only a hint: the runner looks by itself, too.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Tells the runner to look.
    pub fn up(&self) {
        self.0.notify_one();
    }

    /// Waits for the hint; one that came before is not lost.
    pub async fn asleep(&self) {
        self.0.notified().await;
    }
}
