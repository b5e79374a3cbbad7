//! kill -9 under load, again and again on the same database.

use std::time::Duration;

use waybill_drill::{Database, Ledger, Load, Receiver, Server, config, folder, holds_for, seconds};

use crate::{Drill, Ended};

const THREADS: usize = 8;
/// Of one thread in one round.
const CREATES: u64 = 20;

/// On the embedded engine.
pub fn sqlite(drill: &mut Drill) -> Ended {
    let folder = folder();
    let database = Database::file(folder.path());
    run(drill, &database)
}

/// On PostgreSQL.
pub fn postgres(drill: &mut Drill) -> Ended {
    run(drill, &Database::postgres())
}

fn run(drill: &mut Drill, database: &Database) -> Ended {
    let (folder, receiver) = (folder(), Receiver::start());
    std::fs::write(folder.path().join("waybill.toml"), config(0.1)).unwrap();
    let start = || Server::node(folder.path(), database.url(), "api,web,workers");
    let mut server = start();
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let mut ledger = Ledger::default();
    for round in 0..drill.rounds {
        let load = Load::start(
            &server.process.address,
            THREADS,
            CREATES,
            &format!("R{round}"),
        );
        let burst = Duration::from_millis(drill.random.between(10, 300));
        holds_for("", burst, || true);
        server.process.kill();
        let promised = load.stop().promised;
        server = start();
        Ledger::are_there(&server, &promised);
        ledger.note(promised);
    }
    // A second for every few hundred parcels, and a lease of the last crash.
    let limit = seconds(60) + Duration::from_secs(u64::from(drill.rounds) * 2);
    let sum = ledger.settle(database, &receiver, limit);
    let ended = server.process.terminate();
    assert_eq!(ended, (Some(0), String::new()));
    Ended::Held(format!("{} crashes, {sum}", drill.rounds))
}
