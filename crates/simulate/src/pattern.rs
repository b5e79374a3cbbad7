//! When events of a kind happen: by the hour and by the weekday of the place of the scan.

use waybill_cadence::DAY;

use crate::random::Random;

/// Days that are tried until one suits.
const MOST_DAYS: i64 = 14;
/// Times that are tried on a day.
const TRIES: usize = 4;

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

    /// The first fitting time after `at`, `soonest` minutes after `previous` at least.
    pub fn after(&self, at: i64, previous: i64, soonest: i64, random: &mut Random) -> i64 {
        let busiest = self
            .days
            .iter()
            .fold(f64::MIN_POSITIVE, |most, day| most.max(*day));
        for days in 0..MOST_DAYS {
            let midnight = (at.div_euclid(DAY) + days) * DAY;
            let weekday = midnight.div_euclid(DAY).rem_euclid(7) as usize;
            if !random.happens(self.days[weekday] / busiest) {
                continue;
            }
            for _ in 0..TRIES {
                let minute = midnight + self.minute(random);
                if minute >= previous + soonest {
                    return minute;
                }
            }
        }
        at.max(previous + soonest) + MOST_DAYS * DAY
    }

    fn minute(&self, random: &mut Random) -> i64 {
        let total: f64 = self.hours.iter().sum();
        let mut left = random.fraction() * total;
        for (hour, weight) in self.hours.iter().enumerate() {
            if left < *weight {
                return hour as i64 * 60 + (left / weight * 60.0) as i64;
            }
            left -= weight;
        }
        12 * 60
    }
}
