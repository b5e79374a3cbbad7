//! A worker's desk: how much work is on it, and when it is worth looking for more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use tokio::{sync::Notify, time::Instant};

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

/// The desk of one worker.
pub struct Desk {
    worker: Arc<dyn Worker>,
    seats: Arc<Seats>,
    look_at: Instant,
    /// The last claim got all that it asked for.
    expects_more: bool,
    /// All seats were taken, and it was not noticed yet that some are free again.
    was_full: bool,
}

/// One for each job, or batch of jobs, that may be under way at once.
struct Seats {
    all: usize,
    taken: AtomicUsize,
    freed: Arc<Notify>,
}

/// Taken until it is dropped. Not each that comes free is told of, but the first one of a full desk, and the last.
pub struct Seat(Arc<Seats>);

impl Drop for Seat {
    fn drop(&mut self) {
        let taken = self.0.taken.fetch_sub(1, Ordering::AcqRel);
        if taken == 1 || taken == self.0.all {
            self.0.freed.notify_one();
        }
    }
}

impl Desk {
    /// An empty one, and what is told when its seats come free.
    pub fn new(worker: Arc<dyn Worker>, freed: Arc<Notify>) -> Self {
        let seats = Seats {
            all: worker.concurrency(),
            taken: AtomicUsize::new(0),
            freed,
        };
        Self {
            worker,
            seats: Arc::new(seats),
            look_at: Instant::now(),
            expects_more: false,
            was_full: false,
        }
    }

    /// Whose it is.
    pub fn worker(&self) -> &Arc<dyn Worker> {
        &self.worker
    }

    /// When to look for jobs, if nothing happens before.
    pub fn look_at(&self) -> Instant {
        if self.room() == 0 {
            // A free seat is what it waits for.
            Instant::now() + LONGEST_SLEEP
        } else {
            self.look_at
        }
    }

    /// How many jobs it wants now.
    pub fn wanted(&mut self, now: Instant) -> usize {
        let room = self.room();
        if self.expects_more && room == self.seats.all {
            self.look_at = now;
        } else if self.was_full && room > 0 {
            self.look_at = now + GATHER;
        }
        self.was_full &= room == 0;
        if now < self.look_at {
            0
        } else {
            room.min(CLAIM_LIMIT)
        }
    }

    /// Whether more jobs are probably due, so that there is no need to look before claiming.
    pub fn expects_more(&self) -> bool {
        self.expects_more
    }

    /// Jobs were claimed: as many seats as there is work to do at once, and whether it got all the jobs that it asked
    /// for.
    pub fn claimed(&mut self, work: usize, got_all: bool) -> Vec<Seat> {
        self.expects_more = got_all;
        self.look_at = Instant::now();
        self.seats.taken.fetch_add(work, Ordering::AcqRel);
        self.was_full = self.room() == 0;
        (0..work).map(|_| Seat(self.seats.clone())).collect()
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

    fn room(&self) -> usize {
        let taken = self.seats.taken.load(Ordering::Acquire);
        self.seats.all.saturating_sub(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Done, Held};
    use async_trait::async_trait;
    use futures_util::FutureExt;

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

    fn desk() -> Desk {
        Desk::new(Arc::new(Eight), Arc::default())
    }

    fn full() -> (Desk, Vec<Seat>) {
        let mut desk = desk();
        assert_eq!(desk.wanted(Instant::now()), 8);
        let seats = desk.claimed(8, true);
        assert_eq!(desk.wanted(Instant::now()), 0);
        (desk, seats)
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_desk_gathers_room_before_it_claims() {
        let (mut desk, mut seats) = full();
        seats.pop();
        assert_eq!(desk.wanted(Instant::now()), 0, "a little later");
        desk.hint();
        assert_eq!(desk.wanted(Instant::now()), 0, "a hint is no news");
        seats.truncate(2);
        assert_eq!(desk.wanted(Instant::now()), 0, "more may end");
        tokio::time::advance(GATHER).await;
        assert_eq!(desk.wanted(Instant::now()), 6, "they did not");

        let (mut desk, mut seats) = full();
        seats.pop();
        assert_eq!(desk.wanted(Instant::now()), 0, "a little later");
        drop(seats);
        assert_eq!(desk.wanted(Instant::now()), 8, "no more can end");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_seat_and_the_last_are_told_of() {
        let (mut desk, mut seats) = full();
        let freed = desk.seats.freed.clone();
        let mut told = 0;
        while seats.pop().is_some() {
            let notified = freed.notified().now_or_never();
            told += usize::from(notified.is_some());
        }
        assert_eq!(told, 2);
        assert_eq!(desk.wanted(Instant::now()), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_is_due_nobody_looks_before_it_is() {
        let mut desk = desk();
        let mut seats = desk.claimed(2, false);
        assert!(!desk.expects_more());
        desk.nothing_until(Some(SignedDuration::from_millis(300)));
        seats.pop();
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
