//! How long to wait before the next try.

use jiff::SignedDuration;

/// Doubling waits with a ceiling and jitter.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The first wait.
    pub first: SignedDuration,
    /// No wait is longer.
    pub longest: SignedDuration,
    /// How far a wait may stray, in percent of it.
    pub jitter_percent: u32,
}

impl Backoff {
    /// The wait after this many failures (1 = the first), strayed by a number from 0 to 1.
    pub fn wait(&self, failures: u32, random: f64) -> SignedDuration {
        let doublings = failures.saturating_sub(1).min(30);
        let seconds = self.first.as_secs_f64() * f64::from(1_u32 << doublings);
        let wait = seconds.min(self.longest.as_secs_f64());
        let stray = f64::from(self.jitter_percent) / 100.0 * (2.0 * random.clamp(0.0, 1.0) - 1.0);
        SignedDuration::from_secs_f64(wait * (1.0 + stray))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_ceiling() {
        let backoff = Backoff {
            first: SignedDuration::from_secs(30),
            longest: SignedDuration::from_secs(3600),
            jitter_percent: 20,
        };
        let seconds = |failures, random| backoff.wait(failures, random).as_secs();
        assert_eq!(
            [seconds(1, 0.5), seconds(2, 0.5), seconds(3, 0.5)],
            [30, 60, 120]
        );
        assert_eq!(seconds(40, 0.5), 3600);
        assert_eq!([seconds(1, 0.0), seconds(1, 1.0)], [24, 36]);
    }
}
