//! What runs by the clock, once over all nodes.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

/// Something that is done every so often by whichever node takes the turn first.
#[async_trait]
pub trait Schedule: Send + Sync + 'static {
    /// Unique name; the turn is kept under it.
    fn name(&self) -> &'static str;

    /// From one turn to the next.
    fn every(&self) -> SignedDuration;

    /// Does it. What fails is logged by the runner and waits for the next turn.
    async fn run(&self, now: Timestamp) -> Result<(), String>;
}
