//! Many trackings in one request.

use serde_json::{Value, json};

use crate::support::{Installation, TRACKINGS, id};

const BATCH: &str = "/waybill/v1/trackings/batch";

fn row(number: &str) -> Value {
    json!({"tracking_number": number, "slug": "testing-courier"})
}

#[tokio::test]
async fn each_row_is_judged_alone_and_answered_in_order() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let there = shop.create(row("ITOD-1-THERE")).await;
    let trackings = json!([
        row("ITOD-1-A"),
        {"slug": "testing-courier"},
        row("ITOD-1-THERE"),
        "no object",
        {"tracking_number": "ITOD-1-B", "slug": "no-such-courier"},
        row("ITOD-1-A"),
        {"tracking_number": "ITOD-1-C", "slug": "testing-courier", "id": "own"},
        {"tracking_number": "ITOD-1-D", "slug": "testing-courier", "id": "own"},
    ]);
    let reply = shop.post(BATCH, json!({"trackings": trackings})).await;
    let reply = reply.is(200, 200);
    let results = reply.data()["results"].as_array().expect("results");
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            (
                result["index"].as_u64().expect("an index"),
                result["status"].as_u64().expect("a status"),
                result["error"]["code"].as_u64(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (0, 201, None),
            (1, 400, Some(4007)),
            (2, 400, Some(4003)),
            (3, 400, Some(4001)),
            (4, 400, Some(4010)),
            (5, 400, Some(4003)),
            (6, 201, None),
            (7, 400, Some(4003)),
        ]
    );
    let whose = |index: usize| results[index]["error"]["data"]["tracking"]["id"].clone();
    assert_eq!(whose(2), there["id"]);
    assert_eq!(whose(5), results[0]["tracking"]["id"]);
    assert_eq!(whose(7), "own");
    assert_eq!(results[6]["tracking"]["tracking_number"], "ITOD-1-C");

    // What was made is what a single create makes: found, asked at once, told as an event.
    let made = id(&results[0]["tracking"]);
    let read = shop.get(&format!("{TRACKINGS}/{made}")).await.is(200, 200);
    assert_eq!(read.data(), &results[0]["tracking"]);
    let polling = format!("/waybill/v1/trackings/{made}/polling");
    let legs = shop.get(&polling).await.is(200, 200).data()["legs"].clone();
    assert!(legs[0]["next_check_at"].is_string(), "{legs}");
    let events = installation.service.storage();
    let events = events.events_after(shop.id, 0, 100).await.expect("events");
    assert_eq!(events.len(), 3);
}

#[tokio::test]
async fn a_batch_may_be_sent_again() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let trackings: Vec<Value> = (0..1_000).map(|n| row(&format!("ITOD-1-{n}"))).collect();
    let batch = json!({"trackings": trackings});
    for status in [201, 400] {
        let reply = shop.post(BATCH, batch.clone()).await.is(200, 200);
        let results = reply.data()["results"].as_array().expect("results");
        assert_eq!(results.len(), 1_000);
        assert!(results.iter().all(|result| result["status"] == status));
    }
    let list = shop.get(&format!("{TRACKINGS}?limit=1")).await.is(200, 200);
    assert_eq!(list.data()["pagination"]["total"], 1_000);
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let many: Vec<Value> = (0..1_001).map(|n| row(&format!("ITOD-1-{n}"))).collect();
    for (body, code) in [
        (json!({}), 4009),
        (json!({"trackings": {}}), 4008),
        (json!({"trackings": []}), 4008),
        (json!({"trackings": many}), 4008),
    ] {
        let reply = shop.post(BATCH, body).await.is(400, code);
        reply.names("trackings");
    }
    shop.post(BATCH, json!([])).await.is(400, 4001);
    let list = shop.get(TRACKINGS).await.is(200, 200);
    assert_eq!(list.data()["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_batch_may_be_larger_than_other_bodies() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let pad = |bytes: usize| "x".repeat(bytes);
    let body = |bytes| json!({"trackings": [row("ITOD-1-A")], "unknown": pad(bytes)});
    shop.post(BATCH, body(2 * 1024 * 1024)).await.is(200, 200);
    let reply = shop.post(BATCH, body(8 * 1024 * 1024)).await.is(400, 400);
    let message = reply.body["meta"]["message"].as_str().expect("a message");
    assert!(message.contains("8388608"), "{message}");
}
