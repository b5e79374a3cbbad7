//! Which events newly learned checkpoints make.

use jiff::Timestamp;
use waybill_model::{
    Checkpoint, CheckpointSource, CourierSlug, EventTime, JourneyInput, StepKind, SubStatus, unfold,
};

use StepKind::{NewCheckpoint, StatusChanged};

fn slug() -> CourierSlug {
    CourierSlug::parse("posti").expect("slug")
}

fn scan(time: &str, sub: SubStatus, text: &str) -> Checkpoint {
    let time = EventTime::parse(time).expect("time");
    Checkpoint {
        hash: Checkpoint::hash_of(&slug(), None, &time.text, None, text, None),
        slug: slug(),
        piece: None,
        seen_at: time.instant(None, false),
        time,
        code: None,
        sub_status: sub,
        message: text.to_owned(),
        location: None,
        city: None,
        state: None,
        postal_code: None,
        country: None,
        coordinate: None,
        signed_by: None,
        events: Vec::new(),
        source: CheckpointSource::Carrier,
        withdrawn: false,
        missing_count: 0,
    }
}

fn pickup() -> Checkpoint {
    scan(
        "2026-09-08T15:00:00Z",
        SubStatus::IN_TRANSIT_002,
        "Luovutettu",
    )
}

fn depot() -> Checkpoint {
    scan(
        "2026-09-09T04:00:00Z",
        SubStatus::IN_TRANSIT_003,
        "Lajittelussa",
    )
}

fn round() -> Checkpoint {
    scan(
        "2026-09-10T06:00:00Z",
        SubStatus::OUT_FOR_DELIVERY_001,
        "Jakelussa",
    )
}

fn delivered() -> Checkpoint {
    scan(
        "2026-09-10T10:00:00Z",
        SubStatus::DELIVERED_001,
        "Toimitettu",
    )
}

/// The events: the status each carries, and why it was sent.
fn events(
    created_at: &str,
    known: &[Checkpoint],
    learned: &[Checkpoint],
) -> Vec<(&'static str, StepKind)> {
    let slug = slug();
    let input = JourneyInput {
        now: "2026-09-12T12:00:00Z".parse().expect("now"),
        created_at: created_at.parse::<Timestamp>().expect("created"),
        slug: &slug,
        last_mile_slug: None,
        order_date: None,
        ship_date: None,
        destination_city: None,
        destination_country: None,
        destination_zone: None,
        direction: None,
        package_count: None,
        marks: &[],
        polled_at: None,
        first_promise: None,
        latest_promise: None,
    };
    let unfolding = unfold(&input, &mut known.to_vec(), learned.to_vec());
    unfolding
        .steps
        .iter()
        .map(|step| (step.journey.sub_status.code(), step.kind))
        .collect()
}

const BEFORE_ALL: &str = "2026-09-08T08:00:00Z";
const AFTER_ALL: &str = "2026-09-11T08:00:00Z";

#[test]
fn one_event_per_change_in_the_order_of_the_scans() {
    let learned = [delivered(), pickup(), round(), depot()];
    assert_eq!(
        events(BEFORE_ALL, &[], &learned),
        [
            ("InTransit_002", StatusChanged),
            ("InTransit_003", StatusChanged),
            ("OutForDelivery_001", StatusChanged),
            ("Delivered_001", StatusChanged),
        ]
    );
}

#[test]
fn a_newer_scan_without_a_change_is_an_event_of_its_own() {
    let next = scan("2026-09-09T20:00:00Z", SubStatus::IN_TRANSIT_003, "Turussa");
    let late = scan("2026-09-10T15:00:00Z", SubStatus::IN_TRANSIT_003, "Turussa");
    assert_eq!(
        events(BEFORE_ALL, &[depot()], &[next]),
        [("InTransit_003", NewCheckpoint)]
    );
    assert_eq!(
        events(BEFORE_ALL, &[delivered()], &[late]),
        [("Delivered_001", NewCheckpoint)]
    );
}

