//! The rhythm of one courier: when its news comes, learned from what its answers brought.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    DAY, Stage,
    priors::{AGES, DAYS},
    row::{Class, StageRhythm, TRUST},
};

/// What was seen counts half after so many days of folding.
const MEMORY_DAYS: f64 = 60.0;
/// How finely an interval is looked at.
const STEP_MINUTES: i64 = 30;
/// A longer silence says nothing more.
const LONGEST_INTERVAL: i64 = 14 * DAY;
/// Corrections stay within these.
const FACTOR: (f64, f64) = (0.02, 50.0);

/// One asking, as far as it teaches something: what had come by `to`, after nothing had by `from`.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The stage until then.
    pub stage: Stage,
    /// The scans until then.
    pub scans: usize,
    /// When that stage's last news happened.
    pub news_at: i64,
    /// The asking before.
    pub from: i64,
    /// This asking.
    pub to: i64,
    /// When the next news happened by its own clock, if it came; it may have been told later.
    pub happened: Option<i64>,
    /// What that news is worth to know, against an ordinary scan.
    pub weight: f64,
}

/// How a courier's news comes: for each stage, and number of scans where it tells how far a parcel has come, a rate
/// and its factors by hour, day and age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    /// As [`Stage::rows`].
    #[serde(deserialize_with = "all_rows")]
    stages: Vec<StageRhythm>,
}

/// What was seen and expected in some time: what one process adds to what all have learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Lessons(Vec<StageRhythm>);

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            stages: Stage::rows().map(StageRhythm::believed).collect(),
        }
    }
}

/// Rows that were not kept begin as their stage's first.
fn all_rows<'de, D: Deserializer<'de>>(kept: D) -> Result<Vec<StageRhythm>, D::Error> {
    let mut rows = Vec::<StageRhythm>::deserialize(kept)?;
    for stage in Stage::rows().skip(rows.len()) {
        let first = rows.get(stage.index());
        rows.push(first.map_or_else(|| StageRhythm::believed(stage), StageRhythm::begun));
    }
    Ok(rows)
}

impl Rhythm {
    /// News an hour at a minute, in a stage, after so many scans of which the last happened at `news_at`.
    pub fn rate(&self, stage: Stage, scans: usize, news_at: i64, minute: i64) -> f64 {
        self.stages.get(stage.row(scans)).map_or(0.0, |stage| {
            let factor =
                |classes: &[Class], at: usize| classes.get(at).map_or(1.0, |class| class.factor);
            factor(&stage.hours, hour(minute))
                * factor(&stage.days, day(minute))
                * factor(&stage.ages, age(minute - news_at))
        })
    }

    /// What the next news of a stage is worth, against an ordinary scan.
    pub fn weight(&self, stage: Stage, scans: usize) -> f64 {
        self.stages
            .get(stage.row(scans))
            .map_or(1.0, |stage| stage.weight.sum / stage.weight.count)
    }

    /// Takes in an asking. Where in its interval the news became known is not known: it is spread over the
    /// interval as it is believed to come.
    pub fn learn(&mut self, asked: &Asked) {
        let from = asked.from.max(asked.to - LONGEST_INTERVAL);
        let from = asked
            .happened
            .map_or(from, |happened| from.max(happened.min(asked.to - 1)));
        if asked.to <= from {
            return;
        }
        let minutes = || (from..asked.to).step_by(STEP_MINUTES as usize);
        let length = |minute: i64| (asked.to - minute).min(STEP_MINUTES) as f64 / 60.0;
        let expected: Vec<(i64, f64)> = minutes()
            .map(|minute| {
                let rate = self.rate(asked.stage, asked.scans, asked.news_at, minute);
                (minute, rate * length(minute))
            })
            .collect();
        let total: f64 = expected.iter().map(|(_, expected)| expected).sum();
        let Some(stage) = self.stages.get_mut(asked.stage.row(asked.scans)) else {
            return;
        };
        // With news, the parcel was waited for about until the middle of the interval.
        let mut gone = 0.0;
        for (minute, expected) in expected {
            let share = if total > 0.0 { expected / total } else { 0.0 };
            let waited = if asked.happened.is_some() {
                (1.0 - gone - share / 2.0).max(0.0)
            } else {
                1.0
            };
            let seen = if asked.happened.is_some() { share } else { 0.0 };
            gone += share;
            let classes = [
                stage.hours.get_mut(hour(minute)),
                stage.days.get_mut(day(minute)),
                stage.ages.get_mut(age(minute - asked.news_at)),
            ];
            for class in classes.into_iter().flatten() {
                class.seen += seen;
                class.expected += expected * waited;
            }
        }
        if asked.happened.is_some() {
            stage.weight.sum += asked.weight;
            stage.weight.count += 1.0;
        }
    }

