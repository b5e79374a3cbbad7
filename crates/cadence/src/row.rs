//! A row of a rhythm: the rate and its factors for one stage and number of scans.

use serde::{Deserialize, Serialize};

use crate::{Stage, priors::prior};

/// As many observations as the prior is worth in each class.
pub(crate) const TRUST: f64 = 6.0;

/// What was learned of parcels at one point of the journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StageRhythm {
    pub weight: Mean,
    pub hours: Vec<Class>,
    pub days: Vec<Class>,
    pub ages: Vec<Class>,
}

/// A factor, and what was seen and expected since it was last corrected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Class {
    pub factor: f64,
    pub seen: f64,
    pub expected: f64,
}

impl Class {
    const fn begun(factor: f64) -> Self {
        Self {
            factor,
            seen: 0.0,
            expected: 0.0,
        }
    }
}

/// Of weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mean {
    pub sum: f64,
    pub count: f64,
}

impl StageRhythm {
    /// What is believed before anything was seen.
    pub fn believed(stage: Stage) -> Self {
        let prior = prior(stage);
        let ages = prior.ages.iter().map(|age| age * prior.rate);
        Self {
            weight: Mean {
                sum: prior.weight * TRUST,
                count: TRUST,
            },
            hours: (0..24)
                .map(|hour| Class::begun(prior.hours.factor(hour)))
                .collect(),
            days: prior.days.map(Class::begun).to_vec(),
            ages: ages.map(Class::begun).collect(),
        }
    }

    /// Another that begins with the same factors, and has seen nothing itself.
    pub fn begun(&self) -> Self {
        let classes = |classes: &[Class]| {
            classes
                .iter()
                .map(|class| Class::begun(class.factor))
                .collect()
        };
        Self {
            weight: self.weight,
            hours: classes(&self.hours),
            days: classes(&self.days),
            ages: classes(&self.ages),
        }
    }

    /// Adds so many times what was seen and expected there.
    pub fn add(&mut self, other: &Self, times: f64) {
        let own = [&mut self.hours, &mut self.days, &mut self.ages];
        for (own, other) in own
            .into_iter()
            .zip([&other.hours, &other.days, &other.ages])
        {
            for (own, other) in own.iter_mut().zip(other) {
                own.seen += times * other.seen;
                own.expected += times * other.expected;
            }
        }
        self.weight.sum += times * other.weight.sum;
        self.weight.count += times * other.weight.count;
    }
}
