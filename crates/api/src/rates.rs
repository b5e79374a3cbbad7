//! How many requests of an organization an endpoint takes in a second.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use waybill_model::OrganizationId;

/// Generous: what one organization could send by mistake and others would feel.
const GENEROUS: u32 = 100_000;
/// The documented ceilings from 2024-07 on, where they are not [`DOCUMENTED_OTHERS`].
const DOCUMENTED: &[(Method, &str, u32)] = &[
    (Method::POST, "/trackings", 20),
    (Method::GET, "/trackings", 6),
    (Method::POST, "/couriers/detect", 3),
    (Method::POST, "/estimated-delivery-date/predict-batch", 20),
];
/// All endpoints of versions up to 2024-04 together.
const DOCUMENTED_SHARED: u32 = 10;
/// Any other documented endpoint.
const DOCUMENTED_OTHERS: u32 = 5;
/// Counters kept before those of past seconds are thrown away.
const KEPT_COUNTERS: usize = 10_000;
/// Locks that counters are spread over, so that organizations do not wait for each other.
const LOCKS: usize = 16;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Which table of limits holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RateProfile {
    /// A generous ceiling, the same for every endpoint.
    #[default]
    Default,
    /// The documented ceilings, and the generous one for our own API.
    Aftership,
    /// Refuses nothing.
    Off,
}

impl RateProfile {
    /// Requests a second to an endpoint of the tracking API (`documented`) or of our own.
    pub(crate) fn ceiling(self, documented: bool, method: &Method, path: &str) -> u32 {
        if self != Self::Aftership || !documented {
            return GENEROUS;
        }
        DOCUMENTED
            .iter()
            .find(|line| line.0 == *method && line.1 == path.trim_end_matches('/'))
            .map_or(DOCUMENTED_OTHERS, |line| line.2)
    }
}

impl RateProfile {
    /// Requests a second to all endpoints together, in versions that count them so.
    pub(crate) fn shared_ceiling(self) -> u32 {
        match self {
            Self::Aftership => DOCUMENTED_SHARED,
            Self::Default | Self::Off => GENEROUS,
        }
    }
}

/// The nodes that share the limits: each takes its part of them.
#[derive(Debug, Clone)]
pub struct Nodes(Arc<AtomicU64>);

impl Default for Nodes {
    fn default() -> Self {
        let nodes = Self(Arc::default());
        nodes.are(1, 0);
        nodes
    }
}

impl Nodes {
    /// Tells how many there are now, this one included, and how many stand before this one.
    pub fn are(&self, count: u32, before: u32) {
        let both = u64::from(count.max(1)) << 32 | u64::from(before);
        self.0.store(both, Ordering::Relaxed);
    }

    /// What is this node's of a ceiling: the parts of all nodes add up to it, but each may take at
    /// least one request, since nobody tells the callers which node has one left.
    fn part_of(&self, ceiling: u32) -> u32 {
        let both = self.0.load(Ordering::Relaxed);
        let (count, before) = ((both >> 32) as u32, both as u32);
        let odd = u32::from(before < ceiling % count);
        (ceiling / count + odd).max(1)
    }
}

/// An endpoint as far as its limit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Endpoint {
    /// Tells endpoints apart.
    pub number: usize,
    /// Requests a second.
    pub ceiling: u32,
}

/// The counters of this process.
#[derive(Clone)]
pub(crate) struct Rates(Arc<Inner>);

struct Inner {
    profile: RateProfile,
    nodes: Nodes,
    counters: [Mutex<BTreeMap<(OrganizationId, usize), Counter>>; LOCKS],
}

#[derive(Clone, Copy)]
struct Counter {
    second: i64,
    used: u32,
}

/// What an answer says about the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    limit: u32,
    remaining: u32,
    /// When the window restarts, in seconds since 1970.
    reset: i64,
    /// Whether this request was one too many.
    pub exceeded: bool,
}

impl Rates {
    pub(crate) fn new(profile: RateProfile, nodes: Nodes) -> Self {
        Self(Arc::new(Inner {
            profile,
            nodes,
            counters: Default::default(),
        }))
    }

    /// What is told where nothing is counted, since nobody knows whose the request is.
    pub(crate) fn untouched(&self, endpoint: Endpoint, now: Timestamp) -> Rate {
        let limit = self.0.nodes.part_of(endpoint.ceiling);
        Rate {
            limit,
            remaining: limit,
            reset: now.as_second() + 1,
            exceeded: false,
        }
    }

