//! What an organization works with, and what its numbers turned out to be.

use super::*;

fn slug(text: &str) -> CourierSlug {
    CourierSlug::parse(text).unwrap()
}

fn confidence(candidates: &[Candidate], courier: &str) -> f64 {
    let found = candidates.iter().find(|it| it.slug.as_str() == courier);
    found.map_or(0.0, |it| it.confidence)
}

/// Fourteen digits that several couriers have without any check digit.
const AMBIGUOUS: &str = "12345678901234";

#[test]
fn the_history_of_an_organization_outweighs_what_is_common_elsewhere() {
    let with = |history: &[(&str, u64)]| {
        let history = history.iter().map(|(it, count)| (slug(it), *count));
        let hints = Hints {
            history: history.collect(),
            ..Hints::default()
        };
        COURIERS.detect(AMBIGUOUS, &hints)
    };
    let without = confidence(&with(&[]), "hermes-de");
    let some = with(&[("hermes-de", 10)]);
    let many = with(&[("hermes-de", 500)]);
    assert_ne!(slugs(&with(&[]))[0], "hermes-de");
    assert!(without < 0.1 && confidence(&some, "hermes-de") > 0.4);
    assert_eq!(slugs(&many)[0], "hermes-de");
    assert!(many[0].confidence > SURE, "{many:?}");
    assert!(many[0].reason.contains("500 of your numbers like it"));
    // What is nobody's stays possible, and so do the others.
    let all: f64 = some.iter().map(|it| it.confidence).sum();
    assert!(all < 1.0);
    assert!(confidence(&some, "dpd") > 0.05);
}

#[test]
fn no_history_makes_a_wrong_check_digit_right() {
    let hints = Hints {
        history: vec![(slug("ups"), 10_000)],
        ..Hints::default()
    };
    assert!(!slugs(&COURIERS.detect("1Z999AA10123456785", &hints)).contains(&"ups"));
}

#[test]
fn a_courier_without_formats_is_known_by_its_history() {
    let courier = COURIERS.all().find(|it| it.is_listed_only()).unwrap();
    let with = |count| Hints {
        history: vec![(courier.slug().clone(), count)],
        ..Hints::default()
    };
    let number = "QQQ/7.7";
    assert!(COURIERS.detect(number, &with(4)).is_empty());
    let found = COURIERS.detect(number, &with(40));
    assert_eq!(slugs(&found), [courier.slug().as_str()]);
    assert!((0.7..0.9).contains(&found[0].confidence), "{found:?}");
    assert_eq!(found[0].format, "own history");
    let elsewhere = Hints {
        slugs: Some(vec![slug("ups")]),
        ..with(40)
    };
    assert!(COURIERS.detect(number, &elsewhere).is_empty());
}

#[test]
fn the_preferred_courier_comes_first_among_equals() {
    let preferring = |preferred: &[&str]| Hints {
        preferred: preferred.iter().map(|it| slug(it)).collect(),
        ..Hints::default()
    };
    let first = |number: &str, preferred: &[&str]| {
        let found = COURIERS.detect(number, &preferring(preferred));
        found[0].slug.to_string()
    };
    assert_eq!(first(AMBIGUOUS, &["dpd", "dpd-uk"]), "dpd");
    assert_eq!(first(AMBIGUOUS, &["dpd-uk", "dpd"]), "dpd-uk");
    assert_eq!(
        first("1Z999AA10123456784", &["dpd", "gls", "ups"]),
        "ups",
        "a check digit says more"
    );
}

#[test]
fn outlines_keep_what_points_at_a_courier() {
    for (number, expected) in [
        ("RA123456785DE", Some("RA99DE")),
        ("123456789012", Some("912")),
        ("1z 999aa1-0123456784", Some("91Z93a2911")),
        ("", None),
        ("A1B2C3D4E5F6G7", None),
    ] {
        assert_eq!(outline(number).as_deref(), expected, "{number}");
    }
}