    /// What was learned since this was as `before`, with nothing folded in between.
    pub fn learned_since(&self, before: &Self) -> Lessons {
        let mut lessons = self.stages.clone();
        for (stage, before) in lessons.iter_mut().zip(&before.stages) {
            stage.add(before, -1.0);
        }
        Lessons(lessons)
    }

    /// Adds what was learned elsewhere.
    pub fn add(&mut self, lessons: &Lessons) {
        for (stage, lessons) in self.stages.iter_mut().zip(&lessons.0) {
            stage.add(lessons, 1.0);
        }
    }

    /// Corrects the factors by what was seen; once a day. Each of the three kinds of classes goes a part of the
    /// way, so that together they do not go too far.
    pub fn fold(&mut self) {
        let kept = 0.5_f64.powf(1.0 / MEMORY_DAYS);
        for stage in &mut self.stages {
            for classes in [&mut stage.hours, &mut stage.days, &mut stage.ages] {
                for class in classes {
                    let correction = (class.seen + TRUST) / (class.expected + TRUST);
                    let corrected = class.factor * correction.sqrt();
                    let factor = corrected.clamp(class.factor * FACTOR.0, class.factor * FACTOR.1);
                    // What was expected is told in the new factor from here on.
                    class.expected *= factor / class.factor * kept;
                    class.seen *= kept;
                    class.factor = factor.max(1e-6);
                }
            }
            stage.weight.sum *= kept;
            stage.weight.count *= kept;
        }
    }
}

fn hour(minute: i64) -> usize {
    (minute.rem_euclid(DAY) / 60) as usize
}

fn day(minute: i64) -> usize {
    match minute.div_euclid(DAY).rem_euclid(7) {
        5 => DAYS - 2,
        6 => DAYS - 1,
        _ => 0,
    }
}

