//! Several processes on one PostgreSQL database.

use serde_json::json;

use crate::harness::{
    Database, SLOW_COURIER, Server, SlowCourier, TempDir, config, folder, holds_for, seconds, text,
    wait_until,
};

/// A folder whose servers ask a courier that allows so much, and an empty database.
struct World {
    folder: TempDir,
    database: Database,
    courier: SlowCourier,
}

impl World {
    fn new(takes_ms: u64, requests_per_second: f64, concurrency: u32) -> Self {
        let takes = std::time::Duration::from_millis(takes_ms);
        let (folder, courier) = (folder(), SlowCourier::start(takes));
        let config = courier.install(folder.path(), requests_per_second, concurrency);
        std::fs::write(folder.path().join("waybill.toml"), config).unwrap();
        Self {
            folder,
            database: Database::postgres(),
            courier,
        }
    }

    fn node(&self, roles: &str) -> Server {
        Server::node(self.folder.path(), self.database.url(), roles)
    }
}

/// Makes trackings of the slow courier; their ids.
fn create(server: &Server, count: usize, name: &str) -> Vec<String> {
    let create = |number: usize| {
        let body = json!({"tracking_number": format!("{name}{number:04}"), "slug": SLOW_COURIER});
        let made = server.send("POST", "/tracking/2026-07/trackings", Some(&body));
        text(&made.data(201)["id"]).to_owned()
    };
    (0..count).map(create).collect()
}

/// The shares of the nodes that ask couriers, by the metrics of a node.
fn shares(server: &Server) -> Vec<String> {
    let metrics = server.send("GET", "/metrics", None).body;
    let shares = metrics
        .lines()
        .filter(|line| line.starts_with("waybill_node_share{"));
    let mut shares: Vec<String> = shares
        .filter_map(|line| line.rsplit(' ').next().map(str::to_owned))
        .collect();
    shares.sort();
    shares
}

#[test]
fn a_couriers_limits_hold_over_all_nodes() {
    let world = World::new(100, 50.0, 4);
    let api = world.node("api");
    let first = world.node("workers");
    let ids = create(&api, 80, "LIMIT");
    wait_until("the first node works", seconds(20), || {
        world.courier.asked() > 4
    });
    // One comes while the first holds everything, and shares from then on.
    let second = world.node("workers");
    wait_until("they share", seconds(20), || shares(&api) == ["0.5", "0.5"]);
    for id in &ids {
        api.reaches(id, "Delivered");
    }
    let (at_once, _) = world.courier.peaks();
    assert!(at_once <= 4, "{at_once} at once");
    let asked = world.courier.by_number();
    assert_eq!(asked.len(), ids.len());
    assert!(
        asked.values().all(|times| *times == 1),
        "done twice: {asked:?}"
    );
    drop((first, second));
}

#[test]
fn a_killed_nodes_jobs_are_taken_over() {
    let world = World::new(4_000, 50.0, 8);
    let api = world.node("api");
    let mut first = world.node("workers");
    let ids = create(&api, 8, "KILL");
    wait_until("all are under way", seconds(20), || {
        world.courier.asked() == ids.len()
    });
    first.process.kill();
    let _second = world.node("workers");
    // The dead node's leases end, and with them its share of the courier.
    for id in &ids {
        wait_until("it is asked again", seconds(40), || {
            api.tracking(id)["tag"] == "Delivered"
        });
    }
}

#[test]
fn a_node_that_is_told_to_stop_hands_back_at_once() {
    let world = World::new(15_000, 50.0, 8);
    let api = world.node("api");
    let mut first = world.node("workers");
    create(&api, 4, "STOP");
    wait_until("all are under way", seconds(20), || {
        world.courier.asked() == 4
    });
    let _second = world.node("workers");
    assert_eq!(first.process.terminate(), (Some(0), String::new()));
    // Long before a lease would end, and before the courier answers the first.
    wait_until("the other asks", seconds(6), || world.courier.asked() == 8);
    wait_until("the one that left is forgotten", seconds(5), || {
        shares(&api) == ["1"]
    });
}

#[test]
fn a_courier_that_wants_patience_has_it_from_all() {
    let world = World::new(10, 50.0, 1);
    world.courier.refuse(Some(3_600));
    let api = world.node("api");
    let _first = world.node("workers");
    create(&api, 5, "WAIT");
    wait_until("one is refused", seconds(20), || world.courier.asked() > 0);
    let asked = world.courier.asked();
    let _second = world.node("workers");
    wait_until("they share", seconds(20), || shares(&api).len() == 2);
    create(&api, 5, "LATER");
    holds_for("nobody asks", seconds(2), || world.courier.asked() == asked);
}

#[test]
fn the_documented_limits_hold_over_two_nodes_together() {
    let (folder, database) = (folder(), Database::postgres());
    let config = format!("{}[rate_limits]\nprofile = \"aftership\"\n", config(60.0));
    std::fs::write(folder.path().join("waybill.toml"), config).unwrap();
    let nodes = [(); 2].map(|()| Server::node(folder.path(), database.url(), "api"));
    let limits = || {
        nodes.each_ref().map(|node| {
            let answer = node.send("GET", "/tracking/2026-07/couriers", None);
            answer.header("x-ratelimit-limit").unwrap().to_owned()
        })
    };
    wait_until("five are three and two", seconds(10), || {
        let mut limits = limits();
        limits.sort();
        limits == ["2", "3"]
    });
}

#[test]
fn a_node_without_api_and_web_serves_health_alone() {
    let world = World::new(10, 50.0, 1);
    let node = world.node("workers");
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/tracking/2026-07/trackings", 404),
        ("/waybill/v1/webhooks", 404),
    ] {
        assert_eq!(node.send("GET", path, None).status, status, "{path}");
    }
}
