//! Worker nodes that ask a courier which takes its time: four against one.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::json;
use waybill_drill::{
    Database, SLOW_COURIER, Server, SlowCourier, folder, seconds, use_binary, wait_until,
};

use crate::{
    contest::{Contest, Round},
    world::{TRACKINGS, World},
};

/// How long the courier takes.
const TAKES: Duration = Duration::from_millis(200);
/// Asked at once by a node.
const IN_FLIGHT: usize = 32;
/// Nodes of the larger side.
const NODES: usize = 4;
/// Trackings for so many seconds besides those measured: until all nodes have their shares.
const SPARE_SECONDS: u64 = 8;
/// Threads that make the trackings.
const MAKERS: usize = 8;

/// Polls a second of four nodes against one, none of them done twice.
pub fn measure(world: &World) -> Result<Contest> {
    use_binary(&world.options.waybill);
    let mut contest = Contest::new(
        format!("couriers answering after 200 ms, {IN_FLIGHT} in flight a node, {NODES} nodes"),
        "one node",
        "≥ 3.5",
    );
    eprintln!("{} against {}", contest.work, contest.against);
    for _ in 0..world.options.rounds {
        for (nodes, rounds) in [(1, &mut contest.bare), (NODES, &mut contest.waybill)] {
            let length = world.options.seconds;
            // The drill's world is made of threads, and has a runtime of its own.
            let measured = thread::spawn(move || round(nodes, length)).join();
            let measured = measured.ok().context("a round broke; see above")?;
            rounds.push(measured?);
        }
    }
    Ok(contest)
}

fn round(nodes: usize, length: u64) -> Result<Round> {
    let (folder, database) = (folder(), Database::postgres());
    let courier = SlowCourier::start(TAKES);
    let config = courier.install(folder.path(), 1_000.0, 256);
    let config = format!("{config}[polling]\nconcurrency = {IN_FLIGHT}\n");
    std::fs::write(folder.path().join("waybill.toml"), config)?;
    let api = Server::node(folder.path(), database.url(), "api");
    let most = nodes as u64 * IN_FLIGHT as u64 * 1_000 / TAKES.as_millis() as u64;
    make(&api, (length + SPARE_SECONDS) * most);
    let workers: Vec<Server> = (0..nodes)
        .map(|_| Server::node(folder.path(), database.url(), "workers"))
        .collect();
    wait_until("the nodes have their shares", seconds(60), || {
        let share = format!(" {}", 1.0 / nodes as f64);
        let metrics = api.send("GET", "/metrics", None).body;
        let shares = metrics
            .lines()
            .filter(|line| line.starts_with("waybill_node_share{"));
        shares.filter(|line| line.ends_with(&share)).count() == nodes
    });
    let (begun, before) = (Instant::now(), courier.asked());
    thread::sleep(Duration::from_secs(length));
    let (elapsed, asked) = (begun.elapsed(), courier.asked() - before);
    drop((workers, api));
    if courier.by_number().values().any(|times| *times > 1) {
        bail!("a job was done twice");
    }
    Ok(Round {
        rate: asked as f64 / elapsed.as_secs_f64(),
        ..Round::default()
    })
}

/// Makes trackings that are due at once.
fn make(api: &Server, count: u64) {
    thread::scope(|scope| {
        for maker in 0..MAKERS as u64 {
            scope.spawn(move || {
                for number in (maker..count).step_by(MAKERS) {
                    let number = format!("NODES{number:08}");
                    let body = json!({"tracking_number": number, "slug": SLOW_COURIER});
                    api.send("POST", TRACKINGS, Some(&body)).data(201);
                }
            });
        }
    });
}
