//! Power cuts in the middle of work: what was promised is kept, what happened is told, nothing twice
//! under another name.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;
use waybill_storage::{EventKind, EventRow, Storage};
use waybill_storage_sqlite::SqliteStorage;

use crate::harness::{Receiver, Server, config, folder, holds_for, seconds, text, wait_until};

const ROUNDS: usize = 20;
const THREADS: usize = 8;
/// Of one thread in one round: bounds the test on fast machines.
const CREATES: usize = 20;
const BURST: Duration = Duration::from_millis(150);

#[test]
fn nothing_promised_is_lost_and_nothing_told_twice_under_two_names() {
    let (folder, receiver) = (folder(), Receiver::start());
    let mut server = Server::start(folder.path(), &config(0.1));
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let mut promised: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let made = burst(&mut server, round);
        server = Server::start(folder.path(), &config(0.1));
        for id in &made {
            assert_eq!(
                server
                    .send("GET", &format!("/tracking/2026-07/trackings/{id}"), None)
                    .status,
                200,
                "round {round}"
            );
        }
        promised.extend(made);
    }
    for id in &promised {
        server.reaches(id, "Delivered");
    }
    // A lease of the last crash holds a job up for ten seconds at most.
    let mut open = 0;
    wait_until("every committed update is delivered", seconds(30), || {
        let told = told(&receiver);
        open = updates(&events(folder.path()))
            .iter()
            .filter(|event| !told.contains_key(&event.id.to_string()))
            .count();
        open == 0
    });
    assert_eq!(server.process.terminate().0, Some(0));

    let events = events(folder.path());
    let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(
        sequences,
        (1..=events.len() as u64).collect::<Vec<_>>(),
        "no gap, none twice"
    );
    let created: BTreeSet<String> = of_kind(&events, EventKind::TrackingCreated)
        .map(|event| event.tracking.id())
        .collect();
    assert!(promised.iter().all(|id| created.contains(id)));

    let told = told(&receiver);
    let committed: BTreeSet<String> = events.iter().map(|event| event.id.to_string()).collect();
    assert!(
        told.keys().all(|id| committed.contains(id)),
        "only what was committed is told"
    );
    let mut steps = BTreeSet::new();
    for event in updates(&events) {
        assert!(
            steps.insert((event.tracking, event.tag)),
            "a step has one event: {event:?}"
        );
        let bodies = &told[&event.id.to_string()];
        assert!(
            bodies.iter().all(|body| *body == event.body),
            "a repeat is the same bytes"
        );
    }
    let sent: usize = told.values().map(Vec::len).sum();
    println!(
        "{ROUNDS} crashes, {} promised, {} made, {} events, {} told, {} repeats",
        promised.len(),
        created.len(),
        events.len(),
        told.len(),
        sent - told.len()
    );
}

/// Creates from all threads until the power fails; answers the ids that were promised.
fn burst(server: &mut Server, round: usize) -> Vec<String> {
    let off = AtomicBool::new(false);
    let mut made = Vec::new();
    let process = thread::scope(|scope| {
        let address = server.process.address.clone();
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (off, address) = (&off, address.clone());
                scope.spawn(move || create(&address, off, &format!("{round}T{thread}")))
            })
            .collect();
        holds_for("", BURST, || true);
        server.process.kill();
        off.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    made.extend(process.into_iter().flatten());
    made
}

fn create(address: &str, off: &AtomicBool, name: &str) -> Vec<String> {
    let mut made = Vec::new();
    for count in 0..CREATES {
        if off.load(Ordering::Relaxed) {
            break;
        }
        let body = json!({"tracking_number": format!("D-1-R{name}N{count}")});
        let headers = [("as-api-key", crate::harness::KEY)];
        // A connection that breaks promised nothing.
        let Ok(answer) = crate::harness::send(
            address,
            "POST",
            "/tracking/2026-07/trackings",
            &headers,
            Some(&body),
        ) else {
            continue;
        };
        made.push(text(&answer.data(201)["id"]).to_owned());
    }
    made
}

/// Bodies by event id.
fn told(receiver: &Receiver) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in receiver.received() {
        told.entry(request.event_id())
            .or_default()
            .push(String::from_utf8(request.body).unwrap());
    }
    told
}

fn updates(events: &[EventRow]) -> Vec<&EventRow> {
    of_kind(events, EventKind::TrackingUpdate).collect()
}

fn of_kind(events: &[EventRow], kind: EventKind) -> impl Iterator<Item = &EventRow> {
    events.iter().filter(move |event| event.kind == kind)
}

/// All events of the database, read beside the server.
fn events(folder: &Path) -> Vec<EventRow> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let storage = SqliteStorage::open(&folder.join("waybill.db")).unwrap();
        let organization = storage.organizations().await.unwrap()[0].id;
        let mut events: Vec<EventRow> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.sequence);
            let page = storage
                .events_after(organization, after, 1_000)
                .await
                .unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    })
}
