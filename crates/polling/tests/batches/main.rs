//! Parcels of one courier share requests: over real HTTP, on a real engine, under a clock that stands still
//! until it is moved.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

mod acme;
mod looks;

use jiff::SignedDuration;
use serde_json::json;
use waybill_service::POLL_JOB;
use waybill_storage::{Claim, PollOutcome};

use crate::acme::{Acme, SIZE, Says, delivered};

#[tokio::test]
async fn parcels_due_together_share_requests() {
    let acme = Acme::answering(|number| match number {
        "AC03" => json!({"number": number, "unknown": "never heard of it"}),
        "AC07" => json!({"number": number, "checkpoints": [{"time": "tomorrow"}]}),
        "AC08" => json!({"number": "somebody else's", "checkpoints": []}),
        _ => delivered(number),
    })
    .await;
    acme.follow(25).await;
    acme.runner.run_due().await;
    let requests = acme.requests();
    let mut sizes: Vec<usize> = requests.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, SIZE, SIZE]);
    for poll in acme.polls().await {
        let expected = match poll.number.as_str() {
            "AC03" => PollOutcome::UnknownToCourier,
            "AC07" | "AC08" => PollOutcome::CouldNotRead,
            _ => PollOutcome::Ok,
        };
        assert_eq!(poll.outcome, Some(expected), "{}", poll.number);
        assert_eq!(poll.tracked_count, 1, "{}", poll.number);
    }
}

#[tokio::test]
async fn a_request_that_fails_has_failed_for_all_and_less_is_asked_at_once() {
    let acme = Acme::saying(Says::Status(503)).await;
    acme.follow(SIZE).await;
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 1);
    for poll in acme.polls().await {
        assert_eq!(poll.outcome, Some(PollOutcome::CouldNotAsk));
        assert_eq!(poll.reason, "HTTP 503");
    }
    acme.say(Says::Parcels(delivered));
    acme.clock.advance(SignedDuration::from_mins(10));
    acme.runner.run_due().await;
    let sizes: Vec<usize> = acme.requests()[1..].iter().map(Vec::len).collect();
    assert_eq!(sizes, [SIZE / 2, SIZE / 2]);
    for poll in acme.polls().await {
        assert_eq!(poll.outcome, Some(PollOutcome::Ok));
    }
}

#[tokio::test]
async fn a_request_with_room_takes_those_that_are_nearly_due() {
    let acme = Acme::answering(|number| json!({"number": number, "checkpoints": []})).await;
    acme.follow(3).await;
    acme.runner.run_due().await;
    // A new number is asked for every hour: after five minutes it is too early for the others.
    acme.clock.advance(SignedDuration::from_mins(5));
    acme.poll_now(0).await;
    acme.runner.run_due().await;
    acme.clock.advance(SignedDuration::from_mins(40));
    acme.poll_now(1).await;
    acme.runner.run_due().await;
    let sizes: Vec<usize> = acme.requests().iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 1, 3]);
    // They count as asked: when they would have been due, nothing is.
    let polls = acme.polls().await;
    let soonest = polls.iter().filter_map(|poll| poll.next_check_at).min();
    assert!(soonest.unwrap() > acme.now() + SignedDuration::from_mins(45));
    acme.clock.advance(SignedDuration::from_mins(40));
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 3);
    // And each has one job that asks for it again.
    acme.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(acme.runner.run_due().await, 3);
    assert_eq!(acme.requests().len(), 4);
}

#[tokio::test]
async fn a_job_that_was_left_over_makes_no_request_of_those_that_could_wait() {
    let acme = Acme::answering(|number| json!({"number": number, "checkpoints": []})).await;
    acme.follow(1).await;
    acme.runner.run_due().await;
    acme.clock.advance(SignedDuration::from_mins(15));
    acme.poll_now(0).await;
    acme.runner.run_due().await;
    // An hour after the first asking its job comes; what the parcel waits for since the second would take a free place.
    acme.clock.advance(SignedDuration::from_mins(52));
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 2);
    acme.clock.advance(SignedDuration::from_hours(1));
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 3);
}

#[tokio::test]
async fn a_lease_that_is_lost_commits_nothing_of_its_parcel_and_all_of_the_others() {
    let acme = Acme::answering(delivered).await;
    acme.follow(3).await;
    let storage = acme.service.storage().clone();
    // While the courier answers, the leases run out and another node takes one of the jobs.
    let later = acme.now() + SignedDuration::from_secs(11);
    acme.meanwhile(async move {
        let claim = Claim {
            kinds: vec![POLL_JOB],
            now: later,
            lease_until: later + SignedDuration::from_secs(10),
            limit: 1,
        };
        assert_eq!(storage.claim(claim).await.unwrap().len(), 1);
    });
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 1);
    let mut counts: Vec<u64> = acme
        .polls()
        .await
        .iter()
        .map(|it| it.tracked_count)
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [0, 1, 1]);
    // The other node died: the job comes due once more, and is done.
    acme.clock.advance(SignedDuration::from_secs(30));
    acme.runner.run_due().await;
    assert!(acme.polls().await.iter().all(|it| it.tracked_count == 1));
}

#[tokio::test]
async fn a_day_has_its_budget_and_says_so_when_it_is_used_up() {
    let acme = Acme::within(Some(2), Says::Parcels(delivered)).await;
    acme.follow(25).await;
    // It is noon: the rest of the day is to have its part.
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 1);
    let polls = acme.polls().await;
    let unasked = polls.iter().filter(|poll| poll.outcome.is_none());
    assert_eq!(unasked.count(), 25 - SIZE, "put off is not failed");
    acme.clock.advance(SignedDuration::from_mins(11 * 60 + 50));
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 2);
    let polls = acme.polls().await;
    let refused: Vec<_> = polls
        .iter()
        .filter(|poll| poll.outcome == Some(PollOutcome::CouldNotAsk) && poll.answered_at.is_none())
        .collect();
    assert!(!refused.is_empty());
    for poll in refused {
        assert_eq!(poll.reason, "the budget of Acme for today is used up");
        let next = poll.next_check_at.map(|at| at.to_string());
        assert_eq!(next.as_deref(), Some("2026-03-06T00:00:00Z"));
    }
    acme.clock.advance(SignedDuration::from_hours(14));
    acme.runner.run_due().await;
    assert_eq!(acme.requests().len(), 3, "the next day has its own");
}
