//! What was promised in a drill, and what must be true of it in the end.

use std::{
    collections::{BTreeSet, HashSet},
    time::{Duration, Instant},
};

use waybill_storage::{EventKind, EventRow};

use crate::{Database, Receiver, Server};

/// From one look at all events to the next.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What was promised so far.
#[derive(Default)]
pub struct Ledger {
    promised: Vec<String>,
}

/// What a drill came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Creates that were answered with success.
    pub promised: usize,
    /// Trackings that are there: also those whose answer was lost.
    pub made: usize,
    /// Events of all kinds.
    pub events: usize,
    /// Different events that the receiver took.
    pub told: usize,
    /// How often it took one again.
    pub repeats: usize,
}

impl std::fmt::Display for Sum {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} promised, {} made, {} events, {} told, {} repeats",
            self.promised, self.made, self.events, self.told, self.repeats
        )
    }
}

impl Ledger {
    /// Notes ids that were promised.
    pub fn note(&mut self, promised: Vec<String>) {
        self.promised.extend(promised);
    }

    /// A server has all of these.
    pub fn are_there(server: &Server, ids: &[String]) {
        for id in ids {
            let path = format!("/tracking/2026-07/trackings/{id}");
            let answer = server.send("GET", &path, None);
            assert_eq!(answer.status, 200, "{id} was promised: {}", answer.body);
        }
    }

    /// Waits until all parcels are delivered and all updates told, then looks whether everything is as it
    /// must be: nothing promised is lost; no gap between events and none twice; everything told was
    /// committed, every update was told, and a repeat is the same event to the byte.
    pub fn settle(&self, database: &Database, receiver: &Receiver, limit: Duration) -> Sum {
        let events = self.wait(database, receiver, limit);
        let sequences: Vec<u64> = events.iter().map(|event| event.sequence).collect();
        let all: Vec<u64> = (1..=events.len() as u64).collect();
        assert!(sequences == all, "a gap, or one twice: {sequences:?}");
        let made: BTreeSet<String> = of_kind(&events, EventKind::TrackingCreated)
            .map(|event| event.tracking.id())
            .collect();
        for id in &self.promised {
            assert!(made.contains(id), "{id} was promised and is lost");
        }

        let told = receiver.told();
        let committed: BTreeSet<String> = events.iter().map(|event| event.id.to_string()).collect();
        for (id, event) in &told {
            assert!(committed.contains(id), "{id} was told and never happened");
            assert!(event.is_same, "{id} was told with two bodies");
        }
        let mut steps = HashSet::new();
        for event in of_kind(&events, EventKind::TrackingUpdate) {
            let step = (event.tracking, event.tag);
            assert!(steps.insert(step), "a step has one event: {event:?}");
            let told = &told[&event.id.to_string()];
            assert!(
                told.body == event.body.as_bytes(),
                "not as it happened: {event:?}"
            );
        }
        let sent: usize = told.values().map(|event| event.times).sum();
        Sum {
            promised: self.promised.len(),
            made: made.len(),
            events: events.len(),
            told: told.len(),
            repeats: sent - told.len(),
        }
    }

    /// All events, once everything is through.
    fn wait(&self, database: &Database, receiver: &Receiver, limit: Duration) -> Vec<EventRow> {
        let started = Instant::now();
        let mut feed = database.feed();
        loop {
            feed.read_on();
            let told = receiver.told_ids();
            let updates = || of_kind(&feed.events, EventKind::TrackingUpdate);
            let untold = updates().filter(|event| !told.contains(&event.id.to_string()));
            let untold = untold.count();
            let delivered: HashSet<String> = updates()
                .filter(|event| event.tag == Some(waybill_model::Tag::Delivered))
                .map(|event| event.tracking.id())
                .collect();
            let under_way = self.promised.iter().filter(|id| !delivered.contains(*id));
            let under_way = under_way.count();
            if untold == 0 && under_way == 0 {
                return feed.events;
            }
            assert!(
                started.elapsed() < limit,
                "after {limit:?} {under_way} parcels are under way and {untold} updates untold"
            );
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

fn of_kind(events: &[EventRow], kind: EventKind) -> impl Iterator<Item = &EventRow> {
    events.iter().filter(move |event| event.kind == kind)
}
