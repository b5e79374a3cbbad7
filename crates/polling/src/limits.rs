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
use waybill_couriers::{Connection, Courier};
use waybill_nodes::{Parts, Standing};

/// A request that fits the rate so soon is waited for with its place in hand.
const SHORT_WAIT: SignedDuration = SignedDuration::from_millis(200);
/// When a job is tried again whose courier this node may not ask: another one may.
const ELSEWHERE: SignedDuration = SignedDuration::from_millis(250);
/// What has to wait is put off no further: nodes may come, and couriers speed up.
const LONGEST_QUEUE: SignedDuration = SignedDuration::from_mins(15);
/// How long a request takes, until one was made.
const FIRST_GUESS: SignedDuration = SignedDuration::from_millis(250);
/// Parts that a courier's units are spread over.
const PARTS: u32 = waybill_storage::PARTS;

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
    budget: Budget,
    in_flight: u32,
    /// When the next request fits the rate.
    free_at: Timestamp,
    /// Until when those that were put off have their times.
    queue_ends: Timestamp,
    /// How long a request takes, about.
    takes: SignedDuration,
}

/// What a courier allows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Budget {
    requests_per_second: f64,
    concurrency: u32,
}

/// What of it is a node's.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Share {
    /// Requests at once.
    places: u32,
    /// From one request to the next.
    pause: SignedDuration,
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
        let budget = Budget::of(connection);
        let mut couriers = self.lock();
        let state = couriers
            .entry(name.to_owned())
            .or_insert_with(|| Courierly::new(budget, now));
        state.budget = budget;
        let Some(share) = budget.share(name, self.standing.parts(now)) else {
            return Err(now + ELSEWHERE);
        };
        let begins = state.free_at.max(now);
        if state.in_flight >= share.places || begins.duration_since(now) > SHORT_WAIT {
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
    fn new(budget: Budget, now: Timestamp) -> Self {
        Self {
            budget,
            in_flight: 0,
            free_at: now,
            queue_ends: now,
            takes: FIRST_GUESS,
        }
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

impl Budget {
    fn of(connection: &Connection) -> Self {
        Self {
            requests_per_second: connection.requests_per_second.max(0.001),
            concurrency: connection.concurrency.max(1),
        }
    }

    /// What is a node's that holds these parts; `None` where it may not ask at all. The shares of
    /// nodes whose parts are disjoint never add up to more than the whole, and to all of it if the nodes hold
    /// all parts.
    fn share(self, name: &str, parts: Parts) -> Option<Share> {
        // Whole requests of a period, which is a second unless fewer than one fit into it: a
        // fraction of a request each would be one each.
        let requests = (self.requests_per_second.floor() as u32).max(1);
        let units = requests.min(self.concurrency);
        let first = first_part(name);
        let (mut places, mut turns) = (0, 0);
        for unit in 0..units {
            if parts.has(first.wrapping_add(unit * PARTS / units)) {
                places += slice(self.concurrency, unit, units);
                turns += slice(requests, unit, units);
            }
        }
        let period = f64::from(requests) / self.requests_per_second;
        (turns > 0).then(|| Share {
            places,
            pause: SignedDuration::from_secs_f64(period / f64::from(turns)),
        })
    }
}

/// How much of a whole number is one of several slices: they differ by one at most.
fn slice(whole: u32, number: u32, of: u32) -> u32 {
    (number + 1) * whole / of - number * whole / of
}

/// Couriers begin at different parts, so that the only request that a small one allows is not always
/// the same node's. FNV-1a: all nodes must agree, whatever they run on.
fn first_part(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    }) >> 16
}

#[cfg(test)]
mod tests {
    use waybill_couriers::Couriers;

    use super::*;

    fn budget(requests_per_second: f64, concurrency: u32) -> Budget {
        Budget {
            requests_per_second,
            concurrency,
        }
    }

    /// Cuts all parts among so many nodes, as they come free.
    fn cut(nodes: u32) -> Vec<Parts> {
        let mut free = Parts::ALL;
        (0..nodes)
            .map(|_| {
                let parts = free.first(PARTS.div_ceil(nodes));
                free = free.without(parts);
                parts
            })
            .collect()
    }

    #[test]
    fn shares_add_up_to_the_limit() {
        for nodes in 1..=PARTS {
            for (requests, concurrency) in [
                (0.2, 1),
                (1.0, 4),
                (1.5, 3),
                (10.0, 1),
                (10.0, 4),
                (25.0, 7),
                (100.0, 64),
                (1_000.0, 256),
            ] {
                let budget = budget(requests, concurrency);
                for name in ["ups", "dhl", "a-very-long-name-of-a-courier"] {
                    let shares = cut(nodes);
                    let shares = shares.iter().filter_map(|parts| budget.share(name, *parts));
                    let (places, rate) = shares.fold((0, 0.0), |(places, rate), share| {
                        assert!(share.places > 0);
                        (
                            places + share.places,
                            rate + 1.0 / share.pause.as_secs_f64(),
                        )
                    });
                    assert_eq!(places, concurrency, "{nodes} nodes, {budget:?}");
                    assert!(
                        (rate - requests).abs() < 1e-4 * requests,
                        "{nodes} nodes, {budget:?}: {rate}"
                    );
                }
            }
        }
    }

    /// In any second: as many as are allowed, not one more for every node.
    #[test]
    fn a_second_of_all_nodes_is_a_second_of_one() {
        for (nodes, requests, concurrency) in [(4, 10.0, 4), (4, 10.0, 16), (3, 5.0, 8)] {
            let budget = budget(requests, concurrency);
            let in_a_second: f64 = cut(nodes)
                .iter()
                .filter_map(|parts| budget.share("ups", *parts))
                .map(|share| (1.0 / share.pause.as_secs_f64() - 1e-6).ceil())
                .sum();
            assert!((in_a_second - requests).abs() < 1e-9, "{in_a_second}");
        }
    }

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
}
