//! Order within a lane, and what holds a lane up.

use jiff::SignedDuration;
use waybill_storage::{DeliveryStatus, Put, WriteSet};

use crate::world::World;

const POISON: &str = "1Z7X41R00340192776";

/// Well-formed numbers of UPS are not needed: its formats are not exhaustive.
fn number(count: usize) -> String {
    format!("LANE{count:08}")
}

fn what(number: &str, sub_status: &str) -> (String, String) {
    (number.to_owned(), sub_status.to_owned())
}

#[tokio::test]
async fn a_lane_waits_behind_its_head_and_then_goes_on_in_order() {
    let world = World::new().await;
    world.good_webhook().await;
    world.answer(|_| 503);
    let id = world.tracking(POISON).await;
    let steps = ["InfoReceived_001", "InTransit_002", "OutForDelivery_001"];
    for step in steps {
        world.news(&id, step).await;
        world.run().await;
    }
    assert_eq!(
        world.take_what(),
        [what(POISON, steps[0])],
        "the head alone is tried"
    );
    world.after(20).await;
    assert_eq!(world.take_what(), []);
    world.answer(|_| 200);
    world.after(20).await;
    assert_eq!(world.take_what(), steps.map(|step| what(POISON, step)));
}

#[tokio::test]
async fn a_head_refused_five_times_while_others_are_taken_leaves_its_lane() {
    let world = World::new().await;
    world.good_webhook().await;
    world.answer(|sent| {
        if sent.what() == what(POISON, "InfoReceived_001") {
            400
        } else {
            200
        }
    });
    let id = world.tracking(POISON).await;
    for step in ["InfoReceived_001", "InTransit_002"] {
        world.news(&id, step).await;
    }
    world.run().await;
    let head = world.deliveries(DeliveryStatus::Pending).await[0].clone();
    assert_eq!(head.attempts, 1);
    let mut others = 0;
    while !world.delivery(head.id).await.left_lane {
        others += 1;
        assert!(others <= 5, "{:?}", world.delivery(head.id).await);
        let other = world.tracking(&number(others)).await;
        world.news(&other, "InTransit_002").await;
        world.run().await;
    }
    let left = world.delivery(head.id).await;
    assert_eq!(
        (left.refused_while_healthy, left.status),
        (5, DeliveryStatus::Pending)
    );
    let sent = world.take_what();
    assert_eq!(
        sent.last(),
        Some(&what(POISON, "InTransit_002")),
        "the lane goes on at once"
    );

    // What is taken from now on costs it no attempts: it has times of its own.
    for count in 10..20 {
        let other = world.tracking(&number(count)).await;
        world.news(&other, "InTransit_002").await;
        world.run().await;
    }
    assert_eq!(world.delivery(head.id).await.attempts, left.attempts);
    for step in ["OutForDelivery_001", "Delivered_001"] {
        world.news(&id, step).await;
        world.run().await;
    }
    let own: Vec<_> = world
        .take_what()
        .into_iter()
        .filter(|(number, _)| number == POISON)
        .collect();
    assert_eq!(
        own,
        ["OutForDelivery_001", "Delivered_001"].map(|step| what(POISON, step))
    );
    while let Some(next) = world.delivery(head.id).await.next_attempt_at {
        world.clock.set(next);
        world.run().await;
    }
    let dead = world.delivery(head.id).await;
    assert_eq!((dead.status, dead.attempts), (DeliveryStatus::Dead, 14));
}

#[tokio::test]
async fn while_all_is_refused_no_head_leaves_its_lane() {
    let world = World::new().await;
    world.good_webhook().await;
    world.answer(|_| 503);
    let id = world.tracking(POISON).await;
    world.news(&id, "InfoReceived_001").await;
    world.news(&id, "InTransit_002").await;
    world.run().await;
    for _ in 0..400 {
        world.after(60).await;
    }
    let pending = world.deliveries(DeliveryStatus::Pending).await;
    assert!(
        pending[0].attempts > 8 && !pending[0].left_lane,
        "{:?}",
        pending[0]
    );
    assert_eq!(pending[1].attempts, 0);
}

