//! The life of a webhook over HTTP.

use serde_json::json;

use crate::support::{Installation, id};

const WEBHOOKS: &str = "/waybill/v1/webhooks";

#[tokio::test]
async fn a_webhook_is_made_read_changed_and_deleted() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let body = json!({"url": "https://shop.example/hook", "events": ["tracking_update.Delivered"], "headers": {"x-shop": "7"}});
    let made = shop.post(WEBHOOKS, body).await.is(201, 201).data().clone();
    assert!(
        made["secret"]
            .as_str()
            .is_some_and(|secret| secret.starts_with("whsec_")),
        "{made}"
    );
    assert_eq!(
        (made["version"].as_str(), made["headers"]["x-shop"].as_str()),
        (Some("2026-07"), Some("7"))
    );
    let path = format!("{WEBHOOKS}/{}", id(&made));

    let read = shop.get(&path).await.is(200, 200);
    assert!(read.data()["secret"].as_str().is_none(), "{}", read.body);
    let list = shop.get(WEBHOOKS).await.is(200, 200);
    assert_eq!(list.data()["webhooks"][0], *read.data());
    assert_eq!(
        list.data()["pagination"],
        json!({"total": 1, "next_cursor": null, "has_next_page": false})
    );

    let changed = shop
        .send(
            "PATCH",
            &path,
            json!({"events": ["edd_revise"], "headers": null}).to_string(),
        )
        .await
        .is(200, 200);
    assert_eq!(changed.data()["events"], json!(["edd_revise"]));
    assert_eq!(changed.data()["url"], "https://shop.example/hook");
    assert_eq!(changed.data()["headers"], json!({}));
    shop.send("PATCH", &path, json!({"url": "nowhere"}).to_string())
        .await
        .is(400, 4008)
        .names("url");

    let paused = shop
        .post(&format!("{path}/pause"), json!({}))
        .await
        .is(200, 200);
    assert_eq!(paused.data()["status"], "paused");
    let resumed = shop
        .post(&format!("{path}/resume"), json!({}))
        .await
        .is(200, 200);
    assert_ne!(resumed.data()["status"], "paused");
    let rotated = shop
        .post(&format!("{path}/rotate-secret"), json!({}))
        .await
        .is(200, 200);
    assert_ne!(rotated.data()["secret"], made["secret"]);
    shop.send("DELETE", &path, "").await.is(200, 200);
    shop.get(&path).await.is(404, 404);
}

#[tokio::test]
async fn deliveries_are_listed() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let webhook = json!({"url": "https://shop.example/hook", "events": ["tracking_update"]});
    let webhook = shop
        .post(WEBHOOKS, webhook)
        .await
        .is(201, 201)
        .data()
        .clone();
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    for (tag, time) in [
        ("InTransit", "2026-07-10T11:59:50Z"),
        ("Delivered", "2026-07-10T11:59:55Z"),
    ] {
        let path = format!(
            "/waybill/v1/trackings/{}/checkpoints",
            made["id"].as_str().expect("an id")
        );
        shop.post(
            &path,
            json!({"checkpoints": [{"tag": tag, "checkpoint_time": time}]}),
        )
        .await
        .is(200, 200);
    }
    let deliveries = "/waybill/v1/webhook-deliveries";
    let filter = format!("webhook_id={}&status=pending", id(&webhook));
    let first = shop
        .get(&format!("{deliveries}?{filter}&limit=1"))
        .await
        .is(200, 200);
    let list = first.data()["webhook_deliveries"]
        .as_array()
        .expect("a list");
    assert_eq!(list.len(), 1, "{}", first.body);
    let cursor = first.data()["pagination"]["next_cursor"]
        .as_str()
        .expect("a next page")
        .to_owned();
    let second = shop
        .get(&format!("{deliveries}?{filter}&cursor={cursor}"))
        .await
        .is(200, 200);
    let rest = second.data()["webhook_deliveries"]
        .as_array()
        .expect("a list");
    assert!(!rest.is_empty() && rest.iter().all(|delivery| delivery["id"] != list[0]["id"]));
    for wrong in [
        "webhook_id=x",
        "event_id=x",
        "tracking_id=x",
        "status=x",
        "limit=0",
    ] {
        shop.get(&format!("{deliveries}?{wrong}"))
            .await
            .is(400, 4008);
    }
}
