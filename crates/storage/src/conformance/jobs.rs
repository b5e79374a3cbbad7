//! Jobs: claims, leases, fairness, schedules.

use std::collections::HashMap;

use waybill_model::OrganizationId;

use super::{
    Engine,
    fixtures::{
        apply, at, claim, create, event, fresh, key, millis_after, new_job, organization, payloads,
        refuse, tracking,
    },
};
use crate::{CLAIM_PER_ORGANIZATION, Claim, Conflict, Job, JobChange, Storage, Upcoming, WriteSet};

async fn add(storage: &dyn Storage, organization_number: u128, jobs: Vec<JobChange>) {
    let mut set = WriteSet::new(organization(organization_number));
    set.jobs = jobs;
    apply(storage, set).await;
}

fn change(change: JobChange) -> WriteSet {
    WriteSet::new(organization(1)).job(change)
}

async fn claimed(storage: &dyn Storage, kind: &'static str, seconds: i64) -> Vec<Job> {
    storage.claim(claim(kind, seconds, 100)).await.unwrap()
}

pub async fn a_job_is_claimed_once_and_finished(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(&*storage, 1, vec![new_job("poll", 100, "one")]).await;
    assert_eq!(claimed(&*storage, "poll", 99).await, []);
    let jobs = claimed(&*storage, "poll", 100).await;
    let [job] = &jobs[..] else { panic!("{jobs:?}") };
    assert_eq!(
        (job.kind.as_str(), job.organization, job.due_at),
        ("poll", organization(1), at(100))
    );
    assert_eq!((job.attempt, job.payload.as_str()), (0, "one"));
    assert_eq!(claimed(&*storage, "poll", 100).await, []);
    assert_eq!(claimed(&*storage, "poll", 109).await, []);
    apply(&*storage, change(JobChange::Finish(job.handle))).await;
    assert_eq!(
        refuse(&*storage, change(JobChange::Finish(job.handle))).await,
        Conflict::LeaseLost
    );
    assert_eq!(claimed(&*storage, "poll", 10_000).await, []);
    assert_eq!(storage.next_due(&["poll"]).await.unwrap(), None);
}

pub async fn a_lease_that_ran_out_is_lost(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(&*storage, 1, vec![new_job("poll", 100, "one")]).await;
    let first = claimed(&*storage, "poll", 105).await.remove(0);
    // The lease ends; another worker gets the job.
    let second = claimed(&*storage, "poll", 115).await.remove(0);
    assert_eq!((second.attempt, second.due_at), (1, at(115)));
    assert_ne!(first.handle, second.handle);
    assert_eq!(
        refuse(&*storage, change(JobChange::Finish(first.handle))).await,
        Conflict::LeaseLost
    );
    let put_off = JobChange::PutOff(first.handle, at(500));
    assert_eq!(
        refuse(&*storage, change(put_off)).await,
        Conflict::LeaseLost
    );
    assert_eq!(
        storage.renew(vec![first.handle], at(500)).await.unwrap(),
        []
    );
    apply(&*storage, change(JobChange::Finish(second.handle))).await;
}

pub async fn what_is_not_due_yet_can_be_looked_at_and_taken(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let mine = [
        ("late", 5_000),
        ("soon", 300),
        ("leased", 100),
        ("far", 9_000),
    ];
    let mine = mine.map(|(name, due)| new_job("poll", due, name));
    add(&*storage, 1, mine.into()).await;
    add(&*storage, 1, vec![new_job("send", 310, "another kind")]).await;
    add(&*storage, 2, vec![new_job("poll", 310, "another's")]).await;
    claimed(&*storage, "poll", 100).await;
    let look = async |look| {
        let upcoming = Upcoming {
            kind: "poll",
            organization: organization(1),
            after: at(120),
            until: at(6_000),
            look,
        };
        storage.upcoming(upcoming).await.unwrap()
    };
    let jobs = look(100).await;
    assert_eq!(payloads(&jobs), ["soon", "late"]);
    assert_eq!((jobs[0].due_at, jobs[0].attempt), (at(300), 0));
    assert!(look(1).await.len() <= 1);
    // Of two that saw it, one takes it.
    let handle = jobs[0].handle;
    let taken = storage.renew(vec![handle], at(130)).await.unwrap();
    let [(_, lease)] = taken[..] else {
        panic!("{taken:?}")
    };
    assert_eq!(storage.renew(vec![handle], at(130)).await.unwrap(), []);
    assert_eq!(payloads(&look(100).await), ["soon", "late"]);
    apply(&*storage, change(JobChange::Finish(lease))).await;
    assert_eq!(payloads(&look(100).await), ["late"]);
}

