//! A node is frozen past its lease, then woken, while another one works.

use std::time::Duration;

use waybill_drill::{Database, Ledger, Load, Receiver, Server, config, folder, holds_for, seconds};

use crate::{Drill, Ended};

const THREADS: usize = 4;
/// Of one thread in a round: some are under way whenever a node is frozen.
const CREATES: u64 = 150;
/// Longer than a lease.
const FROZEN: Duration = Duration::from_secs(12);
const MOST_ROUNDS: u32 = 4;

/// Nothing is committed twice; what is told again has the same event id.
pub fn run(drill: &mut Drill) -> Ended {
    let (folder, receiver, database) = (folder(), Receiver::start(), Database::postgres());
    std::fs::write(folder.path().join("waybill.toml"), config(0.1)).unwrap();
    let node = |roles| Server::node(folder.path(), database.url(), roles);
    let api = node("api");
    let mut workers = [node("workers"), node("workers")];
    api.create_webhook(&receiver.url(), &["tracking_update"]);
    let mut ledger = Ledger::default();
    let rounds = drill.rounds.min(MOST_ROUNDS);
    for round in 0..rounds {
        let load = Load::start(&api.process.address, THREADS, CREATES, &format!("R{round}"));
        let before = Duration::from_millis(drill.random.between(100, 1_500));
        holds_for("", before, || true);
        let frozen = &workers[drill.random.below(2) as usize].process;
        frozen.freeze();
        holds_for("", FROZEN, || true);
        frozen.thaw();
        ledger.note(load.stop().promised);
    }
    let sum = ledger.settle(&database, &receiver, seconds(180));
    for worker in &mut workers {
        assert_eq!(worker.process.terminate(), (Some(0), String::new()));
    }
    Ended::Held(format!("{rounds} times frozen, {sum}"))
}
