//! Somebody looks at parcels: what the courier is asked for it, and what not.

use jiff::SignedDuration;
use serde_json::{Value, json};
use waybill_storage::PollOutcome;

use crate::acme::{Acme, SIZE, Says, delivered};

fn nothing_yet(number: &str) -> Value {
    json!({"number": number, "checkpoints": []})
}

/// Somebody looks so many minutes later.
async fn look_after(acme: &Acme, minutes: i64, number: usize) {
    acme.clock.advance(SignedDuration::from_mins(minutes));
    acme.look(number).await;
    acme.runner.run_due().await;
}

#[tokio::test]
async fn however_many_look_a_parcel_is_asked_for_once_in_ten_minutes() {
    let acme = Acme::answering(nothing_yet).await;
    acme.follow(1).await;
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 1);
    // Half an hour, a look a minute.
    for _ in 0..30 {
        look_after(&acme, 1, 0).await;
    }
    assert_eq!(acme.requests().len(), 4);
    let poll = &acme.polls().await[0];
    assert_eq!(poll.tracked_count, 4);
    assert_eq!(poll.checked_at, Some(acme.now()));
    // The next asking is as far off as after any other, and what was left of earlier plans asks nothing.
    let next = poll.next_check_at.unwrap();
    assert!(next > acme.now() + SignedDuration::from_mins(45), "{next}");
    acme.clock
        .set(next.checked_sub(SignedDuration::from_mins(1)).unwrap());
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 4);
}

#[tokio::test]
async fn two_that_look_at_once_make_one_request() {
    let acme = Acme::answering(nothing_yet).await;
    acme.follow(1).await;
    acme.runner.run_due().await;
    acme.clock.advance(SignedDuration::from_mins(20));
    tokio::join!(acme.look(0), acme.look(0), acme.look(0));
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 2);
}

#[tokio::test]
async fn a_delivered_parcel_is_not_asked_for_by_looking() {
    let acme = Acme::answering(delivered).await;
    acme.follow(1).await;
    acme.runner.run_due().await;
    // Its courier is asked for a proof in two hours, and then in the night.
    let planned = acme.polls().await;
    assert!(planned[0].next_check_at.is_some());
    look_after(&acme, 30, 0).await;
    assert_eq!(acme.polls().await, planned);
    acme.clock.advance(SignedDuration::from_hours(30));
    while acme.runner.run_due().await > 0 {}
    let asked = acme.requests().len();
    assert_eq!(acme.polls().await[0].next_check_at, None);
    look_after(&acme, 30, 0).await;
    assert_eq!(acme.requests().len(), asked);
}

#[tokio::test]
async fn a_courier_that_fails_is_left_in_peace_while_it_is_backed_off_from() {
    let acme = Acme::answering(nothing_yet).await;
    acme.follow(1).await;
    acme.runner.run_due().await;
    acme.say(Says::Status(503));
    for _ in 0..3 {
        acme.clock.advance(SignedDuration::from_hours(1));
        acme.poll_now(0).await;
        acme.runner.run_due().await;
    }
    let waiting = acme.polls().await;
    assert_eq!(waiting[0].failures, 3);
    look_after(&acme, 11, 0).await;
    assert_eq!(acme.polls().await, waiting);
    assert_eq!(acme.requests().len(), 4);
}

#[tokio::test]
async fn looks_take_no_more_than_a_budget_has() {
    let acme = Acme::within(Some(6), Says::Parcels(nothing_yet)).await;
    acme.follow(SIZE).await;
    acme.runner.run_due().await;
    // From noon to midnight, every quarter of an hour somebody looks at one of them.
    for look in 0..47 {
        look_after(&acme, 15, look % SIZE).await;
    }
    assert_eq!(acme.requests().len(), 6);
    let polls = acme.polls().await;
    let refused = polls
        .iter()
        .find(|poll| poll.outcome == Some(PollOutcome::CouldNotAsk));
    let reason = refused.map(|poll| poll.reason.as_str());
    assert_eq!(reason, Some("the budget of Acme for today is used up"));
}
