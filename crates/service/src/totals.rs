//! Totals that are too large to be counted each time.
//!
//! A total that the kept counters do not tell is counted up to [`EXACT_COUNT_LIMIT`], which takes many
//! times as long as the page beside it. What has reached the limit stays there, but for trackings that are
//! deleted or grow too old: so for a minute it is not counted again.

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
/// Filters remembered at most, over all organizations; one more, and all are counted anew.
const REMEMBERED_FILTERS: usize = 10_000;

/// Filters whose totals reached the limit.
#[derive(Default)]
pub(crate) struct LargeTotals(Mutex<HashMap<OrganizationId, HashMap<TrackingFilter, Counted>>>);

/// When it was counted, and from which creation on.
#[derive(Clone, Copy)]
struct Counted {
    at: Timestamp,
    from: Option<Timestamp>,
}

impl Counted {
    /// Most lists begin a while before now, so their beginning moves with the clock.
    fn holds(&self, now: Timestamp, from: Option<Timestamp>) -> bool {
        let soon = |then: Timestamp, time: Timestamp| time.duration_since(then) < REMEMBERED_FOR;
        soon(self.at, now)
            && match (self.from, from) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(counted), Some(from)) => soon(counted, from),
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
    /// How many trackings fit; up to a minute old where that is the limit of what is counted.
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
        if known.is_some_and(|counted| counted.holds(now, from)) {
            return Ok(EXACT_COUNT_LIMIT);
        }
        let storage = &self.0.storage;
        let counted = storage.count_trackings(organization, filter, now).await;
        let total = counted.map_err(unavailable)?;
        if total == EXACT_COUNT_LIMIT {
            let counted = Counted { at: now, from };
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
    fn what_was_counted_holds_for_a_minute_and_no_later_beginning() {
        let counted = Counted {
            at: at(0),
            from: Some(at(-1_000)),
        };
        for (now, from, holds) in [
            (at(59), Some(at(-941)), true),
            (at(60), Some(at(-940)), false),
            // Who looks further back finds no fewer.
            (at(1), Some(at(-9_000)), true),
            (at(1), None, true),
            (at(1), Some(at(-500)), false),
        ] {
            assert_eq!(counted.holds(now, from), holds, "{now} {from:?}");
        }
        let of_all = Counted {
            at: at(0),
            from: None,
        };
        assert!(of_all.holds(at(1), None));
        assert!(!of_all.holds(at(1), Some(at(-1_000))));
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
