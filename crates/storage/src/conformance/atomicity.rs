//! A set is written as a whole or not at all.

use std::collections::HashSet;

use super::{
    Engine,
    fixtures::{
        api_key_of, apply, at, attempt_of, claim, create, delivery_id, delivery_of, event, fresh,
        key, new_job, number_name, organization, poll_of, refuse, slug, tracking, webhook_id,
        webhook_of,
    },
};
use crate::{
    Append, Commit, Conflict, Delete, DeliveryRow, JobChange, JobHandle, NewDelivery,
    OrganizationRow, PollCount, PollOutcome, Put, Storage, TrackingFilter, TrackingRow, WebhookRow,
    WriteSet,
};

/// A set with some of everything, all of which holds.
fn everything(number: u64) -> WriteSet {
    let row = tracking(number);
    let webhook = 100 + u128::from(number);
    let delivery = 1_000 + u128::from(number);
    let mut set = create(&row)
        .put(Put::Webhook(Box::new(webhook_of(organization(1), webhook))))
        .put(Put::ApiKey(Box::new(api_key_of(
            organization(1),
            number as u8,
        ))))
        .put(Put::Delivery(Box::new(delivery_of(
            organization(1),
            delivery,
            webhook,
            row.key,
        ))))
        .job(new_job("poll", 0, "made with the set"));
    set.append.push(Append::PollAttempt(attempt_of(&row, 0, 1)));
    let count = PollCount {
        day: 20_000,
        slug: slug("ups"),
        outcome: PollOutcome::Ok,
        count: 1,
    };
    set.append.push(Append::PollCount(count));
    let deliver_to = [NewDelivery {
        id: delivery_id(2_000 + u128::from(number)),
        webhook: webhook_id(webhook),
    }];
    set.events
        .push(event(u128::from(number), row.key, &deliver_to));
    set
}

/// How much there is of each thing that [`everything`] writes.
async fn census(storage: &dyn Storage) -> Vec<usize> {
    let who = organization(1);
    let all = TrackingFilter::default();
    let counts = storage.poll_counts(0).await.unwrap();
    let deliveries = storage
        .deliveries(who, &crate::DeliveryFilter::default(), None, 1_000)
        .await
        .unwrap();
    vec![
        storage
            .trackings(who, &all, None, 1_000, at(0))
            .await
            .unwrap()
            .trackings
            .len(),
        storage.count_trackings(who, &all, at(0)).await.unwrap() as usize,
        storage.names_of(who, key(5)).await.unwrap().len(),
        storage.polls(who, key(5)).await.unwrap().len(),
        storage.poll_attempts(who, key(5), 10).await.unwrap().len(),
        counts.iter().map(|count| count.count as usize).sum(),
        storage.webhooks(who).await.unwrap().len(),
        storage.api_keys(who).await.unwrap().len(),
        deliveries.deliveries.len(),
        storage.events_after(who, 0, 1_000).await.unwrap().len(),
        usize::from(storage.next_due(&["poll"]).await.unwrap().is_some()),
    ]
}

/// Every way a set can be refused.
fn failing() -> Vec<(Conflict, Put)> {
    let changed = |put| (Conflict::Changed, put);
    let stale = TrackingRow {
        revision: 7,
        ..tracking(1)
    };
    let mut stale_poll = poll_of(&tracking(1), 0);
    stale_poll.revision = 7;
    let stale_webhook = WebhookRow {
        revision: 7,
        ..webhook_of(organization(1), 1)
    };
    let stale_delivery = DeliveryRow {
        revision: 7,
        ..delivery_of(organization(1), 1, 1, key(1))
    };
    let name = "taken".to_owned();
    let organization_row = OrganizationRow {
        id: organization(1),
        revision: 0,
        name,
        created_at: at(0),
        settings: String::new(),
    };
    let mut api_key = api_key_of(organization(1), 99);
    api_key.hash = [1; 32];
    vec![
        changed(Put::Tracking(Box::new(tracking(1)))),
        changed(Put::Tracking(Box::new(stale))),
        (
            Conflict::NameTaken(key(1)),
            Put::Name(number_name("NUMBER1", "ups", "", key(5))),
        ),
        changed(Put::Poll(stale_poll)),
        changed(Put::Poll(poll_of(&tracking(77), 0))),
        changed(Put::Webhook(Box::new(stale_webhook))),
        changed(Put::Delivery(Box::new(stale_delivery))),
        (Conflict::Taken, Put::ApiKey(Box::new(api_key))),
        (Conflict::Taken, Put::Organization(organization_row)),
    ]
}

