//! A long history of several organizations, beside a model of it: lists, totals and events are right at
//! every age of what they tell of, whatever an engine does with the young and the old.

use waybill_model::{EventId, Tag, TrackingKey};

use super::{
    Engine,
    fixtures::{apply, at, create, event, event_id, fresh, organization, slug, tracking_of},
    lists::read_all,
    population::fits,
};
use crate::{Delete, EventKind, NewEvent, Put, Storage, TrackingFilter, TrackingRow, WriteSet};

const ORGANIZATIONS: u64 = 3;
const STEPS: u64 = 600;
/// Steps between two comparisons; shares no rhythm with any power of two.
const COMPARED_EVERY: u64 = 37;

/// What an organization should have, in the order it came.
#[derive(Default)]
struct Expected {
    trackings: Vec<TrackingRow>,
    events: Vec<EventId>,
}

/// Numbers that follow from a seed and look like chance (the finisher of SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % end
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }

    /// Gives a tracking all that lists go by.
    fn describe(&mut self, row: TrackingRow) -> TrackingRow {
        TrackingRow {
            slug: slug(self.one_of(&["ups", "dhl", "gls"])),
            tag: self.one_of(&[Tag::Pending, Tag::InTransit, Tag::Delivered]),
            order_id: self
                .one_of(&[None, Some("first"), Some("second")])
                .map(str::to_owned),
            ..row
        }
    }
}

pub async fn lists_and_events_are_right_at_every_age(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let mut all: Vec<Expected> = (0..ORGANIZATIONS).map(|_| Expected::default()).collect();
    let mut chance = Chance(1);
    for step in 1..=STEPS {
        // Most is written for the first, so that each is at another age.
        let position = chance.below(ORGANIZATIONS + 2).saturating_sub(2);
        take_step(
            &*storage,
            step,
            position,
            &mut all[position as usize],
            &mut chance,
        )
        .await;
        if step % COMPARED_EVERY == 0 || step == STEPS {
            for (position, expected) in (0..).zip(&all) {
                compare(&*storage, position, expected, step).await;
            }
        }
    }
}

/// Makes a tracking, or changes or deletes one of any age; each has an event.
async fn take_step(
    storage: &dyn Storage,
    step: u64,
    position: u64,
    expected: &mut Expected,
    chance: &mut Chance,
) {
    let organization = organization(1 + u128::from(position));
    let count = expected.trackings.len() as u64;
    let (mut set, about, kind) = match chance.below(8) {
        0 if count > 0 => {
            let gone = expected.trackings.remove(chance.below(count) as usize);
            let mut set = WriteSet::new(organization);
            set.delete.push(Delete::Tracking {
                key: gone.key,
                revision: gone.revision,
            });
            (set, gone.key, EventKind::TrackingDeleted)
        }
        1..4 if count > 0 => {
            let row = &mut expected.trackings[chance.below(count) as usize];
            let changed = chance.describe(TrackingRow {
                updated_at: at(step as i64),
                ..row.clone()
            });
            let set = WriteSet::new(organization).put(Put::Tracking(Box::new(changed.clone())));
            *row = TrackingRow {
                revision: changed.revision + 1,
                ..changed
            };
            (set, row.key, EventKind::TrackingEdited)
        }
        _ => {
            let row = chance.describe(tracking_of(organization, step));
            expected.trackings.push(TrackingRow {
                revision: 1,
                ..row.clone()
            });
            (create(&row), row.key, EventKind::TrackingCreated)
        }
    };
    set.events.push(NewEvent {
        kind,
        ..event(u128::from(step), about, &[])
    });
    expected.events.push(event_id(u128::from(step)));
    let sequence = apply(storage, set).await;
    assert_eq!(sequence, Some(expected.events.len() as u64));
}

async fn compare(storage: &dyn Storage, position: u64, expected: &Expected, step: u64) {
    let organization = organization(1 + u128::from(position));
    for filter in filters(step) {
        let fitting: Vec<TrackingKey> = (expected.trackings.iter().rev())
            .filter(|row| fits(&filter, row))
            .map(|row| row.key)
            .collect();
        let (keys, _) = read_all(storage, organization, &filter, 20).await;
        assert_eq!(keys, fitting, "{filter:?} after {step} steps");
        let count = storage.count_trackings(organization, &filter, at(0)).await;
        assert_eq!(
            count.unwrap(),
            fitting.len() as u64,
            "{filter:?} after {step} steps"
        );
    }
    let last = expected.events.len();
    for after in [
        0,
        last / 2,
        last.saturating_sub(17),
        last.saturating_sub(1),
        last,
    ] {
        let told = storage
            .events_after(organization, after as u64, 1_000)
            .await;
        let ids: Vec<EventId> = told.unwrap().iter().map(|event| event.id).collect();
        assert_eq!(ids, expected.events[after..], "after {step} steps");
        let one = storage.event(organization, after as u64 + 1).await.unwrap();
        assert_eq!(
            one.map(|event| event.id),
            expected.events.get(after).copied()
        );
    }
}

/// By each list, with and without bounds that cut through the young.
fn filters(step: u64) -> Vec<TrackingFilter> {
    let all = TrackingFilter::default;
    let orders = |orders: &[&str]| orders.iter().map(ToString::to_string).collect::<Vec<_>>();
    let recent = Some(at(step as i64 - 15));
    vec![
        all(),
        TrackingFilter {
            tags: vec![Tag::InTransit],
            ..all()
        },
        TrackingFilter {
            tags: vec![Tag::Pending, Tag::Delivered],
            created_at_min: recent,
            ..all()
        },
        TrackingFilter {
            slugs: vec![slug("ups")],
            ..all()
        },
        TrackingFilter {
            slugs: vec![slug("dhl"), slug("gls")],
            created_at_max: recent,
            ..all()
        },
        TrackingFilter {
            order_ids: orders(&["first"]),
            ..all()
        },
        TrackingFilter {
            order_ids: orders(&["first", "second", "none"]),
            tags: vec![Tag::Delivered],
            ..all()
        },
        TrackingFilter {
            updated_at_min: recent,
            ..all()
        },
    ]
}
