//! How a courier's limits are cut among nodes.

use jiff::SignedDuration;
use waybill_couriers::Connection;
use waybill_nodes::Parts;

/// Parts that a courier's units are spread over.
pub(crate) const PARTS: u32 = waybill_storage::PARTS;

/// What a courier allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Allowance {
    pub requests_per_second: f64,
    pub concurrency: u32,
}

/// What of it is a node's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share {
    /// Requests at once.
    pub places: u32,
    /// From one request to the next.
    pub pause: SignedDuration,
}

impl Allowance {
    pub(crate) fn of(connection: &Connection) -> Self {
        Self {
            requests_per_second: connection.requests_per_second.max(0.001),
            concurrency: connection.concurrency.max(1),
        }
    }

    /// What is a node's that holds these parts; `None` where it may not ask at all. The shares of
    /// nodes whose parts are disjoint never add up to more than the whole, and to all of it if the nodes hold
    /// all parts.
    pub(crate) fn share(self, name: &str, parts: Parts) -> Option<Share> {
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
    use super::*;

    fn budget(requests_per_second: f64, concurrency: u32) -> Allowance {
        Allowance {
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
}
