//! Properties of the journey for any checkpoints at all.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waybill_model::{
    Aside, Checkpoint, CheckpointSource, CompletedReason, CountryCode, CourierSlug, Direction,
    EventTime, Journey, JourneyInput, Mark, Promise, StepKind, SubStatus, derive, unfold,
};

/// Cases per property: enough to meet every rule, few enough to run always.
const CASES: u32 = 250;

/// Everything `derive` is told, owned.
#[derive(Debug, Clone)]
struct Known {
    now: Timestamp,
    created_at: Timestamp,
    order_date: Option<Timestamp>,
    destination_city: Option<&'static str>,
    direction: Option<Direction>,
    package_count: Option<u32>,
    last_mile: bool,
    marks: Vec<Mark>,
    slugs: [CourierSlug; 3],
}

impl Known {
    fn input(&self) -> JourneyInput<'_> {
        let promise = Promise {
            min: day(8),
            max: day(9),
        };
        JourneyInput {
            now: self.now,
            created_at: self.created_at,
            slug: &self.slugs[0],
            last_mile_slug: self.last_mile.then_some(&self.slugs[1]),
            order_date: self.order_date,
            ship_date: None,
            destination_city: self.destination_city,
            destination_country: CountryCode::parse("JPN"),
            destination_zone: None,
            direction: self.direction,
            package_count: self.package_count,
            marks: &self.marks,
            polled_at: None,
            first_promise: Some(promise),
            latest_promise: None,
        }
    }
}

#[test]
fn any_order_and_any_doubling_give_the_same_journey() {
    check(
        (known(), checkpoints(), any::<u64>()),
        |(known, given, seed)| {
            let expected = told(&derive(&known.input(), &given), &given);
            let mut shuffled = given.clone();
            shuffle(&mut shuffled, seed);
            prop_assert_eq!(
                &told(&derive(&known.input(), &shuffled), &shuffled),
                &expected
            );
            let mut doubled = [shuffled, given].concat();
            shuffle(&mut doubled, seed.rotate_left(7));
            prop_assert_eq!(
                &told(&derive(&known.input(), &doubled), &doubled),
                &expected
            );
            Ok(())
        },
    );
}

#[test]
fn every_checkpoint_stands_or_is_set_aside_once() {
    check((known(), checkpoints()), |(known, given)| {
        let journey = derive(&known.input(), &given);
        let mut seen: Vec<usize> = journey
            .standing
            .iter()
            .map(|standing| standing.index)
            .collect();
        for (index, aside) in &journey.set_aside {
            if let Aside::Folded { into } = aside {
                prop_assert!(
                    journey
                        .standing
                        .iter()
                        .any(|s| s.index == *into && s.members.contains(index))
                );
            }
            seen.push(*index);
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..given.len()).collect::<Vec<_>>());
        Ok(())
    });
}

#[test]
fn the_clock_alone_changes_nothing_before_it_said_so() {
    check((known(), checkpoints()), |(mut known, given)| {
        let before = derive(&known.input(), &given);
        let Some(change) = before.goes_quiet_at else {
            return Ok(());
        };
        prop_assert!(change > known.now);
        known.now = change - SignedDuration::from_nanos(1);
        let mut just_before = derive(&known.input(), &given);
        // Day counts go with the clock.
        just_before.transit_time = before.transit_time;
        just_before.on_time = before.on_time;
        prop_assert_eq!(&just_before, &before);
        known.now = change;
        let after = derive(&known.input(), &given);
        prop_assert!((after.active, after.set_aside) != (before.active, before.set_aside));
        Ok(())
    });
}