    /// Counts a request.
    pub(crate) fn count(
        &self,
        organization: OrganizationId,
        endpoint: Endpoint,
        now: Timestamp,
    ) -> Rate {
        let second = now.as_second();
        let limit = self.0.nodes.part_of(endpoint.ceiling);
        let rate = |used: u32| Rate {
            limit,
            remaining: limit.saturating_sub(used),
            reset: second + 1,
            exceeded: used > limit,
        };
        if self.0.profile == RateProfile::Off {
            return rate(0);
        }
        let place = usize::from(organization.as_uuid().as_bytes()[15]) % LOCKS;
        let mut counters = self.0.counters[place]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= KEPT_COUNTERS / LOCKS {
            counters.retain(|_, counter| counter.second == second);
        }
        let counter = counters
            .entry((organization, endpoint.number))
            .or_insert(Counter { second, used: 0 });
        if counter.second != second {
            *counter = Counter { second, used: 0 };
        }
        counter.used = counter.used.saturating_add(1);
        rate(counter.used)
    }
}

impl Rate {
    /// Sets the three headers, and when to come again if it was too much.
    pub(crate) fn show(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, self.limit.into());
        headers.insert(REMAINING, self.remaining.into());
        headers.insert(RESET, self.reset.into());
        if self.exceeded {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    const CREATE: Endpoint = Endpoint {
        number: 0,
        ceiling: 20,
    };
    const GET: Endpoint = Endpoint {
        number: 1,
        ceiling: 5,
    };

    #[test]
    fn one_too_many_in_a_second_is_told_and_the_next_second_is_new() {
        let rates = Rates::new(RateProfile::Aftership, Nodes::default());
        for used in 1..=20 {
            let rate = rates.count(organization(1), CREATE, at(100));
            assert_eq!((rate.remaining, rate.exceeded), (20 - used, false));
            assert_eq!((rate.limit, rate.reset), (20, 101));
        }
        assert!(rates.count(organization(1), CREATE, at(100)).exceeded);
        // Another organization, another endpoint, another second.
        assert!(!rates.count(organization(2), CREATE, at(100)).exceeded);
        assert!(!rates.count(organization(1), GET, at(100)).exceeded);
        assert!(!rates.count(organization(1), CREATE, at(101)).exceeded);
    }

    #[test]
    fn nodes_share_what_there_is() {
        let nodes = Nodes::default();
        let rates = Rates::new(RateProfile::Aftership, nodes.clone());
        let limits = |count| {
            let limit = |before| {
                nodes.are(count, before);
                rates.count(organization(1), CREATE, at(1)).limit
            };
            (0..count).map(limit).collect::<Vec<_>>()
        };
        assert_eq!(limits(2), [10, 10]);
        assert_eq!(limits(3), [7, 7, 6]);
        assert_eq!(limits(1), [20]);
        nodes.are(30, 29);
        assert_eq!(rates.count(organization(1), CREATE, at(1)).limit, 1);
    }

    #[test]
    fn off_shows_and_never_refuses() {
        let rates = Rates::new(RateProfile::Off, Nodes::default());
        for _ in 0..100 {
            let rate = rates.count(organization(1), GET, at(1));
            assert_eq!((rate.exceeded, rate.remaining), (false, rate.limit));
        }
    }

    #[test]
    fn past_counters_do_not_pile_up() {
        let rates = Rates::new(RateProfile::Default, Nodes::default());
        for second in 0..50 {
            for number in 0..1_000 {
                rates.count(organization(number), GET, at(second));
            }
        }
        let kept: usize = rates
            .0
            .counters
            .iter()
            .map(|part| part.lock().unwrap().len())
            .sum();
        assert!(kept <= KEPT_COUNTERS, "{kept}");
    }

    #[test]
    fn the_documented_ceilings() {
        let ceiling = |method, path| RateProfile::Aftership.ceiling(true, &method, path);
        assert_eq!(ceiling(Method::POST, "/trackings"), 20);
        assert_eq!(ceiling(Method::GET, "/trackings"), 6);
        assert_eq!(ceiling(Method::GET, "/trackings/{id}"), 5);
        assert_eq!(ceiling(Method::POST, "/couriers/detect"), 3);
        assert_eq!(
            RateProfile::Aftership.ceiling(false, &Method::GET, "/webhooks"),
            GENEROUS
        );
        assert_eq!(
            RateProfile::Default.ceiling(true, &Method::POST, "/trackings"),
            GENEROUS
        );
    }
}
