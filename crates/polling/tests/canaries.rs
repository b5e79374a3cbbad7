//! Known numbers are asked without parcels, and what came of them is told.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use waybill_couriers::Couriers;
use waybill_model::{Clock, FakeClock};
use waybill_outside::{Door, Policy, Ports};
use waybill_polling::{Asker, Canary, CourierOptions, SandboxAnswerer};

const NOW: &str = "2026-03-09T15:00:00Z";

/// Asks twice for the testing courier's canary, and tells what is known of canaries then.
async fn asked_twice(canary: Option<&str>) -> Vec<(String, Canary)> {
    let now: Timestamp = NOW.parse().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new(now));
    let door = Door::new(Policy {
        allow_networks: Vec::new(),
        ports: Ports::Any,
        user_agent: "test".to_owned(),
    });
    let answerer = SandboxAnswerer::new(clock, 60.0);
    let door = door
        .unwrap()
        .with_answerer(SandboxAnswerer::SCHEME, Arc::new(answerer));
    let options = CourierOptions {
        canary: canary.map(str::to_owned),
        ..CourierOptions::default()
    };
    let options = BTreeMap::from([("testing-courier".to_owned(), options)]);
    let asker = Asker::new(Arc::new(door), options);
    let couriers = Couriers::embedded().unwrap();
    asker.ask_canaries(&couriers, now).await;
    asker.ask_canaries(&couriers, now).await;
    asker.canaries()
}

fn canary(outcome: &'static str, events: Option<usize>) -> (String, Canary) {
    let askings = BTreeMap::from([(outcome, 2)]);
    ("testing-courier".to_owned(), Canary { askings, events })
}

#[tokio::test]
async fn what_a_canary_tells_is_counted() {
    let told = asked_twice(Some("ITOD-3-1")).await;
    assert_eq!(told, [canary("ok", Some(4))]);
}

#[tokio::test]
async fn a_canary_that_was_forgotten_is_seen() {
    let told = asked_twice(Some("ITOD-3-NOTFOUND1")).await;
    assert_eq!(told, [canary("unknown_to_courier", Some(0))]);
}

#[tokio::test]
async fn an_outage_says_nothing_of_the_answers() {
    let told = asked_twice(Some("ITOD-3-SLOW1")).await;
    assert_eq!(told, [canary("could_not_ask", None)]);
}

#[tokio::test]
async fn no_courier_has_one_by_itself() {
    assert_eq!(asked_twice(None).await, []);
}
