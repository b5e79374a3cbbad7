//! The state of asking couriers.

use super::{
    Engine,
    fixtures::{
        apply, at, attempt_of, create, fresh, organization, poll_of, refuse, slug, tracking,
    },
};
use crate::{
    Append, Conflict, Delete, PollAttemptRow, PollCount, PollOutcome, PollRow, Put, SweepBorders,
    UNCLASSIFIED_OF_COURIER, UnclassifiedRow, WriteSet,
};

pub async fn the_state_of_a_leg_is_kept(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = tracking(1);
    apply(&*storage, create(&row)).await;
    let put = |poll: &PollRow| WriteSet::new(organization(1)).put(Put::Poll(poll.clone()));
    let second = PollRow {
        leg: 1,
        slug: slug("usps"),
        number: "LAST-MILE".to_owned(),
        checked_at: Some(at(100)),
        answered_at: Some(at(90)),
        outcome: Some(PollOutcome::NoDataYet),
        reason: "the courier knows the number".to_owned(),
        tracked_count: 17,
        failures: 2,
        ..poll_of(&row, 1)
    };
    apply(&*storage, put(&second)).await;
    let first = PollRow {
        revision: 1,
        ..poll_of(&row, 0)
    };
    let second = PollRow {
        revision: 1,
        ..second
    };
    assert_eq!(
        storage.polls(organization(1), row.key).await.unwrap(),
        [first.clone(), second.clone()]
    );

    // Made twice, changed from an old state, changed on a tracking that is not there.
    assert_eq!(
        refuse(&*storage, put(&poll_of(&row, 0))).await,
        Conflict::Changed
    );
    let asked = PollRow {
        outcome: Some(PollOutcome::Ok),
        next_check_at: None,
        tracked_count: 1,
        ..first
    };
    apply(&*storage, put(&asked)).await;
    assert_eq!(refuse(&*storage, put(&asked)).await, Conflict::Changed);
    assert_eq!(
        refuse(&*storage, put(&poll_of(&tracking(2), 0))).await,
        Conflict::Changed
    );

    // A leg that is asked no more.
    let mut delete = WriteSet::new(organization(1));
    delete.delete.push(Delete::Poll {
        tracking: row.key,
        leg: 1,
    });
    delete.delete.push(Delete::Poll {
        tracking: row.key,
        leg: 2,
    });
    apply(&*storage, delete).await;
    let asked = PollRow {
        revision: 2,
        ..asked
    };
    assert_eq!(
        storage.polls(organization(1), row.key).await.unwrap(),
        [asked]
    );
    assert_eq!(refuse(&*storage, put(&second)).await, Conflict::Changed);
}

pub async fn attempts_are_told_newest_first(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let (row, other) = (tracking(1), tracking(2));
    apply(&*storage, create(&row).put(Put::Poll(poll_of(&row, 1)))).await;
    apply(&*storage, create(&other)).await;
    let mut attempts = Vec::new();
    for seconds in 1..=6 {
        let attempt = PollAttemptRow {
            outcome: PollOutcome::ALL[(seconds % 5) as usize],
            http_status: (seconds % 2 == 0).then_some(503),
            excerpt: None,
            ..attempt_of(&row, u8::from(seconds % 3 == 0), seconds)
        };
        let mut set = WriteSet::new(organization(1));
        set.append.push(Append::PollAttempt(attempt.clone()));
        set.append
            .push(Append::PollAttempt(attempt_of(&other, 0, seconds)));
        apply(&*storage, set).await;
        attempts.insert(0, attempt);
    }
    assert_eq!(
        storage
            .poll_attempts(organization(1), row.key, 100)
            .await
            .unwrap(),
        attempts
    );
    assert_eq!(
        storage
            .poll_attempts(organization(1), row.key, 4)
            .await
            .unwrap(),
        attempts[..4]
    );

    // What is told of a tracking that is gone is dropped, not refused.
    let mut set = WriteSet::new(organization(1));
    set.append
        .push(Append::PollAttempt(attempt_of(&tracking(3), 0, 1)));
    apply(&*storage, set).await;
    assert_eq!(
        storage
            .poll_attempts(organization(1), tracking(3).key, 100)
            .await
            .unwrap(),
        []
    );
}

