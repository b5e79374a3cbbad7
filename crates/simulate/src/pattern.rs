//! When events of a kind happen: by the hour and by the weekday of the place of the scan.

use waybill_cadence::DAY;

use crate::{couriers::Spread, random::Random};

/// So much longer a gap becomes with each time that does not suit.
const STRETCH: f64 = 1.002;

/// Weights of the hours 0 to 23, and of the days Monday to Sunday.
#[derive(Debug, Clone)]
pub struct Pattern {
    hours: [f64; 24],
    days: [f64; 7],
}

impl Pattern {
    /// Parts of a day with their shares: (from hour, to hour, share); what is not named shares the rest.
    pub fn parts(parts: &[(usize, usize, f64)], days: [f64; 7]) -> Self {
        let mut hours = [f64::NAN; 24];
        for (from, to, share) in parts {
            let length = (to + 24 - from) % 24;
            for step in 0..length {
                hours[(from + step) % 24] = share / length as f64;
            }
        }
        let rest = 1.0 - parts.iter().map(|part| part.2).sum::<f64>();
        let open = hours.iter().filter(|hour| hour.is_nan()).count().max(1) as f64;
        for hour in &mut hours {
            if hour.is_nan() {
                *hour = rest.max(0.0) / open;
            }
        }
        Self { hours, days }
    }

    /// A bell around an hour, cut off outside two hours.
    pub fn bell(middle: f64, deviation: f64, from: usize, to: usize, days: [f64; 7]) -> Self {
        let mut hours = [0.0; 24];
        for (hour, weight) in hours.iter_mut().enumerate().take(to).skip(from) {
            let away = (hour as f64 + 0.5 - middle) / deviation;
            *weight = (-away * away / 2.0).exp();
        }
        Self { hours, days }
    }

    /// The same, by so many hours earlier.
    pub fn earlier(mut self, hours: usize) -> Self {
        self.hours.rotate_left(hours);
        self
    }

    /// The same with its guesses varied: every weight by up to so much of it.
    pub fn varied(mut self, by: f64, random: &mut Random) -> Self {
        for weight in self.hours.iter_mut().chain(self.days.iter_mut()) {
            *weight *= random.between(1.0 - by, 1.0 + by);
        }
        self
    }

    /// When something happens that follows `previous` after such a gap: the gap is drawn until hour and weekday
    /// suit. Where none seems to, gaps slowly stretch, over a night or a Sunday.
    pub fn after(&self, previous: i64, gap: Spread, random: &mut Random) -> i64 {
        let mut stretched = 1.0;
        loop {
            let at = previous + 1 + (gap.minutes(random) as f64 * stretched) as i64;
            if self.suits(at, random) {
                return at;
            }
            stretched *= STRETCH;
        }
    }

    /// Whether something happens at a minute: the busiest hour of the busiest day always suits.
    pub fn suits(&self, minute: i64, random: &mut Random) -> bool {
        let most = |weights: &[f64]| weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let hour = (minute.rem_euclid(DAY) / 60) as usize;
        let day = minute.div_euclid(DAY).rem_euclid(7) as usize;
        let share = self.hours[hour] / most(&self.hours) * self.days[day] / most(&self.days);
        random.happens(share)
    }
}
