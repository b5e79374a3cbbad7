//! Whether a webhook takes deliveries at all, as this process has seen it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use waybill_model::{DeliveryId, WebhookId};

/// Deliveries of one webhook in flight at once: a slow receiver must not fill the worker.
const IN_FLIGHT_PER_WEBHOOK: usize = 10;

/// What is in flight, and when each webhook last took something.
#[derive(Default)]
pub(crate) struct Health(Mutex<State>);

#[derive(Default)]
struct State {
    last_success: HashMap<WebhookId, Timestamp>,
    in_flight: HashMap<WebhookId, HashSet<DeliveryId>>,
}

/// Whether a delivery may be sent now.
pub(crate) enum Entry<'a> {
    /// It may, while the place is held.
    Go(Place<'a>),
    /// Another job of this process is sending this very delivery.
    InFlight,
    /// The webhook has all it may have at once.
    Full,
}

/// A delivery's place among those in flight, given back when dropped, however its sending ended.
pub(crate) struct Place<'a> {
    health: &'a Health,
    webhook: WebhookId,
    delivery: DeliveryId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.health.leave(self.webhook, self.delivery);
    }
}

impl Health {
    pub(crate) fn enter(&self, webhook: WebhookId, delivery: DeliveryId) -> Entry<'_> {
        let mut state = self.lock();
        let places = state.in_flight.entry(webhook).or_default();
        if places.contains(&delivery) {
            return Entry::InFlight;
        }
        if places.len() >= IN_FLIGHT_PER_WEBHOOK {
            return Entry::Full;
        }
        places.insert(delivery);
        Entry::Go(Place {
            health: self,
            webhook,
            delivery,
        })
    }

    fn leave(&self, webhook: WebhookId, delivery: DeliveryId) {
        let mut state = self.lock();
        if let Some(places) = state.in_flight.get_mut(&webhook) {
            places.remove(&delivery);
            if places.is_empty() {
                state.in_flight.remove(&webhook);
            }
        }
    }

    pub(crate) fn succeeded(&self, webhook: WebhookId, at: Timestamp) {
        self.lock().last_success.insert(webhook, at);
    }

    /// Whether the webhook took something since the instant.
    pub(crate) fn took_since(&self, webhook: WebhookId, since: Timestamp) -> bool {
        self.lock()
            .last_success
            .get(&webhook)
            .is_some_and(|at| *at > since)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
