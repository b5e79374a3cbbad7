//! The testing courier on the path of every courier: request.jq → answer → read.jq.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

use jiff::{SignedDuration, Timestamp};
use waybill_couriers::sandbox::{self, SandboxAnswer};
use waybill_couriers::{
    Ask, Couriers, Credentials, Hints, HttpAnswer, Outcome, Query, Reading, TroubleKind,
};

const CREATED_AT: &str = "2026-03-05T12:00:00.123Z";

fn after(minutes: i64) -> Timestamp {
    CREATED_AT.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

/// Asks as the poller does; `None` if nothing comes in time.
fn asked(couriers: &Couriers, number: &str, minutes: i64) -> Option<Outcome> {
    let courier = couriers.get(sandbox::SLUG).unwrap();
    let query = Query::new(number, after(0), after(minutes));
    let Ok(Ask::Request(request)) = courier.ask(&query, &Credentials::default(), None, None) else {
        panic!("the testing courier needs nothing");
    };
    assert_eq!(request.url, sandbox::address(number, after(0)));
    let (number, created_at) = sandbox::asked(&request.url).unwrap();
    match sandbox::answer(&number, created_at, query.now, 60.0) {
        SandboxAnswer::TimedOut => None,
        SandboxAnswer::Answer { status, body } => Some(courier.read(
            &query,
            &HttpAnswer {
                status,
                headers: &[],
                body: &body,
            },
        )),
    }
}

fn reading(couriers: &Couriers, number: &str, minutes: i64) -> Reading {
    match asked(couriers, number, minutes) {
        Some(Outcome::Reading(reading)) => reading,
        other => panic!("{number}: {other:?}"),
    }
}

fn told(reading: &Reading) -> Vec<(String, &'static str)> {
    reading
        .checkpoints
        .iter()
        .map(|it| (it.time.to_string(), it.sub_status.code()))
        .collect()
}

#[test]
fn a_script_is_told_step_by_step() {
    let couriers = Couriers::embedded().unwrap();
    let number = "IT002O-3-6436426452526";
    match asked(&couriers, number, 2) {
        Some(Outcome::NoDataYet { next_check_at, .. }) => assert_eq!(next_check_at, Some(after(3))),
        other => panic!("{other:?}"),
    }
    let first = reading(&couriers, number, 3);
    assert_eq!(
        told(&first),
        [(
            "2026-03-05T12:03:00.123+00:00".to_owned(),
            "InfoReceived_001"
        )]
    );
    assert_eq!(first.next_check_at, Some(after(6)));
    assert!(first.complete);
    let second = reading(&couriers, number, 8);
    assert_eq!(second.checkpoints.len(), 2);
    let last = reading(&couriers, number, 600);
    assert_eq!(
        told(&last),
        [
            (
                "2026-03-05T12:03:00.123+00:00".to_owned(),
                "InfoReceived_001"
            ),
            ("2026-03-05T12:06:00.123+00:00".to_owned(), "InTransit_002"),
            (
                "2026-03-05T12:09:00.123+00:00".to_owned(),
                "OutForDelivery_001"
            ),
        ]
    );
    assert_eq!(last.next_check_at, None);
    assert!(last.checkpoints.iter().all(|it| it.classified));
    let mut places: Vec<_> = last
        .checkpoints
        .iter()
        .map(|it| it.location.clone())
        .collect();
    places.dedup();
    assert_eq!(places.len(), 3, "no two scans share a place");
}

#[test]
fn every_fault_is_met_on_the_real_path() {
    let couriers = Couriers::embedded().unwrap();
    let outcome = |rest: &str| asked(&couriers, &format!("ITOD-1-{rest}"), 100);
    assert!(matches!(
        outcome("NOTFOUND1"),
        Some(Outcome::UnknownToCourier { .. })
    ));
    match outcome("ERROR1") {
        Some(Outcome::CouldNotAsk(trouble)) => assert_eq!(trouble.kind, TroubleKind::RetryLater),
        other => panic!("{other:?}"),
    }
    assert_eq!(outcome("SLOW1"), None);
    for rest in ["GARBLED", "GARBLED1", "GARBLED22", "GARBLED333"] {
        assert!(
            matches!(outcome(rest), Some(Outcome::CouldNotRead { .. })),
            "{rest}"
        );
    }
    let plain = reading(&couriers, "ITOD-1-77", 100);
    let mut scrambled = reading(&couriers, "ITOD-1-OUTOFORDER77", 100);
    assert_ne!(told(&scrambled), told(&plain));
    scrambled
        .checkpoints
        .sort_by(|a, b| a.time.text.cmp(&b.time.text));
    assert_eq!(scrambled.checkpoints, plain.checkpoints);
    let mut doubled = reading(&couriers, "ITOD-1-DUPLICATES77", 100);
    assert_eq!(doubled.checkpoints.len(), 8);
    doubled.checkpoints.dedup();
    assert_eq!(doubled.checkpoints, plain.checkpoints);
    let days = reading(&couriers, "ITOD-1-NOCLOCK77", 100);
    assert!(
        days.checkpoints
            .iter()
            .all(|it| it.time.time.is_none() && it.time.text == "2026-03-05")
    );
    assert!(matches!(
        asked(&couriers, "ITOD-2-LATE77", 3),
        Some(Outcome::NoDataYet { .. })
    ));
    let late = reading(&couriers, "ITOD-2-LATE77", 5);
    assert_eq!(
        told(&late),
        [(
            "2026-03-05T12:02:00.123+00:00".to_owned(),
            "InfoReceived_001"
        )]
    );
    assert_eq!(late.next_check_at, Some(after(6)));
}

#[test]
fn its_numbers_are_nobody_elses_and_nothing_else_is_a_number() {
    let couriers = Couriers::embedded().unwrap();
    let courier = couriers.get(sandbox::SLUG).unwrap();
    assert!(courier.definition.numbers_exhaustive);
    for number in [
        "ITOD-3-6436426452526",
        "I001T001E010E011-1-643642",
        "D-20-NOTFOUND",
        "FADEFADEFA-10-X",
    ] {
        assert!(sandbox::SandboxNumber::parse(number).is_some(), "{number}");
        let slugs: Vec<_> = couriers
            .detect(number, &Hints::default())
            .into_iter()
            .map(|it| it.slug.to_string())
            .collect();
        assert_eq!(slugs, [sandbox::SLUG], "{number}");
    }
    for number in [
        "ITOD-3",
        "ITOD-0-5",
        "ITOD-21-5",
        "XTOD-3-5",
        "I01-3-5",
        "-3-5",
        "TTTTTTTTTTT-3-5",
        "1Z4W7X200312345673",
    ] {
        assert_eq!(sandbox::SandboxNumber::parse(number), None, "{number}");
        assert!(!courier.accepts(number), "{number}");
    }
}
