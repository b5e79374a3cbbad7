//! What a courier may be asked at once and per second, over all nodes.
//!
//! A courier's limits are cut into units, whole requests at once and a second each, and every unit
//! is of one of the parts that nodes share out between them (`waybill_nodes`). What a node may do is
//! what its parts hold, so all nodes together never do more than the courier allows. Nothing is
//! written for a request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use waybill_couriers::Courier;
use waybill_jobs::Backoff;
use waybill_nodes::{Parts, Standing};

use crate::shares::{Allowance, PARTS, Share};

/// A request that fits the rate so soon is waited for with its place in hand.
const SHORT_WAIT: SignedDuration = SignedDuration::from_millis(200);
/// When a job is tried again whose courier this node may not ask: another one may.
const ELSEWHERE: SignedDuration = SignedDuration::from_millis(250);
/// What has to wait is put off no further: nodes may come, and couriers speed up.
const LONGEST_QUEUE: SignedDuration = SignedDuration::from_mins(15);
/// How long a request takes, until one was made.
const FIRST_GUESS: SignedDuration = SignedDuration::from_millis(250);
/// Requests that failed in a row until a courier counts as down.
const DOWN_AFTER: u32 = 5;
/// While it is down it is asked once in so long, later and later.
const PROBES: Backoff = Backoff {
    first: SignedDuration::from_secs(30),
    longest: SignedDuration::from_mins(15),
    jitter_percent: 10,
};

/// Leave to ask a courier, given back when dropped.
pub(crate) struct Leave {
    limits: Limits,
    name: String,
    begun: Instant,
    /// The request has to wait so long to keep to the rate.
    pub wait: Duration,
}

/// The limits of all couriers, as far as they are this node's.
#[derive(Clone)]
pub(crate) struct Limits {
    standing: Standing,
    couriers: Arc<Mutex<HashMap<String, Courierly>>>,
}

/// What goes on with a courier.
struct Courierly {
    budget: Allowance,
    in_flight: u32,
    /// When the next request fits the rate.
    free_at: Timestamp,
    /// Until when those that were put off have their times.
    queue_ends: Timestamp,
    /// How long a request takes, about.
    takes: SignedDuration,
    /// Requests in a row that found it down.
    failures: u32,
}

impl Limits {
    pub(crate) fn new(standing: Standing) -> Self {
        Self {
            standing,
            couriers: Arc::default(),
        }
    }

    /// Leave to ask, or when to try again. Nobody waits long here: a job that waited would hold a
    /// worker's place that another courier could use. Those that are put off get times one after the other, so
    /// that a crowd does not come back as one. `name` says whose limits they are: the courier's, for each account.
    pub(crate) fn enter(
        &self,
        courier: &Courier,
        name: &str,
        now: Timestamp,
    ) -> Result<Leave, Timestamp> {
        let Some(connection) = &courier.definition.connection else {
            return Err(now);
        };
        if let Some(until) = self.standing.closed_until(name, now) {
            return Err(until);
        }
        let budget = Allowance::of(connection);
        let mut couriers = self.lock();
        let state = couriers
            .entry(name.to_owned())
            .or_insert_with(|| Courierly::new(budget, now));
        state.budget = budget;
        let Some(share) = budget.share(name, self.standing.parts(now)) else {
            return Err(now + ELSEWHERE);
        };
        let begins = state.free_at.max(now);
        let places = if state.is_down() { 1 } else { share.places };
        if state.in_flight >= places || begins.duration_since(now) > SHORT_WAIT {
            return Err(state.put_off(share, now));
        }
        state.in_flight += 1;
        state.free_at = begins + share.pause;
        Ok(Leave {
            limits: self.clone(),
            name: name.to_owned(),
            begun: Instant::now(),
            wait: Duration::try_from(begins.duration_since(now)).unwrap_or_default(),
        })
    }

    /// The courier asked for patience: it has it from all nodes.
    pub(crate) fn close(&self, name: &str, until: Timestamp) {
        self.standing.close(name, until);
    }

    /// Notes whether a request found the courier down. After some in a row it is left alone by all nodes but for a
    /// probe now and then, until one succeeds.
    pub(crate) fn note(&self, name: &str, found_down: bool, now: Timestamp) {
        let mut couriers = self.lock();
        let Some(state) = couriers.get_mut(name) else {
            return;
        };
        state.failures = if found_down {
            state.failures.saturating_add(1)
        } else {
            0
        };
        if state.is_down() {
            let wait = PROBES.wait(state.failures - DOWN_AFTER + 1, 0.5);
            drop(couriers);
            self.close(name, now + wait);
        }
    }

    /// Who is down, and who is not, as far as this node asked them.
    pub(crate) fn down(&self) -> Vec<(String, bool)> {
        let couriers = self.lock();
        let mut all: Vec<(String, bool)> = couriers
            .iter()
            .map(|(name, state)| (name.clone(), state.is_down()))
            .collect();
        all.sort_unstable();
        all
    }

    /// How much of all that couriers may be asked is this node's, from 0 to 1.
    pub(crate) fn share(&self, now: Timestamp) -> f64 {
        f64::from(self.standing.parts(now).count()) / f64::from(PARTS)
    }

