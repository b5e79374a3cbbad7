//! One courier's parcels under one policy, minute by minute.

use std::{cmp::Reverse, collections::BinaryHeap};

use waybill_cadence::{
    Asked, DAY, Price, Purse, Rhythm, Since, Stage, longest, may_be_early, proof, put_off,
    spendable, wait, worth,
};

use crate::{
    couriers::Courier,
    journeys::{Journey, Kind, Scan},
    random::Random,
};

/// How finely time passes.
const TICK: i64 = 5;
/// So many of the parcels that come due next are looked at to fill a call.
const LOOK: usize = 1_000;
/// Silent for so long, a parcel is not asked for any more.
const QUIET: i64 = 30 * DAY;
/// Parcels that begin within the first days teach and are not counted.
const WARM_UP: i64 = 7 * DAY;

/// When parcels are asked for again.
#[derive(Debug, Clone, Copy)]
pub enum Policy {
    /// Every so many minutes.
    Fixed(i64),
    /// By the learned rhythm, at this price of a call.
    Learned(Price),
}

/// One thing learned: how late, and how much that weighs.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// What.
    pub kind: Kind,
    /// Minutes from when the interface could tell (or the parcel was handed to us) to when it was told.
    pub delay: i64,
    /// Minutes from when it happened.
    pub since_event: i64,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All that was learned after the warm-up.
    pub told: Vec<Told>,
    /// Calls made.
    pub calls: u64,
    /// Numbers asked for.
    pub askings: u64,
    /// The most calls of an hour, and of a day, against the budget of each; 1 is the whole budget.
    pub fullest: f64,
}

struct Parcel<'a> {
    journey: &'a Journey,
    by_tellable: Vec<usize>,
    known: usize,
    asked_at: i64,
    was_asked: bool,
    stage: Stage,
    news_at: i64,
    news_known_at: i64,
    ended_at: Option<i64>,
}

/// Calls of the hour and of the day.
#[derive(Default)]
struct Spent {
    hour: i64,
    of_hour: u32,
    day: i64,
    of_day: u32,
}

impl Spent {
    fn at(&mut self, now: i64) {
        if self.hour != now.div_euclid(60) {
            (self.hour, self.of_hour) = (now.div_euclid(60), 0);
        }
        if self.day != now.div_euclid(DAY) {
            (self.day, self.of_day) = (now.div_euclid(DAY), 0);
        }
    }

    fn left(&self, courier: &Courier, policy: Policy, now: i64) -> u32 {
        let hour = courier.per_hour.saturating_sub(self.of_hour);
        let day = courier.per_day.saturating_sub(self.of_day);
        let left = hour.min(day);
        match policy {
            Policy::Fixed(_) => left,
            // Some of the day's budget is kept for the rest of the day.
            Policy::Learned(_) => {
                let passed = now.rem_euclid(DAY) as f64 / DAY as f64;
                left.min(spendable(courier.per_day, passed).saturating_sub(self.of_day))
            }
        }
    }
}

/// Lives through all journeys.
pub fn run(courier: &Courier, journeys: &[Journey], policy: Policy) -> Outcome {
    let mut outcome = Outcome::default();
    let mut rhythm = Rhythm::default();
    let askings_a_day = f64::from(courier.per_day * courier.batch);
    let mut purse = Purse::default();
    let random = &mut Random::new(0, courier.slug);
    let mut spent = Spent::default();
    let mut parcels: Vec<Parcel<'_>> = journeys.iter().map(parcel).collect();
    let mut due: BinaryHeap<Reverse<(i64, usize)>> = parcels
        .iter()
        .enumerate()
        .map(|(index, parcel)| Reverse((parcel.journey.created, index)))
        .collect();
    let mut now = due.peek().map_or(0, |Reverse((at, _))| *at);
    let mut folded = now.div_euclid(DAY);
    while let Some(Reverse((first, _))) = due.peek() {
        now = (now + TICK).max(*first);
        spent.at(now);
        if folded != now.div_euclid(DAY) {
            folded = now.div_euclid(DAY);
            rhythm.fold();
        }
        let mut chosen = Vec::new();
        while let Some(Reverse((at, index))) = due.peek().copied()
            && at <= now
        {
            due.pop();
            chosen.push((at, index));
        }
        let room = u64::from(spent.left(courier, policy, now)) * u64::from(courier.batch);
        if chosen.len() as u64 > room {
            for (at, index) in chosen.split_off(room as usize) {
                let at = match policy {
                    Policy::Fixed(_) => at,
                    Policy::Learned(_) => now + put_off(parcels[index].asked_at, at).max(TICK),
                };
                due.push(Reverse((at, index)));
            }
        }
        let batch = courier.batch as usize;
        let mut passed = Vec::new();
        while !chosen.is_empty()
            && !chosen.len().is_multiple_of(batch)
            && passed.len() < LOOK
            && let Some(Reverse((at, index))) = due.pop()
        {
            if fills(&parcels[index], at, now) {
                chosen.push((at, index));
            } else {
                passed.push(Reverse((at, index)));
            }
        }
        due.extend(passed);
        let calls = chosen.len().div_ceil(batch) as u32;
        spent.of_hour += calls;
        spent.of_day += calls;
        outcome.calls += u64::from(calls);
        outcome.askings += chosen.len() as u64;
        let fullest = (f64::from(spent.of_hour) / f64::from(courier.per_hour))
            .max(f64::from(spent.of_day) / f64::from(courier.per_day));
        outcome.fullest = outcome.fullest.max(fullest);
        for (_, index) in chosen {
            let parcel = &mut parcels[index];
            let lesson = ask(parcel, now, &mut outcome);
            if let Some(lesson) = &lesson {
                purse.note(now, worth(&rhythm, lesson));
                rhythm.learn(lesson);
            }
            let next = match policy {
                Policy::Fixed(minutes) => at_fixed(parcel, now, minutes),
                Policy::Learned(least) => {
                    let price = purse.price(now, least, askings_a_day);
                    as_learned(parcel, now, &rhythm, price, random)
                }
            };
            due.extend(next.map(|next| Reverse((next, index))));
        }
    }
    outcome
}

