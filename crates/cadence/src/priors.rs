//! What is believed of a courier of which nothing was seen yet. Guesses of the trade; [`crate::Rhythm`] corrects
//! them.

use crate::Stage;

/// What is believed of a stage.
pub(crate) struct Prior {
    /// News an hour, over a whole week, in the first hours of the stage.
    pub rate: f64,
    /// How much a minute of not knowing the next news costs, against an ordinary scan.
    pub weight: f64,
    /// Share of the news by the local hour.
    pub hours: Hours,
    /// Factors of Monday to Friday, Saturday, Sunday.
    pub days: [f64; DAYS],
    /// Factors by the time since the last news, see [`AGES`].
    pub ages: [f64; AGES.len()],
}

/// Kinds of days.
pub(crate) const DAYS: usize = 3;

/// Ends of the age classes, in hours since the last news; the last has none.
pub(crate) const AGES: [i64; 9] = [1, 3, 6, 12, 24, 48, 96, 192, i64::MAX];

/// A profile over the day: what lies between two hours holds this much of the news, the rest of the day
/// the rest.
pub(crate) struct Hours {
    from: usize,
    to: usize,
    share: f64,
}

impl Hours {
    const fn between(from: usize, to: usize, share: f64) -> Self {
        Self { from, to, share }
    }

    /// The factor of an hour; its mean over the day is 1.
    pub(crate) fn factor(&self, hour: usize) -> f64 {
        let inside = if self.from < self.to {
            (self.from..self.to).contains(&hour)
        } else {
            hour >= self.from || hour < self.to
        };
        let hours = (self.to + 24 - self.from) % 24;
        if inside {
            24.0 * self.share / hours as f64
        } else {
            24.0 * (1.0 - self.share) / (24 - hours) as f64
        }
    }
}

/// Rests where nothing came for long.
const FADING: [f64; 9] = [1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.5, 0.25, 0.1];

/// The prior of a stage.
#[rustfmt::skip]
pub(crate) fn prior(stage: Stage) -> Prior {
    match stage {
        Stage::Announced => Prior { rate: 0.035, weight: 1.0, hours: Hours::between(14, 22, 0.75), days: [1.2, 0.5, 0.2], ages: FADING },
        Stage::Moving => Prior { rate: 0.06, weight: 1.2, hours: Hours::between(20, 6, 0.6), days: [1.1, 0.7, 0.4], ages: [0.8, 1.0, 1.1, 1.2, 1.0, 0.8, 0.5, 0.3, 0.15] },
        Stage::Near => Prior { rate: 0.09, weight: 2.0, hours: Hours::between(3, 11, 0.7), days: [1.15, 0.7, 0.2], ages: [1.0, 1.1, 1.2, 1.2, 1.0, 0.8, 0.5, 0.3, 0.15] },
        Stage::OutForDelivery => Prior { rate: 0.12, weight: 5.0, hours: Hours::between(8, 20, 0.97), days: [1.0, 0.9, 0.5], ages: [0.5, 1.0, 1.3, 1.2, 0.8, 0.4, 0.2, 0.1, 0.05] },
        Stage::AttemptFailed => Prior { rate: 0.05, weight: 3.0, hours: Hours::between(7, 16, 0.75), days: [1.15, 0.8, 0.1], ages: [0.3, 0.4, 0.6, 1.0, 1.2, 1.0, 0.6, 0.3, 0.1] },
        Stage::AvailableForPickup => Prior { rate: 0.025, weight: 5.0, hours: Hours::between(10, 20, 0.9), days: [1.0, 1.2, 0.3], ages: [0.6, 1.0, 1.2, 1.0, 1.2, 1.0, 0.8, 0.6, 0.3] },
        Stage::Held => Prior { rate: 0.03, weight: 2.0, hours: Hours::between(8, 20, 0.7), days: [1.2, 0.5, 0.2], ages: [0.6, 1.0, 1.0, 1.0, 1.0, 0.9, 0.8, 0.5, 0.2] },
    }
}