pub async fn a_set_that_lost_its_lease_writes_nothing(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(&*storage, 1, vec![new_job("poll", 100, "one")]).await;
    let lost = claimed(&*storage, "poll", 100).await.remove(0);
    let held = claimed(&*storage, "poll", 110).await.remove(0);
    let work = |job: &Job| {
        let mut set = create(&tracking(1))
            .job(JobChange::Finish(job.handle))
            .job(new_job("send", 0, "next"));
        set.events.push(event(1, key(1), &[]));
        set
    };
    assert_eq!(refuse(&*storage, work(&lost)).await, Conflict::LeaseLost);
    assert_eq!(
        storage.tracking(organization(1), key(1)).await.unwrap(),
        None
    );
    assert_eq!(
        storage.events_after(organization(1), 0, 10).await.unwrap(),
        []
    );
    assert_eq!(claimed(&*storage, "send", 1_000).await, []);
    assert_eq!(apply(&*storage, work(&held)).await, Some(1));
    assert_eq!(payloads(&claimed(&*storage, "send", 1_000).await), ["next"]);
}

pub async fn a_job_that_is_put_off_comes_due_again(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(&*storage, 1, vec![new_job("poll", 100, "one")]).await;
    for attempt in 0..4 {
        let seconds = 100 + i64::from(attempt) * 1_000;
        assert_eq!(claimed(&*storage, "poll", seconds - 1).await, []);
        let job = claimed(&*storage, "poll", seconds).await.remove(0);
        assert_eq!((job.attempt, job.due_at), (attempt, at(seconds)));
        let later = at(seconds + 1_000);
        apply(&*storage, change(JobChange::PutOff(job.handle, later))).await;
        assert_eq!(
            refuse(&*storage, change(JobChange::Finish(job.handle))).await,
            Conflict::LeaseLost
        );
        assert_eq!(storage.next_due(&["poll"]).await.unwrap(), Some(later));
    }
}

pub async fn a_lease_can_be_renewed(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(
        &*storage,
        1,
        vec![new_job("poll", 100, "one"), new_job("poll", 100, "two")],
    )
    .await;
    let jobs = claimed(&*storage, "poll", 100).await;
    apply(&*storage, change(JobChange::Finish(jobs[1].handle))).await;
    let handles = jobs.iter().map(|job| job.handle).collect();
    let renewed = storage.renew(handles, at(118)).await.unwrap();
    let [(old, new)] = renewed[..] else {
        panic!("{renewed:?}")
    };
    assert_eq!(old, jobs[0].handle);
    assert_eq!(claimed(&*storage, "poll", 117).await, []);
    assert_eq!(
        refuse(&*storage, change(JobChange::Finish(old))).await,
        Conflict::LeaseLost
    );
    let [(_, newer)] = storage.renew(vec![new], at(300)).await.unwrap()[..] else {
        panic!("not renewed")
    };
    // A renewal is no attempt.
    let job = claimed(&*storage, "poll", 300).await.remove(0);
    assert_eq!(job.attempt, 1);
    assert_eq!(
        refuse(&*storage, change(JobChange::Finish(newer))).await,
        Conflict::LeaseLost
    );
}

pub async fn kinds_are_kept_apart(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add(
        &*storage,
        1,
        vec![
            new_job("poll", 10, "a"),
            new_job("send", 20, "b"),
            new_job("mail", 30, "c"),
        ],
    )
    .await;
    assert_eq!(claimed(&*storage, "none", 1_000).await, []);
    assert_eq!(payloads(&claimed(&*storage, "send", 1_000).await), ["b"]);
    let both = Claim {
        kinds: vec!["mail", "poll", "none"],
        ..claim("", 1_000, 100)
    };
    assert_eq!(payloads(&storage.claim(both).await.unwrap()), ["a", "c"]);
    // A job of another kind that another organization holds cannot be ended by this one.
    add(&*storage, 2, vec![new_job("poll", 2_000, "d")]).await;
    let foreign = storage.claim(claim("poll", 2_000, 100)).await.unwrap();
    let foreign = foreign
        .iter()
        .find(|job| job.organization == organization(2))
        .unwrap();
    assert_eq!(
        refuse(&*storage, change(JobChange::Finish(foreign.handle))).await,
        Conflict::LeaseLost
    );
}