/// More heads than one commit takes.
#[tokio::test]
async fn a_recovery_wakes_every_waiting_head() {
    const HEADS: usize = 520;
    let world = World::new().await;
    world.good_webhook().await;
    world.answer(|_| 503);
    for count in 0..HEADS {
        let id = world.tracking(&number(count)).await;
        world.news(&id, "InTransit_002").await;
    }
    world.after(1).await;
    // As after an outage of hours.
    let mut set = WriteSet::new(world.organization);
    for mut delivery in world.deliveries(DeliveryStatus::Pending).await {
        delivery.attempts = delivery.attempts.max(1);
        delivery.next_attempt_at = Some(world.service.now() + SignedDuration::from_hours(8));
        set.put.push(Put::Delivery(Box::new(delivery)));
    }
    world.service.commit(set).await.unwrap();
    world.take_sent();
    world.answer(|_| 200);
    let id = world.tracking(POISON).await;
    world.news(&id, "InTransit_002").await;
    // Ten at once, and each look is a second later: no head waits out its eight hours.
    for _ in 0..60 {
        world.after(1).await;
    }
    assert_eq!(world.deliveries(DeliveryStatus::Pending).await.len(), 0);
    assert_eq!(world.take_sent().len(), HEADS + 1);
}

#[tokio::test]
async fn a_paused_backlog_waits_and_comes_in_order_on_resume() {
    let mut world = World::new().await;
    let webhook = world.good_webhook().await.to_string();
    let steps = ["InfoReceived_001", "InTransit_002", "OutForDelivery_001"];
    let refused = world.tracking(&number(0)).await;
    world.answer(|_| 503);
    world.news(&refused, steps[0]).await;
    world.run().await;
    world.answer(|_| 200);
    world.take_sent();

    world
        .service
        .pause_webhook(world.organization, &webhook)
        .await
        .unwrap();
    let mut ids = vec![refused];
    for count in 1..4 {
        ids.push(world.tracking(&number(count)).await);
        world.news(&ids[count], steps[0]).await;
    }
    for step in &steps[1..] {
        for id in &ids {
            world.news(id, step).await;
        }
    }
    world.after(7 * 24 * 3600).await;
    assert_eq!(world.take_what(), []);
    assert_eq!(
        world.deliveries(DeliveryStatus::Pending).await.len(),
        steps.len() * ids.len()
    );

    // The server may have been started again meanwhile.
    world.restart();
    world
        .service
        .resume_webhook(world.organization, &webhook)
        .await
        .unwrap();
    for _ in 0..5 {
        world.after(1).await;
    }
    let sent = world.take_what();
    assert_eq!(sent.len(), steps.len() * ids.len(), "each once");
    for count in 0..ids.len() {
        let lane: Vec<_> = sent
            .iter()
            .filter(|(own, _)| *own == number(count))
            .collect();
        assert_eq!(
            lane,
            steps
                .map(|step| what(&number(count), step))
                .iter()
                .collect::<Vec<_>>()
        );
    }
    assert_eq!(world.deliveries(DeliveryStatus::Pending).await.len(), 0);
}

/// Every delivery of a backlog has a job, not only the heads: a call from head to next can be lost.
#[tokio::test]
async fn after_a_resume_no_delivery_hangs_on_another() {
    let world = World::new().await;
    let webhook = world.good_webhook().await;
    world
        .service
        .pause_webhook(world.organization, &webhook.to_string())
        .await
        .unwrap();
    let id = world.tracking(POISON).await;
    world.news(&id, "InfoReceived_001").await;
    world.news(&id, "InTransit_002").await;
    // One who read "paused" may commit after the resume: such a delivery needs a job as well.
    let storage = world.service.storage();
    assert!(storage.next_due(&["deliver"]).await.unwrap().is_some());
    world.run().await;
    assert_eq!(storage.next_due(&["deliver"]).await.unwrap(), None);
    world
        .service
        .resume_webhook(world.organization, &webhook.to_string())
        .await
        .unwrap();
    world.run().await;
    assert_eq!(world.take_what().len(), 2);
    let due = world
        .service
        .storage()
        .next_due(&["deliver"])
        .await
        .unwrap();
    assert!(due.is_some(), "the safety net of the second");
    world.after(120).await;
    assert_eq!(world.take_what(), []);
    assert_eq!(
        world
            .service
            .storage()
            .next_due(&["deliver"])
            .await
            .unwrap(),
        None
    );
}
