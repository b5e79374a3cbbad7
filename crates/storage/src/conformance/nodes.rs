//! Nodes: who lives, who holds which parts, which couriers are closed.

use uuid::Uuid;
use waybill_model::NodeId;

use super::{
    Engine,
    fixtures::{at, fresh},
};
use crate::{ClosedCourier, NodeRow, PARTS, Parts, Storage};

fn node(number: u128, seconds: i64, parts: Parts) -> NodeRow {
    NodeRow {
        id: NodeId::from_uuid(Uuid::from_u128(0x0f00 << 64 | number)),
        roles: "api,workers".to_owned(),
        started_at: at(0),
        until: at(seconds + 10),
        shares: true,
        parts,
    }
}

/// Beats; the parts that the node has then.
async fn beat(storage: &dyn Storage, row: NodeRow, seconds: i64) -> Parts {
    let id = row.id;
    let roll = storage.beat(row, at(seconds)).await.unwrap();
    let own = roll.nodes.iter().find(|node| node.id == id).unwrap();
    own.parts
}

pub async fn a_part_has_one_node(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let storage = &*storage;
    assert_eq!(
        beat(storage, node(1, 0, Parts::NONE), 0).await,
        Parts::ALL,
        "one alone has all"
    );
    assert_eq!(
        beat(storage, node(2, 1, Parts::NONE), 1).await,
        Parts::NONE,
        "what is held is not taken"
    );
    let half = Parts::ALL.first(PARTS / 2);
    assert_eq!(beat(storage, node(1, 3, half), 3).await, half);
    let rest = Parts::ALL.without(half);
    assert_eq!(beat(storage, node(2, 4, Parts::NONE), 4).await, rest);

    let nodes = storage.nodes(at(4)).await.unwrap();
    assert_eq!(nodes, [node(1, 3, half), node(2, 4, rest)]);
    assert!(nodes[0].does("api") && !nodes[0].does("web"));
}

pub async fn a_dead_nodes_parts_come_free_when_its_time_is_over(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let storage = &*storage;
    beat(storage, node(1, 0, Parts::NONE), 0).await;
    assert_eq!(beat(storage, node(2, 9, Parts::NONE), 9).await, Parts::NONE);
    assert_eq!(storage.nodes(at(9)).await.unwrap().len(), 2);
    assert_eq!(storage.nodes(at(10)).await.unwrap().len(), 1);
    assert_eq!(
        beat(storage, node(2, 10, Parts::NONE), 10).await,
        Parts::ALL
    );
    // It was only asleep: nothing of what it had is left to it.
    assert_eq!(
        beat(storage, node(1, 11, Parts::ALL), 11).await,
        Parts::NONE
    );
}

pub async fn a_node_that_leaves_gives_all_back(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let storage = &*storage;
    beat(storage, node(1, 0, Parts::NONE), 0).await;
    storage.leave(node(1, 0, Parts::NONE).id).await.unwrap();
    assert_eq!(storage.nodes(at(0)).await.unwrap(), []);
    assert_eq!(beat(storage, node(2, 0, Parts::NONE), 0).await, Parts::ALL);
    // Whoever is gone already may leave again.
    storage.leave(node(1, 0, Parts::NONE).id).await.unwrap();
}

pub async fn nodes_that_beat_at_once_share_no_part(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let mut beats = tokio::task::JoinSet::new();
    for number in 0..8 {
        let storage = storage.clone();
        beats.spawn(async move { beat(&*storage, node(number, 0, Parts::NONE), 0).await });
    }
    let parts = beats.join_all().await;
    let all = parts.iter().fold(Parts::NONE, |all, one| all.and(*one));
    let held: u32 = parts.iter().map(|one| one.count()).sum();
    assert_eq!((held, all), (PARTS, Parts::ALL));
}

pub async fn a_closed_courier_is_told_to_all(engine: &dyn Engine) {
    let storage = fresh(engine).await;
    let closed = async |seconds| {
        let roll = storage.beat(node(1, seconds, Parts::NONE), at(seconds));
        roll.await.unwrap().closed
    };
    assert_eq!(closed(0).await, []);
    storage.close_courier("ups", at(60)).await.unwrap();
    // The longer word counts.
    storage.close_courier("ups", at(30)).await.unwrap();
    storage.close_courier("dhl", at(20)).await.unwrap();
    let until = |name: &str, seconds| ClosedCourier {
        name: name.to_owned(),
        until: at(seconds),
    };
    assert_eq!(closed(1).await, [until("dhl", 20), until("ups", 60)]);
    assert_eq!(closed(20).await, [until("ups", 60)]);
    assert_eq!(closed(60).await, []);
}
