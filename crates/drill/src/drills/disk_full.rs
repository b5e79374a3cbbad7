//! The disk under the embedded database is full, then it is not.

use std::{fs::File, io::Write, path::Path, process::Command};

use waybill_drill::{
    Database, Ledger, Load, Receiver, Server, config, folder, seconds, wait_until,
};

use crate::{Drill, Ended};

const THREADS: usize = 4;
const CREATES: u64 = 1_000_000;
/// Of the small disk.
const DISK: &str = "size=64m";
const MOST_ROUNDS: u32 = 3;

/// A mounted small disk; unmounted in the end.
struct Disk<'a>(&'a Path);

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

/// Writes are answered 503, reads go on, and with room it heals by itself.
pub fn run(drill: &Drill) -> Ended {
    let (folder, receiver) = (folder(), Receiver::start());
    let mounted = folder.path().join("disk");
    std::fs::create_dir(&mounted).unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
        .arg(&mounted)
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        return Ended::Skipped("a small disk cannot be mounted here: it takes root".to_owned());
    }
    let disk = Disk(&mounted);
    let database = Database::file(disk.0);
    std::fs::write(folder.path().join("waybill.toml"), config(0.1)).unwrap();
    let mut server = Server::node(folder.path(), database.url(), "api,web,workers");
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let mut ledger = Ledger::default();
    let (mut refused, rounds) = (0, drill.rounds.min(MOST_ROUNDS));
    for round in 0..rounds {
        let load = Load::start(
            &server.process.address,
            THREADS,
            CREATES,
            &format!("R{round}"),
        );
        wait_until("writes are answered", seconds(20), || {
            load.told().promised.len() > 20
        });
        let known = load.told().promised;
        let ballast = disk.0.join("ballast");
        fill(&ballast);
        wait_until("writes are refused", seconds(30), || {
            load.told().unavailable > 20
        });
        Ledger::are_there(&server, &known);
        assert_eq!(server.send("GET", "/healthz", None).status, 200);
        std::fs::remove_file(&ballast).unwrap();
        let promised = load.told().promised.len();
        wait_until("it heals by itself", seconds(30), || {
            load.told().promised.len() > promised + 20
        });
        let told = load.stop();
        assert_eq!(told.unavailable, told.with_retry_after);
        assert_eq!(told.broken, 0, "no connection broke");
        refused += told.unavailable;
        Ledger::are_there(&server, &told.promised);
        ledger.note(told.promised);
    }
    let sum = ledger.settle(&database, &receiver, seconds(120));
    assert_eq!(server.process.terminate(), (Some(0), String::new()));
    let integrity = rusqlite::Connection::open(mounted.join("waybill.db")).unwrap();
    let integrity: String = integrity
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(integrity, "ok");
    drop(server);
    Ended::Held(format!("{rounds} full disks, {refused} answers 503, {sum}"))
}

/// Fills the disk to the last byte.
fn fill(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    for size in [1024 * 1024, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
