//! What this process learned of the couriers' rhythms.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use waybill_cadence::{Asked, Rhythm};

/// What was seen corrects a rhythm once in so long.
const FOLD_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A rhythm for every courier that was asked; the priors until something was learned.
#[derive(Default)]
pub(crate) struct Rhythms(Mutex<HashMap<String, Learned>>);

struct Learned {
    rhythm: Rhythm,
    folded_at: Timestamp,
}

impl Rhythms {
    /// Takes in a lesson, if there is one, and hands out the courier's rhythm to decide with.
    pub(crate) fn with<T>(
        &self,
        slug: &str,
        lesson: Option<&Asked>,
        now: Timestamp,
        decide: impl FnOnce(&Rhythm) -> T,
    ) -> T {
        let mut all = self.lock();
        if !all.contains_key(slug) {
            let learned = Learned {
                rhythm: Rhythm::default(),
                folded_at: now,
            };
            all.insert(slug.to_owned(), learned);
        }
        let Some(learned) = all.get_mut(slug) else {
            return decide(&Rhythm::default());
        };
        if let Some(lesson) = lesson {
            learned.rhythm.learn(lesson);
        }
        if now.duration_since(learned.folded_at) >= FOLD_EVERY {
            learned.rhythm.fold();
            learned.folded_at = now;
        }
        decide(&learned.rhythm)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Learned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
