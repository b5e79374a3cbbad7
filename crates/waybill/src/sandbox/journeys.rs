//! The journeys under way: which number follows which script since when. Bounded, and pure but for
//! the moment that is handed in.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use waybill_couriers::sandbox::{self, Script, Step};

/// Journeys kept at a time, about 30 MB; the oldest is dropped for one more. A number that was
/// dropped begins anew when asked again.
pub const MAX_JOURNEYS: usize = 100_000;

/// The least distance between two printed events. Couriers print whole seconds, so events that come
/// faster than that (compressed time) are printed as if they had begun earlier, never in the
/// future.
const MIN_SPACING: SignedDuration = SignedDuration::from_secs(1);

/// What a number goes through, and since when.
#[derive(Debug, Clone)]
pub struct Journey {
    /// The steps, one event each.
    pub script: Script,
    /// Sandbox minutes between two events.
    pub minutes: u32,
    /// When it was first asked about; `None` before that.
    pub began_at: Option<Timestamp>,
}

/// All journeys, oldest first.
#[derive(Debug, Default)]
pub struct Journeys {
    by_number: HashMap<String, (u64, Journey)>,
    by_age: BTreeMap<u64, String>,
    next_age: u64,
}

impl Journey {
    /// A journey that begins when it is first asked about.
    pub fn new(script: Script, minutes: u32) -> Journey {
        Journey {
            script,
            minutes,
            began_at: None,
        }
    }

    /// Every event of the script at the moment it is printed with, oldest first.
    pub fn timetable(&self, seconds_per_minute: f64) -> Vec<Step> {
        let Some(began_at) = self.began_at else {
            return Vec::new();
        };
        let interval = sandbox::interval(self.minutes, seconds_per_minute);
        let spacing = interval.max(MIN_SPACING);
        // So much earlier that even the last event is not printed before it comes.
        let steps_after_first = self.script.steps().len().saturating_sub(1);
        let earlier = (spacing - interval) * i32::try_from(steps_after_first).unwrap_or(0);
        let begin = began_at.saturating_sub(earlier).unwrap_or(began_at);
        self.script.timetable(begin, spacing)
    }

    /// How many events have come to pass: the first at once, another with every interval.
    pub fn count(&self, now: Timestamp, seconds_per_minute: f64) -> usize {
        let Some(began_at) = self.began_at else {
            return 0;
        };
        let passed = now.duration_since(began_at).as_millis().max(0);
        let interval = sandbox::interval(self.minutes, seconds_per_minute).as_millis();
        let more = usize::try_from(passed / interval.max(1)).unwrap_or(usize::MAX);
        more.saturating_add(1).min(self.script.steps().len())
    }
}

impl Journeys {
    /// Puts a number on a journey; one it was on is forgotten.
    pub fn set(&mut self, number: String, journey: Journey) {
        if let Some((age, _)) = self.by_number.remove(&number) {
            self.by_age.remove(&age);
        }
        if self.by_number.len() >= MAX_JOURNEYS
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.by_number.remove(&oldest);
        }
        self.by_age.insert(self.next_age, number.clone());
        self.by_number.insert(number, (self.next_age, journey));
        self.next_age += 1;
    }

    /// The journey of a number, begun now if it had not; `usual` makes one for a number that has
    /// none.
    pub fn ask(
        &mut self,
        number: &str,
        now: Timestamp,
        usual: impl FnOnce() -> Journey,
    ) -> Journey {
        if let Some((_, journey)) = self.by_number.get_mut(number) {
            journey.began_at.get_or_insert(now);
            return journey.clone();
        }
        let journey = Journey {
            began_at: Some(now),
            ..usual()
        };
        self.set(number.to_owned(), journey.clone());
        journey
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey(script: &str, minutes: u32) -> Journey {
        Journey::new(Script::parse(script).unwrap(), minutes)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_first_letter_comes_at_once_and_one_with_every_interval() {
        let begun = Journey {
            began_at: Some(at(0)),
            ..journey("ITTOD", 2)
        };
        for (seconds, count) in [
            (-5, 1),
            (0, 1),
            (119, 1),
            (120, 2),
            (479, 4),
            (480, 5),
            (9999, 5),
        ] {
            assert_eq!(begun.count(at(seconds), 60.0), count, "{seconds}");
        }
        let printed: Vec<_> = begun.timetable(60.0).iter().map(|event| event.at).collect();
        assert_eq!(printed, [at(0), at(120), at(240), at(360), at(480)]);
    }

    #[test]
    fn compressed_time_prints_distinct_seconds_and_nothing_in_the_future() {
        let begun = Journey {
            began_at: Some(at(0)),
            ..journey("ITTOD", 1)
        };
        let timetable = begun.timetable(0.1);
        for pair in timetable.windows(2) {
            assert_eq!(pair[1].at.duration_since(pair[0].at).as_millis(), 1_000);
        }
        for (index, event) in timetable.iter().enumerate() {
            let comes = at(0) + SignedDuration::from_millis(index as i64 * 100);
            assert_eq!(begun.count(comes, 0.1), index + 1);
            assert!(event.at <= comes);
        }
    }

    #[test]
    fn odd_factors_of_time_do_no_harm() {
        let begun = Journey {
            began_at: Some(at(0)),
            ..journey("ITD", 20)
        };
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(begun.timetable(factor).len(), 3, "{factor}");
            assert!(begun.count(at(1), factor) >= 1, "{factor}");
        }
    }

    #[test]
    fn a_journey_begins_with_the_first_asking_and_setting_starts_another() {
        let mut journeys = Journeys::default();
        let usual = || journey("ITTOD", 1);
        assert_eq!(journeys.ask("A", at(0), usual).began_at, Some(at(0)));
        assert_eq!(journeys.ask("A", at(90), usual).began_at, Some(at(0)));
        journeys.set("A".into(), journey("IE", 3));
        let other = journeys.ask("A", at(100), usual);
        assert_eq!((other.began_at, other.minutes), (Some(at(100)), 3));
    }

    #[test]
    fn the_oldest_is_dropped_beyond_the_bound() {
        let mut journeys = Journeys::default();
        for n in 0..=MAX_JOURNEYS {
            journeys.set(n.to_string(), journey("D", 1));
            journeys.set("lasting".into(), journey("ID", 1));
        }
        assert_eq!(journeys.by_number.len(), MAX_JOURNEYS);
        assert_eq!(journeys.by_age.len(), MAX_JOURNEYS);
        assert!(!journeys.by_number.contains_key("0"));
        assert!(journeys.by_number.contains_key("lasting"));
    }
}
