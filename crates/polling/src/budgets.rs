//! What couriers may be asked a day, over all nodes.
//!
//! Requests are taken from the database in small handfuls before they are made, so what is spent is never more than
//! the budget, whatever ends when; what a node that ends had taken and not used is lost. The price of a call
//! follows from what the parcels of the budget want together ([`Purse`]).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use waybill_cadence::{Price, Purse, spendable};
use waybill_couriers::Courier;
use waybill_service::Account;
use waybill_storage::Storage;

use crate::ask::{Asker, limited};

/// A handful is this part of the budget.
const HANDFULS: u32 = 200;
/// Where the day's part is spent, it is looked again after as long as one request has of the day, but no later.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// And no sooner.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// Why nothing could be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The rest of the day has its part as well: try again then.
    Later(Timestamp),
    /// All of the day is spent; the next one begins then.
    UsedUp(Timestamp),
}

/// The budgets that this node has a part in.
pub(crate) struct Budgets {
    storage: Option<Arc<dyn Storage>>,
    known: Mutex<HashMap<String, Known>>,
}

/// What is known of one.
#[derive(Default)]
struct Known {
    day: i32,
    /// Taken and not used.
    in_hand: u32,
    purse: Purse,
}

impl Budgets {
    /// Budgets kept in a database; without one, nothing is counted.
    pub(crate) fn new(storage: Option<Arc<dyn Storage>>) -> Self {
        Self {
            storage,
            known: Mutex::default(),
        }
    }

    /// Takes one request of a day's budget.
    pub(crate) async fn take(
        &self,
        name: &str,
        a_day: Option<u32>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let (Some(a_day), Some(storage)) = (a_day, &self.storage) else {
            return Ok(());
        };
        let (day, passed) = day_of(now);
        {
            let mut all = self.lock();
            let known = all.entry(name.to_owned()).or_default();
            if known.day != day {
                (known.day, known.in_hand) = (day, 0);
            }
            if known.in_hand > 0 {
                known.in_hand -= 1;
                return Ok(());
            }
        }
        let limit = spendable(a_day, passed);
        let handful = (a_day / HANDFULS).max(1);
        let pause = SignedDuration::from_secs(86_400 / i64::from(a_day.max(1)));
        let later = Refused::Later(now + pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
        for count in [handful, 1] {
            match storage.spend(name, day, count, limit).await {
                Ok(true) => {
                    let mut all = self.lock();
                    if let Some(known) = all.get_mut(name).filter(|known| known.day == day) {
                        known.in_hand += count - 1;
                    }
                    return Ok(());
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, name, "a budget could not be asked for");
                    return Err(later);
                }
            }
        }
        if limit < a_day {
            return Err(later);
        }
        let rest = (1.0 - passed).max(0.0) * 86_400.0;
        Err(Refused::UsedUp(now + SignedDuration::from_secs_f64(rest)))
    }

    /// What a call is worth now, `least` at least, after an asking that was worth `wanted`, where so many numbers
    /// a day can be asked for.
    pub(crate) fn price(
        &self,
        name: &str,
        askings_a_day: f64,
        wanted: Option<Price>,
        least: Price,
        now: Timestamp,
    ) -> Price {
        let minute = now.as_second().div_euclid(60);
        let mut all = self.lock();
        let purse = &mut all.entry(name.to_owned()).or_default().purse;
        if let Some(wanted) = wanted {
            purse.note(minute, wanted);
        }
        purse.price(minute, least, askings_a_day)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asker {
    /// What a call is worth to a courier now, after an asking that was worth `wanted`; `least` where its budget
    /// suffices, or it has none.
    pub(crate) fn price(
        &self,
        courier: &Courier,
        account: Option<&Account>,
        wanted: Option<Price>,
        least: Price,
        now: Timestamp,
    ) -> Price {
        let Some(a_day) = self.requests_per_day(courier) else {
            return least;
        };
        let askings = f64::from(a_day) * courier.batch_size() as f64 * self.limits.share(now);
        let name = limited(courier, account);
        self.budgets.price(&name, askings, wanted, least, now)
    }

    /// Requests a day for one account, where they are limited.
    pub(crate) fn requests_per_day(&self, courier: &Courier) -> Option<u32> {
        let options = self.couriers.get(courier.definition.slug.as_str());
        let own = courier
            .connection()
            .and_then(|connection| connection.requests_per_day);
        options.and_then(|options| options.requests_per_day).or(own)
    }
}

/// The day of an instant, counted from 1970-01-01 in UTC, and how much of it has passed.
fn day_of(at: Timestamp) -> (i32, f64) {
    let seconds = at.as_second();
    let day = i32::try_from(seconds.div_euclid(86_400)).unwrap_or(i32::MAX);
    (day, seconds.rem_euclid(86_400) as f64 / 86_400.0)
}

#[cfg(test)]
mod tests {
    use waybill_storage_sqlite::SqliteStorage;

    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-03-05T{time}Z").parse().unwrap()
    }

    /// How often one may ask, and why not more often.
    async fn takes(budgets: &Budgets, a_day: u32, now: Timestamp) -> (u32, Refused) {
        let mut taken = 0;
        loop {
            match budgets.take("acme", Some(a_day), now).await {
                Ok(()) => taken += 1,
                Err(refused) => return (taken, refused),
            }
        }
    }

    #[tokio::test]
    async fn nodes_together_never_exceed_it_and_a_restart_renews_nothing() {
        let storage: Arc<dyn Storage> = Arc::new(SqliteStorage::open_in_memory().unwrap());
        let node = || Budgets::new(Some(storage.clone()));
        let (one, two) = (node(), node());
        for _ in 0..100 {
            one.take("acme", Some(1_000), at("12:00:00")).await.unwrap();
            two.take("acme", Some(1_000), at("12:00:00")).await.unwrap();
        }
        let (more, refused) = takes(&one, 1_000, at("12:00:00")).await;
        let (last, _) = takes(&two, 1_000, at("12:00:00")).await;
        assert_eq!(200 + more + last, 800);
        assert!(matches!(refused, Refused::Later(until) if until < at("12:05:00")));
        let restarted = node();
        assert_eq!(takes(&restarted, 1_000, at("12:00:00")).await.0, 0);
        let (rest, refused) = takes(&restarted, 1_000, at("23:00:00")).await;
        assert_eq!(rest, 200);
        let midnight = "2026-03-06T00:00:00Z".parse().unwrap();
        assert_eq!(refused, Refused::UsedUp(midnight));
        assert!(one.take("acme", Some(1_000), midnight).await.is_ok());
    }

    #[tokio::test]
    async fn without_a_budget_nothing_is_counted() {
        let budgets = Budgets::new(None);
        for _ in 0..10 {
            assert!(budgets.take("acme", Some(1), at("12:00:00")).await.is_ok());
        }
    }
}
