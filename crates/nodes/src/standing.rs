//! What a node may do now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use tokio::sync::Notify;
use waybill_storage::{Parts, Roll};

/// What a node may do now; cheap to clone, the same for all clones.
#[derive(Clone, Default)]
pub struct Standing(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    /// Somebody has something to tell the other nodes.
    news: Notify,
}

#[derive(Default)]
struct State {
    /// What the database says that this node holds.
    held: Parts,
    /// What of it is used: the rest is being given up.
    used: Parts,
    /// When the time of the last beat is over.
    until: Timestamp,
    closed: HashMap<String, Timestamp>,
    /// Closed here, and not yet told.
    untold: Vec<(String, Timestamp)>,
}

impl Standing {
    /// Of one that has no others: it holds everything, for ever.
    pub fn alone() -> Self {
        let standing = Self::default();
        *standing.lock() = State {
            held: Parts::ALL,
            used: Parts::ALL,
            until: Timestamp::MAX,
            ..State::default()
        };
        standing
    }

    /// The parts that may be used now.
    pub fn parts(&self, now: Timestamp) -> Parts {
        let state = self.lock();
        if now < state.until {
            state.used
        } else {
            Parts::NONE
        }
    }

    /// Until when a courier wants to be left in peace, if it does.
    pub fn closed_until(&self, courier: &str, now: Timestamp) -> Option<Timestamp> {
        let until = self.lock().closed.get(courier).copied();
        until.filter(|until| now < *until)
    }

    /// A courier wants to be left in peace: holds here at once, and soon everywhere.
    pub fn close(&self, courier: &str, until: Timestamp) {
        let mut state = self.lock();
        let known = state.closed.entry(courier.to_owned()).or_insert(until);
        if *known < until {
            *known = until;
        }
        state.untold.push((courier.to_owned(), until));
        drop(state);
        self.0.news.notify_one();
    }

    /// What is to be told to the other nodes; it comes back by [`Self::still_untold`] if it could not be.
    pub(crate) fn untold(&self) -> Vec<(String, Timestamp)> {
        std::mem::take(&mut self.lock().untold)
    }

    pub(crate) fn still_untold(&self, closed: (String, Timestamp)) {
        self.lock().untold.push(closed);
    }

    pub(crate) async fn news(&self) {
        self.0.news.notified().await;
    }

    /// What the node keeps: all it holds until it uses no more of it than it wants to.
    pub(crate) fn keeps(&self, now: Timestamp, fits: impl FnOnce(Parts) -> bool) -> Parts {
        let state = self.lock();
        let (held, used, is_over) = (state.held, state.used, state.until <= now);
        drop(state);
        if held == used || is_over || !fits(used) {
            held
        } else {
            used
        }
    }

    /// Takes in what a beat came to.
    pub(crate) fn learn(&self, roll: &Roll, held: Parts, until: Timestamp, now: Timestamp) {
        let mut state = self.lock();
        state.held = held;
        state.used = held.first(roll.fair_share());
        state.until = until;
        // What was closed here a moment ago may not be in the database yet.
        state.closed.retain(|_, until| now < *until);
        for closed in &roll.closed {
            let known = state.closed.entry(closed.name.clone()).or_insert(now);
            *known = (*known).max(closed.until);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