fn parcel(journey: &Journey) -> Parcel<'_> {
    let mut by_tellable: Vec<usize> = (0..journey.scans.len()).collect();
    by_tellable.sort_by_key(|index| journey.scans[*index].tellable);
    Parcel {
        journey,
        by_tellable,
        known: 0,
        asked_at: journey.created,
        was_asked: false,
        stage: Stage::Announced,
        news_at: journey.created,
        news_known_at: journey.created,
        ended_at: None,
    }
}

/// A place that is free in a call is given to a parcel that has waited for most of its time.
fn fills(parcel: &Parcel<'_>, at: i64, now: i64) -> bool {
    parcel.journey.created <= now && may_be_early(parcel.asked_at, at, now)
}

/// Asks about a parcel, and says what that teaches: as production does, from the first of what is new, and nothing from the
/// first asking or after the delivery.
fn ask(parcel: &mut Parcel<'_>, now: i64, outcome: &mut Outcome) -> Option<Asked> {
    let journey = parcel.journey;
    let scans = parcel.known;
    let mut news: Vec<Scan> = Vec::new();
    while let Some(index) = parcel.by_tellable.get(parcel.known)
        && journey.scans[*index].tellable <= now
    {
        parcel.known += 1;
        news.push(journey.scans[*index]);
    }
    news.sort_by_key(|scan| scan.happened);
    if journey.created >= WARM_UP {
        outcome.told.extend(news.iter().map(|scan| Told {
            kind: scan.kind,
            delay: now - scan.tellable.max(journey.created),
            since_event: now - scan.happened.max(journey.created),
        }));
    }
    let first = news.first();
    let lesson = (parcel.was_asked && parcel.ended_at.is_none()).then(|| Asked {
        stage: parcel.stage,
        scans,
        news_at: parcel.news_at,
        from: parcel.asked_at,
        to: now,
        happened: first.map(|scan| scan.happened),
        weight: first.map_or(0.0, |scan| scan.kind.weight()),
    });
    // A scan that was filled in behind a newer one changes nothing.
    if let Some(newest) = news.last()
        && (scans == 0 || newest.happened >= parcel.news_at)
    {
        parcel.news_at = newest.happened;
        parcel.stage = stage(newest.kind);
        if newest.kind.ends() {
            parcel.ended_at = Some(now);
        }
    }
    if !news.is_empty() {
        parcel.news_known_at = now;
    }
    if parcel.stage == Stage::Moving && is_near(journey, now) {
        parcel.stage = Stage::Near;
    }
    parcel.asked_at = now;
    parcel.was_asked = true;
    lesson
}

fn is_near(journey: &Journey, now: i64) -> bool {
    journey.promised.is_some_and(|day| now >= day - 6 * 60)
}

/// What a tracking's status would tell; the last depot looks like any other place.
fn stage(kind: Kind) -> Stage {
    match kind {
        Kind::Label => Stage::Announced,
        Kind::Pickup | Kind::Hub | Kind::Depot | Kind::Cleared => Stage::Moving,
        Kind::Out => Stage::OutForDelivery,
        Kind::Failed => Stage::AttemptFailed,
        Kind::Waiting => Stage::AvailableForPickup,
        Kind::Exception | Kind::Customs | Kind::Delivered | Kind::Collected | Kind::Returned => {
            Stage::Held
        }
    }
}

fn at_fixed(parcel: &Parcel<'_>, now: i64, minutes: i64) -> Option<i64> {
    if let Some(ended_at) = parcel.ended_at {
        return proof(Price(0.0), now - ended_at).map(|look| ended_at + look);
    }
    (now - parcel.news_known_at <= QUIET).then_some(now + minutes)
}

fn as_learned(
    parcel: &Parcel<'_>,
    now: i64,
    rhythm: &Rhythm,
    price: Price,
    random: &mut Random,
) -> Option<i64> {
    if let Some(ended_at) = parcel.ended_at {
        return proof(price, now - ended_at).map(|look| ended_at + look);
    }
    if now - parcel.news_known_at > QUIET {
        return None;
    }
    let since = Since {
        stage: parcel.stage,
        scans: parcel.known,
        news_at: parcel.news_at,
        now,
    };
    let longest = longest(price, parcel.known, now - parcel.journey.created);
    let wait = wait(rhythm, price, since).min(longest) as f64;
    Some(now + (wait * random.between(0.9, 1.1)) as i64)
}