#[test]
fn day_counts_need_no_second_derivation() {
    check(
        (known(), checkpoints(), 0_i64..40),
        |(mut known, given, days)| {
            let facts = derive(&known.input(), &given).clock;
            let stored = serde_json::to_string(&facts).expect("json");
            let facts: waybill_model::ClockFacts = serde_json::from_str(&stored).expect("read");
            let next = known.now + SignedDuration::from_hours(days * 24);
            // A future scan may come true in between; its effect is a new derivation's.
            let only_past: Vec<Checkpoint> = derive(&known.input(), &given)
                .standing
                .iter()
                .flat_map(|standing| standing.members.iter().map(|index| given[*index].clone()))
                .collect();
            known.now = next;
            let later = derive(&known.input(), &only_past);
            prop_assert_eq!(facts.transit_time(next), later.transit_time);
            prop_assert_eq!(facts.on_time(next), later.on_time);
            Ok(())
        },
    );
}

#[test]
fn unfolding_ends_at_the_journey_of_all() {
    check(
        (known(), checkpoints(), checkpoints()),
        |(known, old, new)| {
            let given = [old.clone(), new.clone()].concat();
            let expected = told(&derive(&known.input(), &given), &given);
            let mut checkpoints = old;
            let unfolding = unfold(&known.input(), &mut checkpoints, new);
            prop_assert_eq!(told(&unfolding.last, &checkpoints), expected);
            Ok(())
        },
    );
}

#[test]
fn events_do_not_depend_on_how_checkpoints_were_split_over_polls() {
    check(
        (known(), checkpoints(), 0_usize..20),
        |(mut known, given, cut)| {
            // Nothing before creation, so that no event gathers history of two polls.
            known.created_at = at(0, 0);
            let mut sorted = Vec::new();
            let whole = unfold(&known.input(), &mut sorted, given);
            let mut first = sorted;
            let second = first.split_off(cut.min(first.len()));
            let mut checkpoints = Vec::new();
            let one = unfold(&known.input(), &mut checkpoints, first);
            let two = unfold(&known.input(), &mut checkpoints, second);
            let events = |steps: &[waybill_model::Step]| -> Vec<(StepKind, SubStatus)> {
                steps
                    .iter()
                    .map(|step| (step.kind, step.journey.sub_status))
                    .collect()
            };
            prop_assert_eq!(
                [events(&one.steps), events(&two.steps)].concat(),
                events(&whole.steps)
            );
            Ok(())
        },
    );
}

#[test]
fn any_text_of_a_time_is_read_or_refused() {
    check(("\\PC{0,40}", "[0-9TZ:+. -]{0,40}"), |(any, near)| {
        for text in [any, near] {
            if let Some(time) = EventTime::parse(&text) {
                prop_assert_eq!(EventTime::parse(&time.text), Some(time.clone()));
                let _ = (
                    time.instant(None, true),
                    time.instant(CountryCode::parse("FRA"), false),
                );
            }
        }
        Ok(())
    });
}

/// A journey without indices: what it says, with the checkpoints it shows.
fn told(
    journey: &Journey,
    given: &[Checkpoint],
) -> (Journey, Vec<Option<Checkpoint>>, Vec<String>) {
    let mut plain = journey.clone();
    let shown = plain
        .standing
        .iter()
        .map(|standing| standing.shown(given))
        .collect();
    for standing in &mut plain.standing {
        standing.index = 0;
        standing.message_index = 0;
        standing.members.clear();
    }
    let mut aside: Vec<String> = plain
        .set_aside
        .drain(..)
        .filter(|(_, aside)| !matches!(aside, Aside::Folded { .. }))
        .map(|(index, aside)| format!("{} {aside:?}", given[index].hash))
        .collect();
    aside.sort();
    aside.dedup();
    (plain, shown, aside)
}

fn check<S: Strategy>(strategy: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    if let Err(error) = runner.run(&strategy, property) {
        panic!("{error}");
    }
}

