//! Power cuts in the middle of work: what was promised is kept, what happened is told, nothing twice
//! under another name. `cargo xtask faults` does the same for longer, and worse.

use std::time::Duration;

use crate::harness::{
    Database, Ledger, Load, Receiver, Server, config, folder, holds_for, seconds,
};

const ROUNDS: usize = 20;
const THREADS: usize = 8;
/// Of one thread in one round: bounds the test on fast machines.
const CREATES: u64 = 20;
const BURST: Duration = Duration::from_millis(150);

#[test]
fn nothing_promised_is_lost_and_nothing_told_twice_under_two_names() {
    let (folder, receiver) = (folder(), Receiver::start());
    let mut server = Server::start(folder.path(), &config(0.1));
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let mut ledger = Ledger::default();
    for round in 0..ROUNDS {
        let load = Load::start(
            &server.process.address,
            THREADS,
            CREATES,
            &format!("R{round}"),
        );
        holds_for("", BURST, || true);
        server.process.kill();
        let promised = load.stop().promised;
        server = Server::start(folder.path(), &config(0.1));
        Ledger::are_there(&server, &promised);
        ledger.note(promised);
    }
    let database = Database::file(folder.path());
    let sum = ledger.settle(&database, &receiver, seconds(60));
    assert_eq!(server.process.terminate().0, Some(0));
    println!("{ROUNDS} crashes, {sum}");
}
