//! What a courier's daily budget makes a call worth.

use serde::{Deserialize, Serialize};

use crate::Price;

/// So much of a budget is planned with; the rest is for what nobody foresees.
const PLANNED: f64 = 0.95;
/// This part of a day's budget may be spent ahead of the day.
const AHEAD: f64 = 0.3;

/// What was wanted of a courier in the last day, hour by hour.
///
/// Each asking answers for the density of asking since the one before ([`crate::worth`]). Their sum over a day is what
/// all parcels together want, whatever the price: divided by the askings a day may have, it is the price at which the
/// budget just suffices. So calls are made when they are worth most, and the price does not swing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Purse {
    /// Hours since the epoch of the clock, of the last of `wanted`.
    hour: i64,
    wanted: [f64; 24],
}

impl Purse {
    /// Notes an asking at a minute, and what it was worth.
    pub fn note(&mut self, minute: i64, wanted: Price) {
        self.turn(minute);
        self.wanted[23] += wanted.0;
    }

    /// The price at which so many askings a day suffice; no lower than `least`.
    pub fn price(&mut self, minute: i64, least: Price, askings_a_day: f64) -> Price {
        self.turn(minute);
        let wanted: f64 = self.wanted.iter().sum();
        let price = wanted / (askings_a_day * PLANNED).max(1.0);
        Price(price.max(least.0))
    }

    fn turn(&mut self, minute: i64) {
        let hour = minute.div_euclid(60);
        let passed = usize::try_from(hour - self.hour).unwrap_or(0).min(24);
        self.wanted.rotate_left(passed % 24);
        for wanted in self.wanted.iter_mut().rev().take(passed) {
            *wanted = 0.0;
        }
        self.hour = self.hour.max(hour);
    }
}

/// How much of a day's budget may be spent when so much of the day has passed (0 to 1): the rest of the day gets
/// its part.
pub fn spendable(a_day: u32, passed: f64) -> u32 {
    (f64::from(a_day) * (passed + AHEAD).min(1.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DAY;

    #[test]
    fn the_price_is_what_makes_the_budget_suffice() {
        let mut purse = Purse::default();
        let least = Price(0.4);
        for minute in (0..2 * DAY).step_by(6) {
            purse.note(minute, Price(1.0));
        }
        // 240 askings a day at 1.0 are wanted: with 120, each has to be worth twice as much.
        let price = purse.price(2 * DAY, least, 120.0).0;
        assert!((1.9..2.3).contains(&price), "{price}");
        let enough = purse.price(2 * DAY, least, 10_000.0);
        assert_eq!(enough, least);
        // What was wanted the day before is forgotten.
        assert_eq!(purse.price(4 * DAY, least, 1.0), least);
    }

    #[test]
    fn a_clock_that_jumps_back_breaks_nothing() {
        let mut purse = Purse::default();
        purse.note(10 * DAY, Price(5.0));
        purse.note(0, Price(5.0));
        let price = purse.price(i64::MIN / 2, Price(0.1), 100.0);
        assert!(price.0.is_finite());
    }

    #[test]
    fn the_rest_of_the_day_gets_its_part() {
        assert_eq!(spendable(100, 0.0), 30);
        assert_eq!(spendable(100, 0.5), 80);
        assert_eq!(spendable(100, 0.9), 100);
    }
}