fn known() -> impl Strategy<Value = Known> {
    let slugs = ["first-post", "second-post", "other-post"];
    let slugs = slugs.map(|slug| CourierSlug::parse(slug).expect("slug"));
    let mark = (0_i64..80, 0_u8..4).prop_map(|(day, kind)| {
        let at = at(day, 600);
        let reason = match kind {
            0 => CompletedReason::Delivered,
            1 => CompletedReason::Lost,
            2 => CompletedReason::ReturnedToSender,
            _ => return Mark::Retrack { at },
        };
        Mark::Completed {
            reason,
            at,
            event_datetime: None,
        }
    });
    (
        (0_i64..90, 0_i64..10),
        prop::option::weighted(0.2, 0_i64..20),
        prop::option::of(Just("Turku")),
        prop::option::weighted(0.2, Just(Direction::Return)),
        prop::option::of(0_u32..4),
        any::<bool>(),
        prop::collection::vec(mark, 0..2),
    )
        .prop_map(
            move |((now, created), order, city, direction, count, last_mile, marks)| Known {
                now: at(now, 720),
                created_at: at(created, 300),
                order_date: order.map(|day| at(day, 0)),
                destination_city: city,
                direction,
                package_count: count,
                last_mile,
                marks,
                slugs: slugs.clone(),
            },
        )
}

fn checkpoints() -> impl Strategy<Value = Vec<Checkpoint>> {
    prop::collection::vec(checkpoint(), 0..14)
}

fn checkpoint() -> impl Strategy<Value = Checkpoint> {
    // Few values each, so that scans meet: same minute, same place, same day.
    let moment = (
        prop_oneof![0_i16..12, 0_i16..80, Just(-700_i16)],
        prop::option::weighted(0.85, (8_i8..10, 0_i8..4, prop_oneof![Just(0_i8), 0_i8..60])),
        prop::option::weighted(0.7, prop_oneof![Just(0_i8), Just(2), Just(-5)]),
    );
    let time = moment.prop_map(|(day_of_year, clock, offset)| {
        let clock = clock
            .map(|(hour, minute, second)| Time::new(hour, minute * 15, second, 0).expect("clock"));
        EventTime::new(day(day_of_year), clock, offset.map(Offset::constant))
    });
    let sub = (0..SubStatus::ALL.len()).prop_map(|index| SubStatus::ALL[index]);
    let place = prop::option::of(prop_oneof![Just("Turku"), Just("Oulu"), Just("TURKU ")]);
    let country = prop::option::of(prop_oneof![Just("FIN"), Just("USA")]);
    let piece = prop::option::weighted(0.3, prop_oneof![Just("1"), Just("2")]);
    let signed_by = prop::option::weighted(0.3, prop_oneof![Just("PORCH"), Just("E. Virtanen")]);
    let slug =
        prop_oneof![3 => Just("first-post"), 2 => Just("second-post"), 1 => Just("other-post")];
    let said = (slug, piece, time, sub, place, country, signed_by);
    let learned = (0_i64..80, prop::bool::weighted(0.1), 0_u8..3);
    (said, learned).prop_map(|(said, (seen, withdrawn, wording))| {
        let (slug, piece, time, sub_status, place, country, signed_by) = said;
        let slug = CourierSlug::parse(slug).expect("slug");
        let message = format!("{} in words {wording}", sub_status.message());
        Checkpoint {
            hash: Checkpoint::hash_of(&slug, piece, &time.text, None, &message, place),
            slug,
            piece: piece.map(str::to_owned),
            time,
            code: None,
            sub_status,
            message,
            location: place.map(str::to_owned),
            city: None,
            state: None,
            postal_code: None,
            country: country.and_then(CountryCode::parse),
            coordinate: None,
            signed_by: signed_by.map(str::to_owned),
            events: Vec::new(),
            source: CheckpointSource::Carrier,
            seen_at: at(seen, 0),
            withdrawn,
            missing_count: 0,
        }
    })
}

/// A minute of a day counted from the first of April.
fn at(days: i64, minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-04-01T00:00:00Z".parse().expect("timestamp");
    start + SignedDuration::from_mins(days * 24 * 60 + minutes)
}

fn day(days: i16) -> Date {
    let start = Date::constant(2026, 4, 1);
    start + SignedDuration::from_hours(i64::from(days) * 24)
}

fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let draw = usize::try_from(state >> 33).unwrap_or(0) % (last + 1);
        items.swap(last, draw);
    }
}
