//! A worker's desk: how much work is on it, and when it is worth looking for more.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::Worker;

/// One claim takes at most this many jobs: a claim costs about the same for one as for a hundred.
const CLAIM_LIMIT: usize = 100;
/// How long nobody looks at most without a hint.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// So short a sleep would be none.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
/// A busy desk with room for a few waits so long for more room: jobs that were claimed together often
/// end together, and a claim for each would cost as much as the jobs.
const GATHER: Duration = Duration::from_millis(5);
/// The part of the desk, in quarters, that is more than a few.
const FEW_QUARTERS: usize = 3;

/// The desk of one worker.
pub struct Desk {
    worker: Arc<dyn Worker>,
    under_way: usize,
    look_at: Instant,
    /// The last claim got all that it asked for.
    expects_more: bool,
}

impl Desk {
    /// An empty one.
    pub fn new(worker: Arc<dyn Worker>) -> Self {
        Self {
            worker,
            under_way: 0,
            look_at: Instant::now(),
            expects_more: false,
        }
    }

    /// Whose it is.
    pub fn worker(&self) -> &Arc<dyn Worker> {
        &self.worker
    }

    /// When to look for jobs, if nothing happens before.
    pub fn look_at(&self) -> Instant {
        if self.room() == 0 {
            // An end is what it waits for.
            Instant::now() + LONGEST_SLEEP
        } else {
            self.look_at
        }
    }

    /// How many jobs it wants now.
    pub fn wanted(&self, now: Instant) -> usize {
        if now < self.look_at {
            0
        } else {
            self.room().min(CLAIM_LIMIT)
        }
    }

    /// Whether more jobs are probably due, so that there is no need to look before claiming.
    pub fn expects_more(&self) -> bool {
        self.expects_more
    }

    /// A claim gave work to do at once; whether it got all the jobs that it asked for.
    pub fn claimed(&mut self, work: usize, got_all: bool) {
        self.under_way += work;
        self.expects_more = got_all;
        self.look_at = Instant::now();
    }

    /// Nothing is due for so long, or nobody can tell.
    pub fn nothing_until(&mut self, wait: Option<SignedDuration>) {
        let wait = wait.map_or(LONGEST_SLEEP, |wait| {
            Duration::try_from(wait).unwrap_or(Duration::ZERO)
        });
        self.expects_more = false;
        self.look_at = Instant::now() + wait.clamp(SHORTEST_SLEEP, LONGEST_SLEEP);
    }

    /// Jobs may have come. Where more were due anyway that is no news.
    pub fn hint(&mut self) {
        if !self.expects_more {
            self.look_at = Instant::now();
        }
    }

    /// A job ended.
    pub fn ended(&mut self) {
        let was_full = self.room() == 0;
        self.under_way = self.under_way.saturating_sub(1);
        if self.room() * 4 >= self.worker.concurrency() * FEW_QUARTERS {
            if self.expects_more {
                self.look_at = Instant::now();
            }
        } else if was_full {
            self.look_at = Instant::now() + GATHER;
        }
    }

    fn room(&self) -> usize {
        self.worker.concurrency().saturating_sub(self.under_way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Done, Held};
    use async_trait::async_trait;

    struct Eight;

    #[async_trait]
    impl Worker for Eight {
        fn kind(&self) -> &'static str {
            "eight"
        }

        fn concurrency(&self) -> usize {
            8
        }

        async fn run(&self, _: &Held) -> Done {
            Done::Nothing
        }
    }

    fn full() -> Desk {
        let mut desk = Desk::new(Arc::new(Eight));
        assert_eq!(desk.wanted(Instant::now()), 8);
        desk.claimed(8, true);
        assert_eq!(desk.wanted(Instant::now()), 0);
        desk
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_desk_gathers_room_before_it_claims() {
        let mut desk = full();
        desk.ended();
        assert_eq!(desk.wanted(Instant::now()), 0, "a little later");
        desk.hint();
        assert_eq!(desk.wanted(Instant::now()), 0, "a hint is no news");
        for _ in 0..5 {
            desk.ended();
        }
        assert_eq!(desk.wanted(Instant::now()), 6, "most of it is worth it");

        let mut desk = full();
        desk.ended();
        tokio::time::advance(GATHER).await;
        assert_eq!(desk.wanted(Instant::now()), 1, "nothing else ended");
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_is_due_nobody_looks_before_it_is() {
        let mut desk = Desk::new(Arc::new(Eight));
        desk.claimed(2, false);
        assert!(!desk.expects_more());
        desk.nothing_until(Some(SignedDuration::from_millis(300)));
        desk.ended();
        assert_eq!(desk.wanted(Instant::now()), 0, "an end brings no jobs");
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(desk.wanted(Instant::now()), 7);

        desk.nothing_until(Some(SignedDuration::from_hours(1)));
        tokio::time::advance(LONGEST_SLEEP).await;
        assert_eq!(desk.wanted(Instant::now()), 7, "others may have added some");

        desk.nothing_until(None);
        desk.hint();
        assert_eq!(desk.wanted(Instant::now()), 7);
    }
}
