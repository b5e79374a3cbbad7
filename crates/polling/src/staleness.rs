//! How old what was known of parcels was when their courier answered again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::SignedDuration;

/// Ends of the classes, in minutes; the last has none.
const ENDS: [i64; 8] = [15, 30, 60, 120, 240, 480, 1_440, 2_880];

/// Counts of ages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    /// Of each class; the last holds what is older than all ends.
    counts: [u64; ENDS.len() + 1],
    /// Of all ages, in seconds.
    pub sum: f64,
}

impl Histogram {
    /// How many are as old as this at most, for each end in seconds; without an end, all.
    pub fn cumulative(&self) -> impl Iterator<Item = (Option<i64>, u64)> {
        let ends = ENDS.iter().map(|minutes| Some(minutes * 60)).chain([None]);
        let sums = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        ends.zip(sums)
    }

    fn note(&mut self, age: SignedDuration) {
        let class = ENDS.iter().position(|end| age.as_mins() < *end);
        if let Some(count) = self.counts.get_mut(class.unwrap_or(ENDS.len())) {
            *count += 1;
        }
        self.sum += age.as_secs_f64();
    }
}

/// A histogram for each courier that was asked.
#[derive(Default)]
pub(crate) struct Staleness(Mutex<BTreeMap<String, Histogram>>);

impl Staleness {
    pub(crate) fn note(&self, slug: &str, age: SignedDuration) {
        let mut all = self.lock();
        if !all.contains_key(slug) {
            all.insert(slug.to_owned(), Histogram::default());
        }
        if let Some(histogram) = all.get_mut(slug) {
            histogram.note(age);
        }
    }

    pub(crate) fn all(&self) -> Vec<(String, Histogram)> {
        let all = self.lock();
        all.iter()
            .map(|(slug, histogram)| (slug.clone(), histogram.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Histogram>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_up_to_each_end() {
        let staleness = Staleness::default();
        for minutes in [1, 20, 50, 59, 10_000] {
            staleness.note("acme", SignedDuration::from_mins(minutes));
        }
        let all = staleness.all();
        let (slug, histogram) = &all[0];
        assert_eq!(slug, "acme");
        let counts: Vec<u64> = histogram.cumulative().map(|(_, count)| count).collect();
        assert_eq!(counts, [1, 2, 4, 4, 4, 4, 4, 4, 5]);
        assert_eq!(histogram.cumulative().last(), Some((None, 5)));
        assert!((histogram.sum - 10_130.0 * 60.0).abs() < 1e-6);
    }
}