pub async fn a_set_with_one_failing_expectation_writes_nothing(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let taken = OrganizationRow {
        id: organization(2),
        revision: 0,
        name: "taken".to_owned(),
        created_at: at(0),
        settings: String::new(),
    };
    apply(
        &*storage,
        WriteSet::new(organization(2)).put(Put::Organization(taken)),
    )
    .await;
    let first = create(&tracking(1))
        .put(Put::Webhook(Box::new(webhook_of(organization(1), 1))))
        .put(Put::ApiKey(Box::new(api_key_of(organization(1), 1))))
        .put(Put::Delivery(Box::new(delivery_of(
            organization(1),
            1,
            1,
            key(1),
        ))));
    apply(&*storage, first).await;
    let before = census(&*storage).await;

    for (expected, put) in failing() {
        // The failing put stands last and first.
        for place in [0, 6] {
            let mut set = everything(5);
            set.put.insert(place, put.clone());
            assert_eq!(refuse(&*storage, set).await, expected, "{put:?}");
            assert_eq!(census(&*storage).await, before, "{put:?}");
        }
    }
    let mut set = everything(5);
    set.delete.push(Delete::Tracking {
        key: key(1),
        revision: 2,
    });
    assert_eq!(refuse(&*storage, set).await, Conflict::Changed);
    let unknown = JobHandle {
        place: 1,
        key: 1,
        lease: 1,
    };
    for job in [
        JobChange::Finish(unknown),
        JobChange::PutOff(unknown, at(9)),
    ] {
        assert_eq!(
            refuse(&*storage, everything(5).job(job)).await,
            Conflict::LeaseLost
        );
    }
    assert_eq!(census(&*storage).await, before);
    assert_eq!(storage.claim(claim("poll", 1_000, 10)).await.unwrap(), []);

    // The very same set holds alone, as the first with an event.
    assert_eq!(apply(&*storage, everything(5)).await, Some(1));
    assert!(
        census(&*storage)
            .await
            .iter()
            .zip(&before)
            .all(|(after, before)| after > before)
    );
}

pub async fn conflicts_leave_their_neighbours_alone(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    // Sets at once, so that engines that commit many together do: ten fight for each number.
    let mut writers = tokio::task::JoinSet::new();
    for number in 1..=200_u64 {
        let storage = storage.clone();
        writers.spawn(async move {
            let mut row = tracking(number);
            row.number = format!("SHARED{}", number / 10);
            let mut set = create(&row).job(new_job("poll", 0, &row.number));
            set.events.push(event(u128::from(number), row.key, &[]));
            (row, storage.commit(set).await.unwrap())
        });
    }
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    while let Some(ended) = writers.join_next().await {
        let (row, commit) = ended.unwrap();
        match commit {
            Commit::Applied { sequence } => applied.push((row, sequence.unwrap())),
            Commit::Conflict(conflict) => refused.push((row, conflict)),
        }
    }
    assert_eq!((applied.len(), refused.len()), (21, 179));
    let mut sequences: Vec<_> = applied.iter().map(|(_, sequence)| *sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=21).collect::<Vec<_>>());
    for (row, conflict) in refused {
        let winner = applied
            .iter()
            .find(|(winner, _)| winner.number == row.number)
            .unwrap();
        assert_eq!(conflict, Conflict::NameTaken(winner.0.key));
        assert_eq!(
            storage.tracking(organization(1), row.key).await.unwrap(),
            None
        );
    }
    assert_eq!(
        storage
            .count_trackings(organization(1), &TrackingFilter::default(), at(0))
            .await
            .unwrap(),
        21
    );
    let jobs = storage.claim(claim("poll", 1_000, 300)).await.unwrap();
    let handles: HashSet<JobHandle> = jobs.iter().map(|job| job.handle).collect();
    assert_eq!((jobs.len(), handles.len()), (21, 21));
}
