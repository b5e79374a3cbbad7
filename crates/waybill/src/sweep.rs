//! Old log rows are deleted once an hour, by whichever node takes the turn.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use waybill_jobs::Schedule;
use waybill_service::Service;
use waybill_storage::SweepBorders;

/// Rows deleted in one commit: a large one would hold up everybody's writes.
const ROWS_PER_COMMIT: usize = 1_000;
/// Commits of one turn; what is left waits for the next.
const COMMITS_PER_TURN: usize = 1_000;

/// Deletes what is older than the retention.
pub struct Sweep {
    service: Service,
    log_days: i64,
}

impl Sweep {
    /// A sweep that keeps logs for this many days.
    pub fn new(service: Service, log_days: i64) -> Self {
        Self { service, log_days }
    }
}

#[async_trait]
impl Schedule for Sweep {
    fn name(&self) -> &'static str {
        "sweep"
    }

    fn every(&self) -> SignedDuration {
        SignedDuration::from_hours(1)
    }

    async fn run(&self, now: Timestamp) -> Result<(), String> {
        let border = now - SignedDuration::from_hours(24 * self.log_days);
        let borders = SweepBorders {
            poll_attempts: border,
            events: border,
            deliveries: border,
            once: now,
        };
        for _ in 0..COMMITS_PER_TURN {
            let deleted = self
                .service
                .storage()
                .sweep(&borders, ROWS_PER_COMMIT)
                .await
                .map_err(|error| error.to_string())?;
            if deleted == 0 {
                break;
            }
        }
        Ok(())
    }
}
