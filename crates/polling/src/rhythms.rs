//! The couriers' rhythms, learned by all nodes together and kept over restarts.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use waybill_cadence::{Asked, Rhythm};
use waybill_model::CourierSlug;
use waybill_storage::{RhythmRow, Storage};

/// What was seen corrects a rhythm once in so long.
const FOLD_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// What was learned here is added to what all know once in so long; it is what a crash may lose.
const KEEP_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// How often it is tried again while other nodes write the same rhythm.
const TRIES: usize = 3;

/// A rhythm for every courier that was asked; the priors until something was learned.
#[derive(Default)]
pub(crate) struct Rhythms(Mutex<HashMap<CourierSlug, Learned>>);

struct Learned {
    /// What all knew when it was kept last.
    before: Rhythm,
    /// With what was learned here since.
    rhythm: Rhythm,
    kept_at: Timestamp,
    is_new: bool,
}

/// What is written.
#[derive(Serialize, Deserialize)]
struct Document {
    rhythm: Rhythm,
    folded_at: Timestamp,
}

impl Rhythms {
    /// Reads what all know of a courier, and adds what was learned here, where that is due. What fails is tried
    /// again when it is due next.
    pub(crate) async fn keep(&self, storage: &dyn Storage, slug: &CourierSlug, now: Timestamp) {
        let (is_new, snapshot) = {
            let mut all = self.lock();
            let learned = all.entry(slug.clone()).or_insert_with(|| Learned {
                before: Rhythm::default(),
                rhythm: Rhythm::default(),
                kept_at: now,
                is_new: true,
            });
            if !learned.is_new && now.duration_since(learned.kept_at) < KEEP_EVERY {
                return;
            }
            let is_new = std::mem::take(&mut learned.is_new);
            learned.kept_at = now;
            (is_new, (learned.before.clone(), learned.rhythm.clone()))
        };
        match kept(storage, slug, &snapshot, is_new, now).await {
            Ok(shared) => {
                if let Some(learned) = self.lock().get_mut(slug) {
                    // Others may have learned while it was written.
                    let since = learned.rhythm.learned_since(&snapshot.1);
                    learned.before = shared.clone();
                    learned.rhythm = shared;
                    learned.rhythm.add(&since);
                }
            }
            Err(reason) => tracing::warn!(%slug, reason, "a courier's rhythm could not be kept"),
        }
    }

    /// Takes in a lesson, if there is one, and hands out the courier's rhythm to decide with.
    pub(crate) fn with<T>(
        &self,
        slug: &CourierSlug,
        lesson: Option<&Asked>,
        decide: impl FnOnce(&Rhythm) -> T,
    ) -> T {
        let mut all = self.lock();
        let Some(learned) = all.get_mut(slug) else {
            return decide(&Rhythm::default());
        };
        if let Some(lesson) = lesson {
            learned.rhythm.learn(lesson);
        }
        decide(&learned.rhythm)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CourierSlug, Learned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all know with what was learned here, written; only read where nothing can have been learned.
async fn kept(
    storage: &dyn Storage,
    slug: &CourierSlug,
    (before, rhythm): &(Rhythm, Rhythm),
    only_read: bool,
    now: Timestamp,
) -> Result<Rhythm, String> {
    let lessons = rhythm.learned_since(before);
    for _ in 0..TRIES {
        let row = storage.rhythm(slug).await.map_err(|it| it.to_string())?;
        let known = row.as_ref().map(|row| serde_json::from_str(&row.document));
        // What an older or newer program wrote and this one cannot read is begun anew.
        let Document {
            rhythm: mut shared,
            mut folded_at,
        } = known.and_then(Result::ok).unwrap_or_else(|| Document {
            rhythm: Rhythm::default(),
            folded_at: now,
        });
        if only_read {
            return Ok(shared);
        }
        shared.add(&lessons);
        if now.duration_since(folded_at) >= FOLD_EVERY {
            shared.fold();
            folded_at = now;
        }
        let document = Document {
            rhythm: shared,
            folded_at,
        };
        let row = RhythmRow {
            slug: slug.clone(),
            revision: row.map_or(0, |row| row.revision),
            document: serde_json::to_string(&document).map_err(|it| it.to_string())?,
        };
        if storage.put_rhythm(row).await.map_err(|it| it.to_string())? {
            return Ok(document.rhythm);
        }
    }
    Err("other nodes wrote it at the same time".to_owned())
}

#[cfg(test)]
mod tests {
    use waybill_cadence::Stage;
    use waybill_storage_sqlite::SqliteStorage;

    use super::*;

    const AT: i64 = 1_790_000_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(AT + minutes * 60).unwrap()
    }

    fn rate(rhythms: &Rhythms, slug: &CourierSlug) -> f64 {
        rhythms.with(slug, None, |rhythm| rhythm.rate(Stage::Moving, 3, 0, 600))
    }

    /// Nothing comes at ten, however often it is asked.
    fn learn(rhythms: &Rhythms, slug: &CourierSlug) {
        let lesson = Asked {
            stage: Stage::Moving,
            scans: 3,
            news_at: 0,
            from: 600,
            to: 660,
            happened: None,
            weight: 0.0,
        };
        for _ in 0..500 {
            rhythms.with(slug, Some(&lesson), |_| ());
        }
    }

    #[tokio::test]
    async fn what_two_nodes_learned_is_known_after_a_restart() {
        let storage = SqliteStorage::open_in_memory().unwrap();
        let slug = CourierSlug::parse("acme").unwrap();
        let nodes = [Rhythms::default(), Rhythms::default()];
        for node in &nodes {
            node.keep(&storage, &slug, at(0)).await;
        }
        let believed = rate(&nodes[0], &slug);
        for node in &nodes {
            learn(node, &slug);
            node.keep(&storage, &slug, at(15)).await;
        }
        // Once a day it corrects what is believed.
        nodes[0].keep(&storage, &slug, at(25 * 60)).await;
        let restarted = Rhythms::default();
        restarted.keep(&storage, &slug, at(26 * 60)).await;
        let learned = rate(&restarted, &slug);
        assert!(learned < believed / 2.0, "{learned} {believed}");

        let alone = Rhythms::default();
        let storage = SqliteStorage::open_in_memory().unwrap();
        alone.keep(&storage, &slug, at(0)).await;
        learn(&alone, &slug);
        alone.keep(&storage, &slug, at(15)).await;
        alone.keep(&storage, &slug, at(25 * 60)).await;
        assert!(learned < rate(&alone, &slug), "two saw more than one");
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_begun_anew() {
        let storage = SqliteStorage::open_in_memory().unwrap();
        let slug = CourierSlug::parse("acme").unwrap();
        let row = RhythmRow {
            slug: slug.clone(),
            revision: 0,
            document: "{\"rhythm\": 7}".to_owned(),
        };
        assert!(storage.put_rhythm(row).await.unwrap());
        let rhythms = Rhythms::default();
        for minutes in [0, 15] {
            rhythms.keep(&storage, &slug, at(minutes)).await;
        }
        let document = storage.rhythm(&slug).await.unwrap().unwrap().document;
        assert!(serde_json::from_str::<Document>(&document).is_ok());
    }
}
