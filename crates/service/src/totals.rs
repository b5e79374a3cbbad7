//! Totals that are too large to be counted each time.
//!
//! A total that the kept counters do not tell is counted up to [`EXACT_COUNT_LIMIT`], which takes many
//! times as long as the page beside it. What has reached the limit stays there, but for trackings that are
//! deleted or grow too old: so for a minute it is not counted again.
//!
//! What words find is behind what was written by a second or two in any case: where hits are many, their
//! total of some seconds ago is told again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use waybill_model::OrganizationId;
use waybill_storage::{EXACT_COUNT_LIMIT, TrackingFilter};
use waybill_versions::Problem;

use crate::{Service, unavailable};

/// A total is the limit for so long once it was counted to be.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// Hits of a keyword that are many, and for how long they are that many.
const MANY_HITS: u64 = 1_000;
const HITS_REMEMBERED_FOR: SignedDuration = SignedDuration::from_secs(5);
/// Filters remembered at most, over all organizations; one more, and all are counted anew.
const REMEMBERED_FILTERS: usize = 10_000;

/// Filters whose totals are remembered.
#[derive(Default)]
pub(crate) struct LargeTotals(Mutex<HashMap<OrganizationId, HashMap<TrackingFilter, Counted>>>);

/// A total, when it was counted, and from which creation on.
#[derive(Clone, Copy)]
struct Counted {
    total: u64,
    at: Timestamp,
    from: Option<Timestamp>,
}

impl Counted {
    /// Most lists begin a while before now, so their beginning moves with the clock.
    fn holds(&self, now: Timestamp, from: Option<Timestamp>) -> bool {
        let is_limit = self.total == EXACT_COUNT_LIMIT;
        let remembered_for = if is_limit {
            REMEMBERED_FOR
        } else {
            HITS_REMEMBERED_FOR
        };
        let soon = |then: Timestamp, time: Timestamp| time.duration_since(then) < remembered_for;
        soon(self.at, now)
            && match (self.from, from) {
                (None, None) => true,
                // Who looks further back finds no fewer than the limit, but may find more than fewer.
                (Some(_), None) => is_limit,
                (None, Some(_)) => false,
                (Some(counted), Some(from)) => soon(counted, from) && (is_limit || counted <= from),
            }
    }
}

impl LargeTotals {
    fn knows(&self, organization: OrganizationId, any_age: &TrackingFilter) -> Option<Counted> {
        self.totals().get(&organization)?.get(any_age).copied()
    }

    fn note(&self, organization: OrganizationId, any_age: TrackingFilter, counted: Counted) {
        let mut totals = self.totals();
        if totals.values().map(HashMap::len).sum::<usize>() >= REMEMBERED_FILTERS {
            totals.clear();
        }
        totals
            .entry(organization)
            .or_default()
            .insert(any_age, counted);
    }

    fn totals(&self) -> MutexGuard<'_, HashMap<OrganizationId, HashMap<TrackingFilter, Counted>>> {
        // Whole at every moment, also when a thread broke.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// How many trackings fit; up to a minute old where that is the limit of what is counted, and up to
    /// seconds where they are many hits of a keyword.
    pub(crate) async fn total(
        &self,
        organization: OrganizationId,
        filter: &TrackingFilter,
        now: Timestamp,
    ) -> Result<u64, Problem> {
        let from = filter.created_at_min;
        let any_age = TrackingFilter {
            created_at_min: None,
            ..filter.clone()
        };
        let known = self.0.large_totals.knows(organization, &any_age);
        if let Some(known) = known.filter(|known| known.holds(now, from)) {
            return Ok(known.total);
        }
        let storage = &self.0.storage;
        let counted = storage.count_trackings(organization, filter, now).await;
        let total = counted.map_err(unavailable)?;
        let are_many_hits = filter.keyword.is_some() && total >= MANY_HITS;
        if total == EXACT_COUNT_LIMIT || are_many_hits {
            let counted = Counted {
                total,
                at: now,
                from,
            };
            self.0.large_totals.note(organization, any_age, counted);
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a time")
    }

    #[test]
    fn the_limit_holds_for_a_minute_and_many_hits_for_seconds() {
        let limit = Counted {
            total: EXACT_COUNT_LIMIT,
            at: at(0),
            from: Some(at(-1_000)),
        };
        let hits = Counted {
            total: MANY_HITS,
            ..limit
        };
        let of_all = Counted {
            from: None,
            ..limit
        };
        let all_hits = Counted { from: None, ..hits };
        for (counted, now, from, holds) in [
            (limit, at(59), Some(at(-941)), true),
            (limit, at(60), Some(at(-940)), false),
            (hits, at(4), Some(at(-996)), true),
            (hits, at(5), Some(at(-995)), false),
            // Who looks further back finds no fewer, but may find more.
            (limit, at(1), Some(at(-9_000)), true),
            (limit, at(1), None, true),
            (hits, at(1), Some(at(-1_001)), false),
            (hits, at(1), None, false),
            // Who looks less far back may find fewer.
            (limit, at(1), Some(at(-500)), false),
            (hits, at(1), Some(at(-500)), false),
            (of_all, at(1), None, true),
            (of_all, at(1), Some(at(-1_000)), false),
            (all_hits, at(1), None, true),
            (all_hits, at(1), Some(at(-1_000)), false),
        ] {
            let total = counted.total;
            assert_eq!(counted.holds(now, from), holds, "{total} {now} {from:?}");
        }
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let totals = LargeTotals::default();
        let organization = OrganizationId::from_uuid(uuid::Uuid::nil());
        let filter = |order: usize| TrackingFilter {
            order_ids: vec![order.to_string()],
            ..TrackingFilter::default()
        };
        let counted = Counted {
            total: EXACT_COUNT_LIMIT,
            at: at(0),
            from: None,
        };
        for order in 0..REMEMBERED_FILTERS {
            totals.note(organization, filter(order), counted);
        }
        assert!(totals.knows(organization, &filter(0)).is_some());
        totals.note(organization, filter(REMEMBERED_FILTERS), counted);
        assert!(totals.knows(organization, &filter(0)).is_none());
        let last = filter(REMEMBERED_FILTERS);
        assert!(totals.knows(organization, &last).is_some());
    }
}
