//! The learned cadence against fixed ones, on the same journeys.

use waybill_cadence::Price;

use crate::{
    couriers::Courier,
    journeys::journeys,
    judge,
    run::{Outcome, Policy, run},
};

/// The fixed cadences compared with, in hours; the goals speak of the second.
pub const FIXED_HOURS: [i64; 3] = [2, 3, 4];
const REFERENCE: usize = 1;
/// Prices tried to come near the wanted number of calls or delay.
const TRIALS: usize = 8;
/// Prices lie between these.
const PRICES: (f64, f64) = (0.02, 10.0);

/// What came of one courier under one seed.
pub struct Contest {
    /// The courier's name.
    pub slug: &'static str,
    /// Parcels.
    pub parcels: usize,
    /// The fixed cadences, as [`FIXED_HOURS`].
    pub fixed: Vec<Outcome>,
    /// The learned one at no more calls than the reference, and the price that took.
    pub equal_calls: (f64, Outcome),
    /// Its calls at no more delay than the reference, if any price reached that.
    pub calls_at_equal_delay: Option<u64>,
    /// The most that any of all runs took of a budget; 1 is the whole.
    pub fullest: f64,
}

impl Contest {
    /// The fixed cadence of three hours.
    pub fn reference(&self) -> &Outcome {
        &self.fixed[REFERENCE]
    }

    /// Calls a parcel of the reference.
    pub fn calls(&self) -> f64 {
        self.reference().calls as f64 / self.parcels as f64
    }

    /// The ninth decile of the delay against the reference's, at equal calls.
    pub fn p90_ratio(&self) -> f64 {
        judge::p90(&self.equal_calls.1) / judge::p90(self.reference()).max(1.0)
    }

    /// Median delay against the reference's, at equal calls.
    pub fn delay_ratio(&self) -> f64 {
        judge::median(&self.equal_calls.1) / judge::median(self.reference()).max(1.0)
    }

    /// Calls against the reference's, at equal median delay.
    pub fn calls_ratio(&self) -> f64 {
        let calls = self
            .calls_at_equal_delay
            .map_or(f64::INFINITY, |calls| calls as f64);
        calls / self.reference().calls as f64
    }
}

/// Lives through the courier's journeys under every policy.
pub fn contest(courier: &Courier, seed: u64) -> Contest {
    let journeys = journeys(courier, seed);
    let mut fullest = 0.0_f64;
    let mut live = |policy| {
        let outcome = run(courier, &journeys, policy);
        fullest = fullest.max(outcome.fullest);
        outcome
    };
    let fixed: Vec<Outcome> = FIXED_HOURS
        .iter()
        .map(|hours| live(Policy::Fixed(hours * 60)))
        .collect();
    let reference = &fixed[REFERENCE];
    let delay = judge::median(reference);
    let equal_calls = cheapest(&mut live, |outcome| outcome.calls <= reference.calls);
    let slowest = dearest(&mut live, |outcome| judge::median(outcome) <= delay);
    Contest {
        slug: courier.slug,
        parcels: journeys.len(),
        equal_calls,
        calls_at_equal_delay: slowest.map(|outcome| outcome.calls),
        fixed,
        fullest,
    }
}

/// The lowest price at which something holds that holds at high prices.
fn cheapest(
    live: &mut impl FnMut(Policy) -> Outcome,
    holds: impl Fn(&Outcome) -> bool,
) -> (f64, Outcome) {
    let (mut low, mut high) = PRICES;
    let mut found = (high, live(Policy::Learned(Price(high))));
    for _ in 0..TRIALS {
        let price = (low * high).sqrt();
        let outcome = live(Policy::Learned(Price(price)));
        if holds(&outcome) {
            high = price;
            found = (price, outcome);
        } else {
            low = price;
        }
    }
    found
}

/// What comes of the highest price at which something holds that holds at low prices.
fn dearest(
    live: &mut impl FnMut(Policy) -> Outcome,
    holds: impl Fn(&Outcome) -> bool,
) -> Option<Outcome> {
    let (mut low, mut high) = PRICES;
    let mut found = None;
    for _ in 0..TRIALS {
        let price = (low * high).sqrt();
        let outcome = live(Policy::Learned(Price(price)));
        if holds(&outcome) {
            low = price;
            found = Some(outcome);
        } else {
            high = price;
        }
    }
    found
}
