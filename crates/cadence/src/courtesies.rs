//! What is asked besides the rhythm, and left where calls are dear.

use crate::{Price, wait::LONGEST_MINUTES};

/// Where a call is worth more than this (the budget is short), what is only welcome is left.
const DEAR: Price = Price(1.0);
/// A number is often announced before the courier knows it. In its first hours it is asked for hourly at least.
const FRESH_MINUTES: i64 = 6 * 60;
const FRESH_EVERY_MINUTES: i64 = 60;
/// After the delivery the courier is asked twice more, for the name, the picture and corrections. Where calls are dear,
/// the later time has to do.
const PROOF_MINUTES: [i64; 2] = [2 * 60, 20 * 60];
/// An asking that took a free place before a look was due counts as the look after this part of its time.
const PROOF_EARLY: f64 = 0.5;

/// The longest wait for a parcel with so many scans, so many minutes after it was begun to be followed.
pub fn longest(price: Price, scans: usize, followed_for: i64) -> i64 {
    if scans == 0 && followed_for < FRESH_MINUTES && price <= DEAR {
        FRESH_EVERY_MINUTES
    } else {
        LONGEST_MINUTES
    }
}

/// When the courier is asked next about a parcel that was delivered, in minutes since that was learned; so many have
/// passed. `None`: not any more.
pub fn proof(price: Price, passed: i64) -> Option<i64> {
    let looks = PROOF_MINUTES.iter().copied();
    looks
        .skip(usize::from(price > DEAR))
        .find(|look| (passed as f64) < *look as f64 * PROOF_EARLY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivered_parcel_is_looked_at_twice_and_once_where_calls_are_dear() {
        let (cheap, dear) = (Price(0.4), Price(2.0));
        let looks = |price| [0, 90, 120, 700].map(|passed| proof(price, passed));
        assert_eq!(looks(cheap), [Some(120), Some(1_200), Some(1_200), None]);
        assert_eq!(looks(dear), [Some(1_200), Some(1_200), Some(1_200), None]);
    }

    #[test]
    fn a_fresh_number_is_asked_for_hourly_unless_calls_are_dear() {
        assert_eq!(longest(Price(0.4), 0, 60), 60);
        for (price, scans, passed) in [(2.0, 0, 60), (0.4, 1, 60), (0.4, 0, 6 * 60)] {
            assert_eq!(longest(Price(price), scans, passed), LONGEST_MINUTES);
        }
    }
}