fn age(minutes: i64) -> usize {
    AGES.iter()
        .position(|end| minutes < end.saturating_mul(60))
        .unwrap_or(AGES.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A courier whose vans bring news at 16:00 every day, asked every hour for a hundred days.
    fn afternoons() -> Rhythm {
        let mut rhythm = Rhythm::default();
        for day in 0..100 {
            let midnight = day * DAY;
            for hour in 9..17 {
                rhythm.learn(&Asked {
                    stage: Stage::OutForDelivery,
                    scans: 5,
                    news_at: midnight + 8 * 60,
                    from: midnight + (hour - 1) * 60,
                    to: midnight + hour * 60,
                    happened: (hour == 16).then_some(midnight + 15 * 60 + 30),
                    weight: 5.0,
                });
            }
            rhythm.fold();
        }
        rhythm
    }

    #[test]
    fn the_hour_at_which_news_came_is_learned() {
        let rhythm = afternoons();
        let rate = |hour: i64| rhythm.rate(Stage::OutForDelivery, 5, 8 * 60, hour * 60);
        let before = Rhythm::default();
        let believed = |hour: i64| before.rate(Stage::OutForDelivery, 5, 8 * 60, hour * 60);
        assert!(rate(15) > 2.0 * believed(15), "{}", rate(15));
        assert!(rate(10) < believed(10) / 3.0, "{}", rate(10));
    }

    #[test]
    fn what_was_learned_of_one_stage_says_nothing_of_another() {
        let (learned, before) = (afternoons(), Rhythm::default());
        for hour in 0..24 {
            let rate = |rhythm: &Rhythm| rhythm.rate(Stage::Moving, 3, 0, hour * 60);
            assert!((rate(&learned) - rate(&before)).abs() < 1e-9);
        }
    }

    #[test]
    fn two_learn_as_much_together_as_one_alone() {
        let asked = |hour: i64, happened| Asked {
            stage: Stage::Moving,
            scans: 3,
            news_at: 0,
            from: hour * 60,
            to: hour * 60 + 90,
            happened,
            weight: 1.0,
        };
        let lessons = [asked(3, None), asked(5, Some(6 * 60)), asked(9, None)];
        let (before, mut alone) = (Rhythm::default(), Rhythm::default());
        let mut together = Rhythm::default();
        for lesson in &lessons {
            alone.learn(lesson);
            let mut other = before.clone();
            other.learn(lesson);
            together.add(&other.learned_since(&before));
        }
        alone.fold();
        together.fold();
        for hour in 0..24 {
            let rate = |rhythm: &Rhythm| rhythm.rate(Stage::Moving, 3, 0, hour * 60);
            assert!((rate(&alone) - rate(&together)).abs() < 1e-9);
        }
    }

    /// Somebody looked, or a place was free: each hour is waited through once and each news is seen once, however
    /// the time between is parted.
    #[test]
    fn an_asking_out_of_turn_teaches_nothing_false() {
        let noon = DAY + 12 * 60;
        let asked = |from, to, happened| Asked {
            stage: Stage::Moving,
            scans: 3,
            news_at: DAY,
            from,
            to,
            happened,
            weight: 1.0,
        };
        let taught = |lessons: &[Asked]| {
            let mut rhythm = Rhythm::default();
            for lesson in lessons {
                rhythm.learn(lesson);
            }
            rhythm.stages.swap_remove(Stage::Moving.row(3))
        };
        let sums = |classes: &[Class]| {
            let sum = |of: fn(&Class) -> f64| classes.iter().map(of).sum::<f64>();
            (sum(|class| class.seen), sum(|class| class.expected))
        };
        let quiet = taught(&[asked(noon, noon + 240, None)]);
        let looked_at = taught(&[
            asked(noon, noon + 60, None),
            asked(noon + 60, noon + 240, None),
        ]);
        let (once, parted) = (sums(&quiet.hours), sums(&looked_at.hours));
        assert!((once.1 - parted.1).abs() < 1e-9, "{once:?} {parted:?}");
        let told = taught(&[asked(noon, noon + 240, Some(noon + 100))]);
        let looked_at = taught(&[
            asked(noon, noon + 60, None),
            asked(noon + 60, noon + 240, Some(noon + 100)),
        ]);
        let (once, parted) = (sums(&told.hours), sums(&looked_at.hours));
        assert!((once.0 - parted.0).abs() < 1e-9, "{once:?} {parted:?}");
    }

    #[test]
    fn nonsense_teaches_nothing_and_breaks_nothing() {
        let mut rhythm = Rhythm::default();
        for (from, to) in [(0, 0), (10, 0), (i64::MIN / 4, 0)] {
            rhythm.learn(&Asked {
                stage: Stage::Held,
                scans: usize::MAX,
                news_at: 5,
                from,
                to,
                happened: Some(i64::MAX / 4),
                weight: f64::MAX,
            });
        }
        for _ in 0..1_000 {
            rhythm.fold();
        }
        let rate = rhythm.rate(Stage::Held, 0, 0, 600);
        assert!(rate.is_finite() && rate > 0.0);
    }

    /// Two hubs: from the first news comes in the morning, from the second in the evening.
    #[test]
    fn how_far_a_parcel_has_come_tells_when_its_next_news_comes() {
        let mut rhythm = Rhythm::default();
        for midnight in (0..60).map(|day| day * DAY) {
            for (scans, came) in [(2, 8), (3, 18)] {
                for hour in 1..=came {
                    rhythm.learn(&Asked {
                        stage: Stage::Moving,
                        scans,
                        news_at: midnight,
                        from: midnight + (hour - 1) * 60,
                        to: midnight + hour * 60,
                        happened: (hour == came).then_some(midnight + came * 60 - 30),
                        weight: 1.0,
                    });
                }
            }
            rhythm.fold();
        }
        let rate = |scans, hour: i64| rhythm.rate(Stage::Moving, scans, 0, hour * 60);
        assert!(rate(2, 7) > 5.0 * rate(2, 5), "{}", rate(2, 7));
        assert!(rate(3, 17) > 5.0 * rate(3, 7), "{}", rate(3, 17));
    }

    #[test]
    fn what_was_kept_before_scans_were_counted_is_where_all_begin() {
        let mut kept = serde_json::to_value(afternoons()).unwrap();
        kept["stages"]
            .as_array_mut()
            .unwrap()
            .truncate(Stage::ALL.len());
        let read: Rhythm = serde_json::from_value(kept).unwrap();
        assert_eq!(read.stages.len(), Rhythm::default().stages.len());
        let (first, further) = (
            read.rate(Stage::Moving, 1, 0, 600),
            read.rate(Stage::Moving, 9, 0, 600),
        );
        assert!((first - further).abs() < 1e-9);
        let round = |rhythm: &Rhythm| rhythm.rate(Stage::OutForDelivery, 5, 480, 900);
        assert!((round(&read) - round(&afternoons())).abs() < 1e-9);
    }
}
