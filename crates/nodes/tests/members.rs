//! Nodes on a real engine under a clock that stands still until it is moved.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use waybill_model::{Clock, FakeClock, NodeId};
use waybill_nodes::{InUse, Member, Parts, Standing, Who};
use waybill_storage::{PARTS, Storage};
use waybill_storage_sqlite::SqliteStorage;

struct World {
    storage: Arc<dyn Storage>,
    clock: Arc<FakeClock>,
}

impl World {
    fn new() -> Self {
        let storage = SqliteStorage::open_in_memory().expect("a database");
        Self {
            storage: Arc::new(storage),
            clock: Arc::new(FakeClock::new(
                Timestamp::from_second(1_790_000_000).expect("an instant"),
            )),
        }
    }

    fn node(&self, number: u128) -> Node {
        let who = Who {
            id: NodeId::from_uuid(uuid::Uuid::from_u128(number)),
            roles: "workers".to_owned(),
            shares: true,
        };
        let (standing, in_use) = (Standing::default(), Arc::new(Busy::default()));
        Node {
            member: Member::new(
                who,
                self.storage.clone(),
                self.clock.clone(),
                standing.clone(),
                in_use.clone(),
            ),
            standing,
            in_use,
        }
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

/// As many parts as are under way.
#[derive(Default)]
struct Busy(AtomicU32);

impl InUse for Busy {
    fn fits(&self, parts: Parts) -> bool {
        self.0.load(Ordering::Relaxed) <= parts.count()
    }
}

struct Node {
    member: Member,
    standing: Standing,
    in_use: Arc<Busy>,
}

impl Node {
    async fn beats(&self) {
        self.member.beat().await.expect("a beat");
    }

    fn parts(&self, world: &World) -> u32 {
        self.standing.parts(world.clock.now()).count()
    }
}

#[tokio::test]
async fn a_node_that_joins_gets_its_share_when_it_is_free() {
    let world = World::new();
    let (first, second) = (world.node(1), world.node(2));
    first.beats().await;
    assert_eq!(first.parts(&world), PARTS);
    second.beats().await;
    assert_eq!(second.parts(&world), 0, "nothing is free yet");

    // The first learns of it and uses half; what is under way still needs more.
    first.in_use.0.store(PARTS, Ordering::Relaxed);
    first.beats().await;
    assert_eq!(first.parts(&world), PARTS / 2);
    first.beats().await;
    second.beats().await;
    assert_eq!(second.parts(&world), 0, "it is not free while it is in use");

    first.in_use.0.store(PARTS / 2, Ordering::Relaxed);
    first.beats().await;
    second.beats().await;
    assert_eq!(
        (first.parts(&world), second.parts(&world)),
        (PARTS / 2, PARTS / 2)
    );
}

#[tokio::test]
async fn a_dead_nodes_share_comes_back_when_its_lease_is_over() {
    let world = World::new();
    let (first, second) = (world.node(1), world.node(2));
    for _ in 0..3 {
        first.beats().await;
        second.beats().await;
    }
    // The first freezes.
    world.pass(9);
    second.beats().await;
    assert_eq!((first.parts(&world), second.parts(&world)), (32, 32));
    world.pass(1);
    assert_eq!(
        first.parts(&world),
        0,
        "by its own clock it has nothing now"
    );
    second.beats().await;
    assert_eq!(second.parts(&world), PARTS);
    // It wakes up and finds everything taken; then both settle anew.
    first.beats().await;
    assert_eq!(first.parts(&world), 0);
    second.beats().await;
    second.beats().await;
    first.beats().await;
    assert_eq!((first.parts(&world), second.parts(&world)), (32, 32));
}

#[tokio::test]
async fn a_node_that_cannot_beat_for_long_asks_nobody() {
    let world = World::new();
    let node = world.node(1);
    assert_eq!(node.parts(&world), 0, "not before the first beat");
    node.beats().await;
    world.pass(10);
    assert_eq!(node.parts(&world), 0);
    node.beats().await;
    assert_eq!(node.parts(&world), PARTS);
    node.member.leave().await;
    assert_eq!(
        world.storage.nodes(world.clock.now()).await.expect("nodes"),
        []
    );
}

#[tokio::test]
async fn a_courier_that_one_node_found_closed_is_closed_for_all() {
    let world = World::new();
    let (first, second) = (world.node(1), world.node(2));
    let now = world.clock.now();
    let until = now + SignedDuration::from_secs(60);
    first.standing.close("ups", until);
    assert_eq!(first.standing.closed_until("ups", now), Some(until));
    first.beats().await;
    second.beats().await;
    assert_eq!(second.standing.closed_until("ups", now), Some(until));
    assert_eq!(second.standing.closed_until("dhl", now), None);
    assert_eq!(second.standing.closed_until("ups", until), None);
}