#[test]
fn what_is_no_news_makes_no_event() {
    let known = [pickup(), delivered()];
    let reworded = Checkpoint {
        message: "Toimitettu vastaanottajalle".to_owned(),
        ..delivered()
    };
    let folded = Checkpoint {
        time: EventTime::parse("2026-09-10T10:00:30Z").expect("time"),
        ..delivered()
    };
    let future = scan("2026-10-10T10:00:00Z", SubStatus::EXCEPTION_012, "Rikki");
    let broken = scan("2001-01-01T00:00:00Z", SubStatus::EXCEPTION_012, "Rikki");
    let withdrawn = Checkpoint {
        withdrawn: true,
        ..scan("2026-09-11T10:00:00Z", SubStatus::EXCEPTION_012, "Rikki")
    };
    for no_news in [
        depot(),
        delivered(),
        reworded,
        folded,
        future,
        broken,
        withdrawn,
    ] {
        assert_eq!(events(BEFORE_ALL, &known, &[no_news]), []);
    }
    assert_eq!(events(BEFORE_ALL, &known, &[]), []);
}

#[test]
fn an_undone_delivery_is_told_step_by_step() {
    let out_again = scan(
        "2026-09-11T06:00:00Z",
        SubStatus::OUT_FOR_DELIVERY_001,
        "Jakelussa",
    );
    let again = scan("2026-09-11T09:00:00Z", SubStatus::DELIVERED_003, "Kuitattu");
    assert_eq!(
        events(BEFORE_ALL, &[pickup(), delivered()], &[again, out_again]),
        [
            ("OutForDelivery_001", StatusChanged),
            ("Delivered_003", StatusChanged)
        ]
    );
}

#[test]
fn what_happened_before_creation_is_one_event() {
    let learned = [pickup(), depot(), round(), delivered()];
    assert_eq!(
        events(AFTER_ALL, &[], &learned),
        [("Delivered_001", StatusChanged)]
    );
    // Created while it was with the driver: history, then the news.
    assert_eq!(
        events("2026-09-10T07:00:00Z", &[], &learned),
        [
            ("OutForDelivery_001", StatusChanged),
            ("Delivered_001", StatusChanged)
        ]
    );
    // A scan within a minute before creation is news.
    assert_eq!(
        events("2026-09-10T06:00:59Z", &[], &learned),
        [
            ("InTransit_003", StatusChanged),
            ("OutForDelivery_001", StatusChanged),
            ("Delivered_001", StatusChanged),
        ]
    );
}

#[test]
fn a_step_shows_the_tracking_as_of_then() {
    let slug = slug();
    let input = JourneyInput {
        now: "2026-09-12T12:00:00Z".parse().expect("now"),
        created_at: BEFORE_ALL.parse().expect("created"),
        slug: &slug,
        last_mile_slug: None,
        order_date: None,
        ship_date: None,
        destination_city: None,
        destination_country: None,
        destination_zone: None,
        direction: None,
        package_count: None,
        marks: &[],
        polled_at: None,
        first_promise: None,
        latest_promise: None,
    };
    let mut checkpoints = vec![pickup()];
    let unfolding = unfold(&input, &mut checkpoints, vec![delivered(), depot()]);
    assert_eq!(checkpoints, [pickup(), depot(), delivered()]);
    let [first, second] = &unfolding.steps[..] else {
        panic!("two steps: {:?}", unfolding.steps);
    };
    assert_eq!((first.known, second.known), (2, 3));
    assert_eq!(
        (
            first.journey.delivery.is_some(),
            second.journey.delivery.is_some()
        ),
        (false, true)
    );
    let texts = |journey: &waybill_model::Journey| -> Vec<String> {
        let shown = journey
            .standing
            .iter()
            .filter_map(|standing| standing.shown(&checkpoints));
        shown.map(|checkpoint| checkpoint.message).collect()
    };
    assert_eq!(texts(&first.journey), ["Luovutettu", "Lajittelussa"]);
    assert_eq!(
        texts(&second.journey),
        ["Luovutettu", "Lajittelussa", "Toimitettu"]
    );
    assert_eq!(second.journey, unfolding.last);
}