    /// Whether what is under way is within these parts.
    pub(crate) fn fits(&self, parts: Parts) -> bool {
        self.lock().iter().all(|(name, state)| {
            let share = state.budget.share(name, parts);
            state.in_flight <= share.map_or(0, |share| share.places)
        })
    }

    /// A request has ended.
    fn end(&self, name: &str, took: SignedDuration) {
        if let Some(state) = self.lock().get_mut(name) {
            state.in_flight = state.in_flight.saturating_sub(1);
            state.takes = (state.takes * 7 + took) / 8;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Courierly>> {
        self.couriers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let took = SignedDuration::try_from(self.begun.elapsed()).unwrap_or(SignedDuration::MAX);
        self.limits.end(&self.name, took);
    }
}

impl Courierly {
    fn new(budget: Allowance, now: Timestamp) -> Self {
        Self {
            budget,
            in_flight: 0,
            free_at: now,
            queue_ends: now,
            takes: FIRST_GUESS,
            failures: 0,
        }
    }

    fn is_down(&self) -> bool {
        self.failures >= DOWN_AFTER
    }

    /// A time for one that cannot be asked for now: when those before it are through.
    fn put_off(&mut self, share: Share, now: Timestamp) -> Timestamp {
        let places = i32::try_from(share.places).unwrap_or(i32::MAX);
        let one = share.pause.max(self.takes / places);
        let after = self.queue_ends.max(self.free_at).max(now);
        self.queue_ends = (after + one).min(now + LONGEST_QUEUE);
        self.queue_ends
    }
}

#[cfg(test)]
mod tests {
    use waybill_couriers::Couriers;

    use super::*;

    fn courier(couriers: &Couriers) -> &Courier {
        couriers.get("ups").unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
    }

    /// UPS: ten a second, four at once.
    #[test]
    fn a_crowd_is_put_off_one_after_the_other() {
        let couriers = Couriers::embedded().unwrap();
        let limits = Limits::new(Standing::alone());
        let mut waits = Vec::new();
        let mut later = Vec::new();
        for _ in 0..20 {
            match limits.enter(courier(&couriers), "ups", at(0)) {
                Ok(leave) => waits.push(leave),
                Err(until) => later.push(until),
            }
        }
        let millis: Vec<u128> = waits.iter().map(|leave| leave.wait.as_millis()).collect();
        assert_eq!(millis, [0, 100, 200]);
        assert_eq!(later.len(), 17);
        assert!(
            later
                .windows(2)
                .all(|pair| pair[1] >= pair[0] + SignedDuration::from_millis(100))
        );
        // Places are given back.
        drop(waits);
        assert!(limits.enter(courier(&couriers), "ups", at(1_000)).is_ok());
    }

    #[test]
    fn no_more_at_once_than_there_are_places() {
        let couriers = Couriers::embedded().unwrap();
        let limits = Limits::new(Standing::alone());
        let mut leaves = Vec::new();
        for turn in 0..10 {
            leaves.extend(limits.enter(courier(&couriers), "ups", at(turn * 1_000)));
        }
        assert_eq!(leaves.len(), 4);
        assert!(limits.fits(Parts::ALL));
        assert!(!limits.fits(Parts::NONE));
        leaves.clear();
        assert!(limits.fits(Parts::NONE));
    }

    #[test]
    fn a_closed_courier_is_left_in_peace() {
        let couriers = Couriers::embedded().unwrap();
        let limits = Limits::new(Standing::alone());
        limits.close("ups", at(60_000));
        let later = limits.enter(courier(&couriers), "ups", at(0)).err();
        assert_eq!(later, Some(at(60_000)));
        assert!(limits.enter(courier(&couriers), "ups", at(60_000)).is_ok());
    }

    #[test]
    fn a_node_without_a_share_asks_nobody() {
        let couriers = Couriers::embedded().unwrap();
        let limits = Limits::new(Standing::default());
        let later = limits.enter(courier(&couriers), "ups", at(0)).err();
        assert_eq!(later, Some(at(0) + ELSEWHERE));
    }

    #[test]
    fn one_that_is_down_is_probed_by_one_at_a_time_until_it_answers() {
        let couriers = Couriers::embedded().unwrap();
        let limits = Limits::new(Standing::alone());
        let enter = |millis| limits.enter(courier(&couriers), "ups", at(millis));
        let mut now = 0;
        for _ in 0..DOWN_AFTER {
            drop(enter(now));
            limits.note("ups", true, at(now));
            now += 1_000;
        }
        // Nobody asks for half a minute, then one does.
        assert!(enter(now).is_err());
        now += 30_000;
        let probe = enter(now);
        assert!(probe.is_ok());
        assert!(enter(now + 500).is_err());
        drop(probe);
        limits.note("ups", true, at(now));
        assert!(enter(now + 59_000).is_err(), "it waits longer");
        now += 61_000;
        drop(enter(now));
        limits.note("ups", false, at(now));
        let both = (enter(now + 1_000), enter(now + 2_000));
        assert!(both.0.is_ok() && both.1.is_ok());
        assert_eq!(limits.down(), [("ups".to_owned(), false)]);
    }
}
