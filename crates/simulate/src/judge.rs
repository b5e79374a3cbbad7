//! How a run is judged: delays weighed by what they are about.

use crate::{
    journeys::Kind,
    run::{Outcome, Told},
};

/// The delay below which a share of the weight lies, in minutes.
pub fn quantile(told: &[Told], share: f64, delay: impl Fn(&Told) -> i64) -> f64 {
    let mut delays: Vec<(i64, f64)> = told
        .iter()
        .map(|told| (delay(told), told.kind.weight()))
        .collect();
    delays.sort_unstable_by_key(|(delay, _)| *delay);
    let total: f64 = delays.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    for (delay, weight) in delays {
        sum += weight;
        if sum >= share * total {
            return delay as f64;
        }
    }
    0.0
}

/// The weighed median from when the interface could tell.
pub fn median(outcome: &Outcome) -> f64 {
    quantile(&outcome.told, 0.5, |told| told.delay)
}

/// The same of nine in ten.
pub fn p90(outcome: &Outcome) -> f64 {
    quantile(&outcome.told, 0.9, |told| told.delay)
}

/// The median of one kind.
pub fn median_of(outcome: &Outcome, kinds: &[Kind]) -> f64 {
    let told: Vec<Told> = outcome
        .told
        .iter()
        .copied()
        .filter(|told| kinds.contains(&told.kind))
        .collect();
    quantile(&told, 0.5, |told| told.delay)
}
