//! The nodes that share a database, and how they share out what couriers may be asked.
//!
//! What all nodes together may ask of couriers is cut into [`PARTS`]. A part is one node's at a time:
//! a node says which it keeps each time it beats, and takes of those that nobody holds. A part comes
//! free when its node gives it up, leaves, or has not beaten until its time was over.

use std::fmt;

use jiff::Timestamp;
use waybill_model::NodeId;

/// Parts that limits are cut into: with more nodes than these, some ask nobody.
pub const PARTS: u32 = 64;

/// Some of the [`PARTS`], a bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts(pub u64);

impl Parts {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(u64::MAX);

    /// How many.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether this one is among them, counted round and round.
    pub const fn has(self, part: u32) -> bool {
        self.0 >> (part % PARTS) & 1 == 1
    }

    /// The first so many of them.
    #[must_use]
    pub const fn first(self, count: u32) -> Self {
        let mut rest = self.0;
        let mut taken = 0;
        while taken < count && rest != 0 {
            rest &= rest - 1;
            taken += 1;
        }
        Self(self.0 ^ rest)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Parts({:016x})", self.0)
    }
}

/// A node that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRow {
    /// Which.
    pub id: NodeId,
    /// What it does, comma-separated.
    pub roles: String,
    /// Since when.
    pub started_at: Timestamp,
    /// It counts as dead from then on, unless it beats again.
    pub until: Timestamp,
    /// Whether it asks couriers, and so has a share of what they may be asked.
    pub shares: bool,
    /// The parts it holds.
    pub parts: Parts,
}

impl NodeRow {
    /// Whether it does this.
    pub fn does(&self, role: &str) -> bool {
        self.roles.split(',').any(|known| known == role)
    }
}

/// A courier that asked for patience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedCourier {
    /// Whose limits these are.
    pub name: String,
    /// It may be asked again from then on.
    pub until: Timestamp,
}

/// What a node learns when it beats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roll {
    /// All nodes that live, this one included, in the order of their ids.
    pub nodes: Vec<NodeRow>,
    /// The couriers that nobody may ask now, in the order of their names.
    pub closed: Vec<ClosedCourier>,
}

impl Roll {
    /// How many parts are a node's fair share: nobody waits for the last few to be even.
    pub fn fair_share(&self) -> u32 {
        fair_share(self.nodes.iter().filter(|node| node.shares).count())
    }
}

/// The parts a node has after it said which of its parts it keeps: those, but what another one
/// holds (it took them when this one's time was over), and free ones up to a fair share.
pub fn share_out(node: &NodeRow, others: &[NodeRow]) -> Parts {
    if !node.shares {
        return Parts::NONE;
    }
    let taken = others
        .iter()
        .fold(Parts::NONE, |taken, other| taken.and(other.parts));
    let kept = node.parts.without(taken);
    let free = Parts::ALL.without(taken).without(kept);
    let sharing = 1 + others.iter().filter(|other| other.shares).count();
    kept.and(free.first(fair_share(sharing).saturating_sub(kept.count())))
}

fn fair_share(nodes: usize) -> u32 {
    PARTS.div_ceil(u32::try_from(nodes).unwrap_or(PARTS).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u128, parts: Parts) -> NodeRow {
        NodeRow {
            id: NodeId::from_uuid(uuid::Uuid::from_u128(number)),
            roles: "workers".to_owned(),
            started_at: Timestamp::UNIX_EPOCH,
            until: Timestamp::UNIX_EPOCH,
            shares: true,
            parts,
        }
    }

    /// Lets every node beat in turn, each giving up what is above its fair share.
    fn settle(nodes: &mut [NodeRow]) {
        for _ in 0..2 {
            for place in 0..nodes.len() {
                let mut others = nodes.to_vec();
                let mut own = others.remove(place);
                own.parts = own.parts.first(fair_share(nodes.len()));
                nodes[place].parts = share_out(&own, &others);
                let held: u32 = nodes.iter().map(|node| node.parts.count()).sum();
                let all = nodes
                    .iter()
                    .fold(Parts::NONE, |all, node| all.and(node.parts));
                assert_eq!(held, all.count(), "a part is held twice: {nodes:?}");
            }
        }
    }

    #[test]
    fn nodes_that_come_and_go_end_up_with_fair_shares_of_all() {
        let mut nodes = Vec::new();
        for number in 1..=7 {
            nodes.push(node(number, Parts::NONE));
            settle(&mut nodes);
            let counts: Vec<u32> = nodes.iter().map(|node| node.parts.count()).collect();
            assert_eq!(counts.iter().sum::<u32>(), PARTS, "{counts:?}");
            assert!(counts.iter().all(|count| *count <= fair_share(nodes.len())));
        }
        while nodes.len() > 1 {
            nodes.remove(0);
            settle(&mut nodes);
        }
        assert_eq!(nodes[0].parts, Parts::ALL);
    }

    #[test]
    fn what_was_taken_meanwhile_is_not_kept() {
        let back = node(1, Parts::ALL);
        let other = node(2, Parts::ALL.first(40));
        let parts = share_out(&back, &[other]);
        assert_eq!(parts, Parts::ALL.without(Parts::ALL.first(40)));
    }

    #[test]
    fn who_asks_nobody_has_no_part() {
        let silent = NodeRow {
            shares: false,
            ..node(1, Parts::NONE)
        };
        assert_eq!(share_out(&silent, &[]), Parts::NONE);
        let alone = node(2, Parts::NONE);
        assert_eq!(share_out(&alone, &[silent]), Parts::ALL);
    }
}