pub async fn the_next_due_is_told(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let due = async |kinds: &'static [&'static str]| storage.next_due(kinds).await.unwrap();
    assert_eq!(due(&["poll"]).await, None);
    // Within a minute the last added may be the first due.
    add(
        &*storage,
        1,
        vec![
            new_job("poll", 150, "a"),
            new_job("poll", 130, "b"),
            new_job("send", 90, "c"),
        ],
    )
    .await;
    assert_eq!(due(&["poll"]).await, Some(at(130)));
    assert_eq!(due(&["poll", "send"]).await, Some(at(90)));
    assert_eq!(due(&[]).await, None);
    let early = Claim {
        now: millis_after(129, 999),
        ..claim("poll", 129, 100)
    };
    assert_eq!(storage.claim(early).await.unwrap(), []);
    assert_eq!(payloads(&claimed(&*storage, "poll", 130).await), ["b"]);
    // The leased one comes due when its lease ends.
    assert_eq!(due(&["poll"]).await, Some(at(140)));
    assert_eq!(
        payloads(&claimed(&*storage, "poll", 139).await),
        Vec::<&str>::new()
    );
    assert_eq!(payloads(&claimed(&*storage, "poll", 141).await), ["b"]);
    assert_eq!(due(&["poll"]).await, Some(at(150)));
}

fn per_organization(jobs: &[Job]) -> HashMap<OrganizationId, usize> {
    let mut counts = HashMap::new();
    for job in jobs {
        *counts.entry(job.organization).or_default() += 1;
    }
    counts
}

async fn add_many(storage: &dyn Storage, organization_number: u128, count: usize, seconds: i64) {
    add(
        storage,
        organization_number,
        (0..count).map(|_| new_job("poll", seconds, "")).collect(),
    )
    .await;
}

pub async fn nobody_gets_more_than_a_share_while_others_wait(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    add_many(&*storage, 1, 200, 0).await;
    add_many(&*storage, 2, 40, 1).await;
    add_many(&*storage, 3, 3, 2).await;
    let counts = per_organization(&claimed(&*storage, "poll", 10).await);
    assert_eq!(counts[&organization(1)], CLAIM_PER_ORGANIZATION);
    assert_eq!(counts[&organization(2)], CLAIM_PER_ORGANIZATION);
    assert_eq!(counts[&organization(3)], 3);
    let counts = per_organization(&claimed(&*storage, "poll", 10).await);
    assert_eq!(counts[&organization(2)], 15);
}

pub async fn a_crowd_hides_nobody(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    // More than any window, due before all others.
    for _ in 0..5 {
        add_many(&*storage, 1, 1_000, 0).await;
    }
    // The others may come at any time, also just after someone looked for them.
    for (round, other) in [2, 3, 4].into_iter().enumerate() {
        let begin = millis_after(1_000 + round as i64 * 100, 0);
        let mut waited = 0;
        add_many(&*storage, other, 1, 999).await;
        loop {
            let now = begin + jiff::SignedDuration::from_millis(waited);
            assert!(waited <= 2_000, "organization {other} waits for ever");
            let lease_until = now + jiff::SignedDuration::from_hours(1);
            let jobs = storage
                .claim(Claim {
                    kinds: vec!["poll"],
                    now,
                    lease_until,
                    limit: 40,
                })
                .await
                .unwrap();
            assert!(!jobs.is_empty());
            let counts = per_organization(&jobs);
            if counts.contains_key(&organization(other)) {
                break;
            }
            waited += 250;
        }
    }
}

pub async fn one_alone_gets_all_there_is_room_for(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for _ in 0..3 {
        add_many(&*storage, 1, 1_000, 0).await;
    }
    let mut taken = 0;
    for _ in 0..30 {
        let jobs = claimed(&*storage, "poll", 5).await;
        assert_eq!(jobs.len(), 100);
        taken += jobs.len();
    }
    assert_eq!(taken, 3_000);
    assert_eq!(claimed(&*storage, "poll", 5).await, []);
}

pub async fn claims_at_once_share_no_job(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    for organization_number in 1..=4 {
        add_many(&*storage, organization_number, 50, 0).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let storage = storage.clone();
        workers.spawn(async move {
            let mut keys = Vec::new();
            loop {
                let jobs = storage.claim(claim("poll", 5, 10)).await.unwrap();
                if jobs.is_empty() {
                    return keys;
                }
                keys.extend(jobs.iter().map(|job| job.handle.key));
            }
        });
    }
    let mut keys = Vec::new();
    while let Some(claimed) = workers.join_next().await {
        keys.extend(claimed.unwrap());
    }
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 200);
}

pub async fn a_schedule_has_one_winner(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let winners = async |now, next| {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let storage = storage.clone();
            callers.spawn(async move {
                storage
                    .take_turn("roll-up", at(now), at(next))
                    .await
                    .unwrap()
            });
        }
        callers
            .join_all()
            .await
            .into_iter()
            .filter(|won| *won)
            .count()
    };
    assert_eq!(winners(100, 200).await, 1);
    assert_eq!(winners(199, 299).await, 0);
    assert_eq!(winners(200, 300).await, 1);
    assert_eq!(winners(1_000, 1_100).await, 1);
    assert!(storage.take_turn("another", at(0), at(10)).await.unwrap());
}
