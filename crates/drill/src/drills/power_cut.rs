//! A power cut anywhere in what the embedded engine has written.
//!
//! The server runs under strace, which records every write, truncation and sync of the database's files,
//! and every answer, in one order. A cut is a moment of that record: what was synced before is on the
//! disk; of what was written since, anything may be, also a half of a write. Each cut is put together as files
//! and opened: whatever was answered before it must be there.

mod record;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::Path,
    process::Command,
    time::Duration,
};

use waybill_drill::{Database, Load, Server, config, folder, holds_for, seconds, wait_until};
use waybill_model::TrackingKey;

use self::record::Record;
use crate::{Drill, Ended, random::Random};

/// Calls that matter. SQLite writes with `pwrite64`.
const CALLS: &str =
    "trace=pwrite64,write,writev,sendto,sendmsg,ftruncate,fsync,fdatasync,unlink,unlinkat";
/// No write is longer: a page is 4 KiB.
const LONGEST: &str = "200000";
const THREADS: usize = 4;
const CREATES: u64 = 400;
/// How long the load lasts: strace makes everything slow.
const RECORDED: Duration = Duration::from_secs(6);

/// Files as the disk has them.
type Disk = BTreeMap<String, Vec<u8>>;

/// Nothing that was answered is lost, and the file is whole.
pub fn run(drill: &mut Drill) -> Ended {
    let folder = folder();
    let log = folder.path().join("strace.log");
    if let Err(why) = record(folder.path(), &log) {
        return Ended::Skipped(why);
    }
    let record = Record::read(&fs::read_to_string(&log).unwrap(), "waybill.db");
    let (writes, syncs, answers) = record.counts();
    assert!(
        writes > 100 && syncs > 10 && answers > 10,
        "too little was recorded: {writes} writes, {syncs} syncs, {answers} answers"
    );
    let (moments, mut promised) = (record.moments(), 0);
    for cut in 0..drill.rounds {
        let at = drill
            .random
            .between(moments.start as u64 + 1, moments.end as u64);
        let (disk, answered) = record.cut(at as usize, &mut drill.random);
        promised = promised.max(answered.len());
        check(&folder.path().join(format!("cut-{cut}")), &disk, &answered);
    }
    Ended::Held(format!(
        "{} cuts in {writes} writes and {syncs} syncs, up to {promised} promised",
        drill.rounds
    ))
}

/// Records a server under load.
fn record(folder: &Path, log: &Path) -> Result<(), String> {
    let probe = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return Err("strace is not there, or may not trace here".to_owned());
    }
    fs::write(folder.join("waybill.toml"), config(0.1)).unwrap();
    let log_name = log.to_string_lossy();
    // `-D`: the server is our child, strace its companion, which ends with it.
    let strace = [
        "strace", "-D", "-f", "-y", "-xx", "-s", LONGEST, "-e", CALLS, "-o", &log_name,
    ];
    let words = ["serve", "--listen", "127.0.0.1:0"];
    let command = waybill_drill::Command::under(&strace, folder, &words);
    let mut server = Server::start_as(folder, command);
    let load = Load::start(&server.process.address, THREADS, CREATES, "CUT");
    holds_for("", RECORDED, || true);
    server.process.kill();
    load.stop();
    wait_until("strace is done", seconds(30), || {
        let text = fs::read_to_string(log).unwrap_or_default();
        text.trim_end().ends_with("+++ killed by SIGKILL +++")
    });
    Ok(())
}

/// Opens what the disk has after the cut.
fn check(folder: &Path, disk: &Disk, answered: &[String]) {
    fs::create_dir(folder).unwrap();
    for (name, bytes) in disk {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let file = folder.join("waybill.db");
    {
        let connection = rusqlite::Connection::open(&file).unwrap();
        let found: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(found, "ok");
    }
    let mut feed = Database::file(folder).feed();
    feed.read_on();
    let made: HashSet<TrackingKey> = feed.events.iter().map(|event| event.tracking).collect();
    for id in answered {
        let key = TrackingKey::parse(id).unwrap();
        assert!(made.contains(&key), "{id} was promised and is lost");
    }
    for (event, sequence) in feed.events.iter().zip(1..) {
        assert_eq!(event.sequence, sequence);
    }
    drop(feed);
    fs::remove_dir_all(folder).unwrap();
}

/// Some of a write, from its beginning, in whole sectors.
fn torn(length: usize, random: &mut Random) -> usize {
    const SECTOR: usize = 512;
    (random.below(length as u64 / SECTOR as u64 + 1) as usize * SECTOR).min(length)
}
