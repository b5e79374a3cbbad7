//! What is shown of checkpoints that were folded.

mod common;

use waybill_model::{Aside, Checkpoint, CheckpointEvent, Coordinate, CountryCode, derive};

/// The shown form of the last standing checkpoint of a case whose last two are `tellings`.
fn shown(case: &str, change: impl Fn(&mut Checkpoint, &mut Checkpoint)) -> Checkpoint {
    let cases = common::own_cases();
    let case = cases.iter().find(|known| known.name == case).expect(case);
    let mut given = case.checkpoints.clone();
    let [.., first, second] = &mut given[..] else {
        panic!("two checkpoints");
    };
    change(first, second);
    let forwards = last_shown(case, &given);
    given.reverse();
    assert_eq!(last_shown(case, &given), forwards);
    forwards
}

fn last_shown(case: &common::Case, given: &[Checkpoint]) -> Checkpoint {
    let journey = derive(&case.input(), given);
    let last = journey.standing.last().expect("standing");
    last.shown(given).expect("shown")
}

#[test]
fn a_rewritten_text_replaces_the_text_and_keeps_the_identity() {
    let hash = |checkpoint: &Checkpoint| checkpoint.hash.clone();
    let mut old = String::new();
    let checkpoint = shown("new_words_later", |_, _| ());
    for case in common::own_cases() {
        if case.name == "new_words_later" {
            old = hash(&case.checkpoints[1]);
        }
    }
    assert_eq!(checkpoint.hash, old);
    assert_eq!(checkpoint.message, "Sorted at our centre in Metz");
    // The other way round: the text that was learned later is the first one's.
    let swapped = shown("new_words_later", |first, second| {
        std::mem::swap(&mut first.seen_at, &mut second.seen_at);
    });
    assert_ne!(swapped.hash, old);
    assert_eq!(swapped.message, "Processed at depot");
}

#[test]
fn the_exact_code_brings_its_text() {
    let checkpoint = shown("generic_and_exact", |_, _| ());
    assert_eq!(checkpoint.message, "Shop was shut");
    assert_eq!(checkpoint.time.text, "2026-06-05T13:00:00+02:00");
}

#[test]
fn each_telling_adds_what_it_knows() {
    let event = |code: &str| CheckpointEvent {
        code: code.to_owned(),
        reason: None,
    };
    let checkpoint = shown("one_place_missing", |first, second| {
        first.events = vec![event("picked_up")];
        second.events = vec![event("picked_up"), event("rerouted")];
        second.country = CountryCode::parse("AUT");
        second.coordinate = Some(Coordinate {
            latitude: 48.3,
            longitude: 14.29,
        });
    });
    assert_eq!(checkpoint.location.as_deref(), Some("Linz"));
    assert_eq!(checkpoint.country, CountryCode::parse("AUT"));
    assert!(checkpoint.coordinate.is_some());
    assert_eq!(checkpoint.events, [event("picked_up"), event("rerouted")]);
}

#[test]
fn a_withdrawn_wording_is_folded_and_a_withdrawn_scan_is_withdrawn() {
    let asides = |case: &str| {
        let cases = common::own_cases();
        let case = cases.iter().find(|known| known.name == case).expect(case);
        derive(&case.input(), &case.checkpoints).set_aside
    };
    // The withdrawn wording was first, so it gives the identity and its successor is folded.
    assert_eq!(
        asides("old_words_withdrawn"),
        [(2, Aside::Folded { into: 1 })]
    );
    assert_eq!(asides("withdrawn_delivery"), [(2, Aside::Withdrawn)]);
    assert_eq!(asides("ahead_by_two_hours"), [(1, Aside::Future)]);
    assert_eq!(asides("year_before_last"), [(1, Aside::BrokenClock)]);
    assert_eq!(asides("lost_by_hand"), [(1, Aside::AfterCompletion)]);
    let lives = [(0, Aside::OtherLife), (1, Aside::OtherLife)];
    assert_eq!(asides("before_the_order"), lives);
    assert_eq!(asides("new_label_after_a_delivery"), lives);
}
