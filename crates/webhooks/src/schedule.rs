//! When a delivery is tried: fourteen times over about 68 hours.

use jiff::{SignedDuration, Timestamp};
use waybill_jobs::Backoff;

/// Attempts of a delivery; after the last it is dead, shown, and can be replayed.
pub const ATTEMPTS: u32 = 14;
/// Refusals of a lane's head, while its webhook takes other lanes, after which the lane moves on.
pub const REFUSALS_THAT_FREE_A_LANE: u32 = 5;

/// Before attempt n (from the second on): 30 s × 2^(n−2), strayed by up to a fifth, so that
/// deliveries that failed together do not come back together.
const WAIT: Backoff = Backoff {
    first: SignedDuration::from_secs(30),
    longest: SignedDuration::from_secs(122_880),
    jitter_percent: 20,
};

/// When the next attempt is made after this many; `None` after the last.
pub fn next_attempt(now: Timestamp, attempts: u32, limit: u32, random: f64) -> Option<Timestamp> {
    (attempts < limit).then(|| now + WAIT.wait(attempts, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_attempts_span_245730_seconds() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut attempts = 1;
        while let Some(next) = next_attempt(now, attempts, ATTEMPTS, 0.5) {
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!((attempts, now.as_second()), (14, 245_730));
    }
}
