//! PostgreSQL goes away under load and comes back.

use waybill_drill::{
    Database, Ledger, Load, Receiver, Server, config, folder, holds_for, seconds, wait_until,
};
use waybill_test_postgres::Server as Postgres;

use crate::{Drill, Ended};

const THREADS: usize = 8;
/// Of one thread, in all rounds: bounds the drill.
const CREATES: u64 = 1_000_000;
/// Outages at most: each takes some seconds.
const MOST_ROUNDS: u32 = 10;

/// While it is away everything is answered 503 with when to come again; then all goes on by itself.
pub fn run(drill: &mut Drill) -> Ended {
    let (folder, receiver) = (folder(), Receiver::start());
    let mut postgres = Postgres::start();
    let database = Database::at(&postgres.url("postgres"));
    std::fs::write(folder.path().join("waybill.toml"), config(0.1)).unwrap();
    let node = |roles| Server::node(folder.path(), database.url(), roles);
    let (mut server, mut worker) = (node("api"), node("workers"));
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let mut ledger = Ledger::default();
    let (mut unavailable, rounds) = (0, drill.rounds.min(MOST_ROUNDS));
    for round in 0..rounds {
        let load = Load::start(
            &server.process.address,
            THREADS,
            CREATES,
            &format!("R{round}"),
        );
        wait_until("writes are answered", seconds(20), || {
            !load.told().promised.is_empty()
        });
        let before = std::time::Duration::from_millis(drill.random.between(50, 500));
        holds_for("", before, || true);
        postgres.crash();
        wait_until("writes are refused", seconds(30), || {
            load.told().unavailable > 20
        });
        let ready = || server.send("GET", "/readyz", None).status;
        assert_eq!(ready(), 503);
        assert_eq!(server.send("GET", "/healthz", None).status, 200);
        let path = "/tracking/2026-07/trackings";
        assert_eq!(server.send("GET", path, None).status, 503);
        let away = std::time::Duration::from_millis(drill.random.between(0, 3_000));
        holds_for("", away, || true);
        postgres.start_again();
        let promised = load.told().promised.len();
        wait_until("it goes on by itself", seconds(30), || {
            ready() == 200 && load.told().promised.len() > promised
        });
        let told = load.stop();
        assert_eq!(
            told.unavailable, told.with_retry_after,
            "each 503 says when to come again"
        );
        assert_eq!(told.broken, 0, "no connection to the API broke");
        unavailable += told.unavailable;
        Ledger::are_there(&server, &told.promised);
        ledger.note(told.promised);
    }
    let sum = ledger.settle(&database, &receiver, seconds(300));
    assert_eq!(worker.process.terminate(), (Some(0), String::new()));
    assert_eq!(server.process.terminate(), (Some(0), String::new()));
    Ended::Held(format!(
        "{rounds} outages, {unavailable} answers 503, {sum}"
    ))
}
