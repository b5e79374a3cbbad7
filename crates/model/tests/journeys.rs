//! The rules of the journey, case by case: each case as it is written, reversed, doubled, shuffled.

mod common;

use std::path::Path;

use common::Case;
use waybill_model::Checkpoint;

#[test]
fn our_own_cases() {
    let cases = common::own_cases();
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    assert_all(&cases);
}

/// The project's larger list of cases, where it lies beside the checkout.
#[test]
fn the_project_s_cases_where_they_are_at_hand() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/journeys.jsonl");
    if path.exists() {
        assert_all(&common::read(&path));
    }
}

fn assert_all(cases: &[Case]) {
    let mut differences = Vec::new();
    for case in cases {
        for (arrival, checkpoints) in arrivals(&case.checkpoints) {
            let found = case.differences(&checkpoints);
            differences.extend(found.iter().map(|text| format!("{text} ({arrival})")));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The same checkpoints in different orders and doublings.
fn arrivals(checkpoints: &[Checkpoint]) -> Vec<(&'static str, Vec<Checkpoint>)> {
    let given = checkpoints.to_vec();
    let mut reversed = given.clone();
    reversed.reverse();
    let doubled = [given.clone(), given.clone()].concat();
    let mut all = vec![
        ("as given", given.clone()),
        ("reversed", reversed),
        ("doubled", doubled),
    ];
    for seed in 1..=8 {
        let mut shuffled = given.clone();
        shuffle(&mut shuffled, seed);
        all.push(("shuffled", shuffled));
    }
    all
}

/// Fisher–Yates with a small congruential generator: the same shuffle on every run.
fn shuffle(checkpoints: &mut [Checkpoint], seed: u64) {
    let mut state = seed;
    for last in (1..checkpoints.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let draw = usize::try_from(state >> 33).unwrap_or(0) % (last + 1);
        checkpoints.swap(last, draw);
    }
}
