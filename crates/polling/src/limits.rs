//! What a courier may be asked at once and per second, in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use waybill_couriers::Courier;

/// Leave to ask a courier now.
pub(crate) struct Leave {
    _place: OwnedSemaphorePermit,
}

/// The limits of all couriers.
#[derive(Default)]
pub(crate) struct Limits(Mutex<HashMap<String, Courierly>>);

struct Courierly {
    places: Arc<Semaphore>,
    /// When the next request fits the rate.
    free_at: Timestamp,
    /// The courier asked us to wait until then.
    closed_until: Timestamp,
}

impl Limits {
    /// Leave to ask, or when to try again. Nobody waits here: a job that waited would hold a
    /// worker's place that another courier could use.
    pub(crate) fn enter(&self, courier: &Courier, now: Timestamp) -> Result<Leave, Timestamp> {
        let Some(connection) = &courier.definition.connection else {
            return Err(now);
        };
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = limits
            .entry(courier.definition.slug.to_string())
            .or_insert_with(|| Courierly {
                places: Arc::new(Semaphore::new(connection.concurrency as usize)),
                free_at: now,
                closed_until: now,
            });
        if now < limit.closed_until {
            return Err(limit.closed_until);
        }
        let pause = SignedDuration::from_secs_f64(1.0 / connection.requests_per_second.max(0.001));
        if now < limit.free_at {
            return Err(limit.free_at);
        }
        match limit.places.clone().try_acquire_owned() {
            Ok(place) => {
                limit.free_at = now + pause;
                Ok(Leave { _place: place })
            }
            Err(_) => Err(now + pause.max(SignedDuration::from_millis(100))),
        }
    }

    /// The courier asked for patience.
    pub(crate) fn close(&self, slug: &str, until: Timestamp) {
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limit) = limits.get_mut(slug) {
            limit.closed_until = limit.closed_until.max(until);
        }
    }
}