pub async fn daily_counts_add_up(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let count = |day, outcome, count| PollCount {
        day,
        slug: slug("ups"),
        outcome,
        count,
    };
    for organization_number in [1, 2] {
        let mut set = WriteSet::new(organization(organization_number));
        set.append
            .push(Append::PollCount(count(20_000, PollOutcome::Ok, 2)));
        set.append
            .push(Append::PollCount(count(20_000, PollOutcome::Ok, 3)));
        set.append.push(Append::PollCount(count(
            20_000,
            PollOutcome::CouldNotAsk,
            1,
        )));
        set.append
            .push(Append::PollCount(count(20_001, PollOutcome::Ok, 7)));
        apply(&*storage, set).await;
    }
    let mut counts = storage.poll_counts(20_000).await.unwrap();
    counts.sort_by_key(|count| (count.day, count.count));
    let expected = [
        count(20_000, PollOutcome::CouldNotAsk, 2),
        count(20_000, PollOutcome::Ok, 10),
        count(20_001, PollOutcome::Ok, 14),
    ];
    assert_eq!(counts, expected);
    assert_eq!(storage.poll_counts(20_001).await.unwrap(), expected[2..]);
}

pub async fn what_nothing_understood_is_counted_within_bounds(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let row = |courier: &str, word: &str, count, first, last| UnclassifiedRow {
        slug: slug(courier),
        word: word.to_owned(),
        example: format!("{word} happened"),
        count,
        first_seen_at: at(first),
        last_seen_at: at(last),
    };
    for (number, rows) in [
        (
            1,
            vec![row("ups", "Q7", 2, 10, 10), row("ups", "Q7", 1, 20, 20)],
        ),
        (
            2,
            vec![
                row("ups", "Q7", 4, 30, 30),
                row("gls", "in # parts", 1, 30, 30),
            ],
        ),
    ] {
        let mut set = WriteSet::new(organization(number));
        set.append
            .extend(rows.into_iter().map(Append::Unclassified));
        apply(&*storage, set).await;
    }
    let expected = [
        row("ups", "Q7", 7, 10, 30),
        row("gls", "in # parts", 1, 30, 30),
    ];
    assert_eq!(storage.unclassified(10).await.unwrap(), expected);
    assert_eq!(storage.unclassified(1).await.unwrap(), expected[..1]);

    // A courier has room for so many; those that are known go on being counted.
    let mut set = WriteSet::new(organization(1));
    let many = (0..2 * UNCLASSIFIED_OF_COURIER).map(|it| row("ups", &format!("W{it}"), 1, 40, 40));
    set.append.extend(many.map(Append::Unclassified));
    set.append
        .push(Append::Unclassified(row("ups", "Q7", 1, 40, 40)));
    apply(&*storage, set).await;
    let all = storage.unclassified(10_000).await.unwrap();
    let of_ups = all.iter().filter(|row| row.slug == slug("ups"));
    assert_eq!(of_ups.count(), UNCLASSIFIED_OF_COURIER);
    assert_eq!(all[0], row("ups", "Q7", 8, 10, 40));

    // What was not seen for long is swept.
    let border = at(35);
    let borders = SweepBorders {
        poll_attempts: border,
        events: at(0),
        deliveries: at(0),
        once: at(0),
    };
    storage.sweep(&borders, 1_000).await.unwrap();
    let left = storage.unclassified(10_000).await.unwrap();
    assert!(left.iter().all(|row| row.slug == slug("ups")), "{left:?}");
    assert_eq!(left.len(), UNCLASSIFIED_OF_COURIER);
}
