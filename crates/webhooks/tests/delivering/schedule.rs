//! The fourteen attempts.

use jiff::SignedDuration;
use waybill_storage::DeliveryStatus;

use crate::world::World;

#[tokio::test]
async fn fourteen_attempts_over_three_days_and_then_none() {
    let world = World::new().await;
    world.good_webhook().await;
    world.answer(|_| 500);
    let id = world.tracking("1Z7X41R00340192776").await;
    world.news(&id, "InTransit_002").await;
    world.run().await;
    let delivery = world.deliveries(DeliveryStatus::Pending).await[0].clone();
    while let Some(next) = world.delivery(delivery.id).await.next_attempt_at {
        // Not before its time.
        world.clock.set(next - SignedDuration::from_secs(1));
        let sent = world.take_sent().len();
        world.run().await;
        assert_eq!((sent, world.take_sent().len()), (1, 0));
        world.clock.set(next);
        world.run().await;
    }
    let dead = world.delivery(delivery.id).await;
    assert_eq!((dead.status, dead.attempts), (DeliveryStatus::Dead, 14));

    let storage = world.service.storage();
    let attempts = storage
        .delivery_attempts(world.organization, delivery.id)
        .await
        .unwrap();
    assert_eq!(attempts.len(), 14);
    let mut expected = 30.0;
    for pair in attempts.windows(2) {
        let wait = pair[1].at.duration_since(pair[0].at).as_secs_f64();
        assert!(
            (wait / expected - 1.0).abs() <= 0.201,
            "{wait} s instead of {expected} s"
        );
        expected *= 2.0;
    }
    assert!(
        attempts
            .iter()
            .all(|attempt| attempt.http_status == Some(500))
    );
    world.after(10 * 24 * 3600).await;
    assert_eq!(
        world.take_sent().len(),
        1,
        "the last one; a dead delivery is left alone"
    );
    assert_eq!(
        storage.next_due(&["deliver", "drain"]).await.unwrap(),
        None,
        "no job is left"
    );
}

#[tokio::test]
async fn every_attempt_is_the_same_event() {
    let world = World::new().await;
    world.good_webhook().await;
    let mut refusals = 0;
    world.answer(move |_| {
        refusals += 1;
        if refusals <= 5 { 429 } else { 200 }
    });
    let id = world.tracking("1Z7X41R00340192776").await;
    world.news(&id, "InTransit_002").await;
    world.run().await;
    for _ in 0..20 {
        world.after(120).await;
    }
    let sent = world.take_sent();
    assert_eq!(sent.len(), 6);
    assert!(sent.iter().all(|one| one.text == sent[0].text));
    // A signature is of its moment, so that receivers may refuse old ones.
    let stamp = |at: usize| sent[at].header("webhook-timestamp").unwrap().to_owned();
    assert_ne!(stamp(0), stamp(5));
    assert_eq!(stamp(5), sent[5].at.as_second().to_string());
}

#[tokio::test]
async fn a_sample_is_tried_once() {
    let world = World::new().await;
    world.answer(|_| 503);
    let webhook = world.webhook(crate::world::URL, None).await;
    world.run().await;
    world.after(7 * 24 * 3600).await;
    assert_eq!(world.take_sent().len(), 1);
    assert_eq!(world.deliveries(DeliveryStatus::Dead).await.len(), 1);
    let shown = world
        .service
        .webhook(world.organization, &webhook.to_string())
        .await
        .unwrap();
    assert_eq!(shown["status"], "unverified");
}
