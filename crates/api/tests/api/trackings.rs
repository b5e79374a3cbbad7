//! The life of a tracking over HTTP.

use serde_json::json;
use waybill_model::TrackingKey;
use waybill_storage::{Put, WriteSet};

use crate::support::{Installation, TRACKINGS, id};

#[tokio::test]
async fn a_tracking_is_made_read_changed_ended_and_deleted() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "itod-1-a", "title": "Shoes", "note": "n", "custom_fields": {"size": "42"}}))
        .await;
    assert_eq!(
        (made["slug"].as_str(), made["tracking_number"].as_str()),
        (Some("testing-courier"), Some("ITOD-1-A"))
    );
    assert_eq!(
        (made["tag"].as_str(), made["tracked_count"].as_u64()),
        (Some("Pending"), Some(0))
    );
    let path = format!("{TRACKINGS}/{}", id(&made));
    assert_eq!(shop.get(&path).await.is(200, 200).data(), &made);
    let legacy = format!(
        "{TRACKINGS}/{}",
        made["legacy_id"].as_str().expect("a legacy id")
    );
    assert_eq!(shop.get(&legacy).await.is(200, 200).data(), &made);

    let change = json!({"title": "Boots", "note": null, "tracking_number": "ignored"});
    let changed = shop
        .send("PUT", &path, change.to_string())
        .await
        .is(200, 200);
    assert_eq!(changed.data()["title"], "Boots");
    assert_eq!(changed.data()["note"], json!(null));
    assert_eq!(changed.data()["custom_fields"], json!({"size": "42"}));
    assert_eq!(changed.data()["tracking_number"], "ITOD-1-A");

    let ended = shop
        .post(
            &format!("{path}/mark-as-completed"),
            json!({"reason": "DELIVERED"}),
        )
        .await
        .is(200, 200);
    assert_eq!(
        (
            ended.data()["tag"].as_str(),
            ended.data()["active"].as_bool()
        ),
        (Some("Delivered"), Some(false))
    );
    assert_eq!(ended.data()["checkpoints"][0]["source"], "user");
    let again = shop
        .post(&format!("{path}/retrack"), json!({}))
        .await
        .is(200, 200);
    assert_eq!(again.data()["active"], true);

    shop.send("DELETE", &path, "").await.is(200, 200);
    shop.get(&path).await.is(404, 4004);
    assert_eq!(shop.get(TRACKINGS).await.data()["trackings"], json!([]));
    shop.create(json!({"tracking_number": "itod-1-a"})).await;
}

#[tokio::test]
async fn an_own_id_names_a_tracking() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier", "id": "Order_7"}))
        .await;
    assert_eq!(id(&made), "Order_7");
    assert_eq!(
        shop.get(&format!("{TRACKINGS}/Order_7"))
            .await
            .is(200, 200)
            .data(),
        &made
    );
    let twice = json!({"tracking_number": "ITOD-1-B", "slug": "testing-courier", "id": "Order_7"});
    shop.post(TRACKINGS, twice).await.is(400, 4003);
    let same = json!({"tracking_number": "ITOD 1A", "slug": "ups"});
    shop.post(TRACKINGS, same).await;
    let duplicate = json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"});
    let refused = shop.post(TRACKINGS, duplicate).await.is(400, 4003);
    assert_eq!(refused.data()["tracking"]["id"], "Order_7");
}

#[tokio::test]
async fn callers_add_checkpoints() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    let path = format!("/waybill/v1/trackings/{}/checkpoints", id(&made));
    let checkpoints = json!({"checkpoints": [
        {"tag": "InTransit", "subtag": "InTransit_002", "checkpoint_time": "2026-07-10T13:00:00+02:00", "city": "Berlin", "country_region": "DEU"},
    ]});
    let added = shop.post(&path, checkpoints.clone()).await.is(200, 200);
    assert_eq!(added.data()["tag"], "InTransit");
    assert_eq!(added.data()["checkpoints"][0]["source"], "user");
    let twice = shop.post(&path, checkpoints).await.is(200, 200);
    assert_eq!(
        twice.data()["checkpoints"].as_array().map(Vec::len),
        Some(1),
        "the same news is kept once"
    );
    shop.post(
        &path,
        json!({"checkpoints": [{"tag": "Pending", "checkpoint_time": "2026-07-10"}]}),
    )
    .await
    .is(400, 4008)
    .names("checkpoints[0].tag");
}

#[tokio::test]
async fn polling_is_shown_and_hurried() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    let path = format!("/waybill/v1/trackings/{}/polling", id(&made));
    let polling = shop.get(&path).await.is(200, 200);
    assert_eq!(polling.data()["legs"][0]["slug"], "testing-courier");
    shop.post(&format!("{path}/now"), json!({}))
        .await
        .is(200, 200);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_refused_and_left_as_it_is() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-BROKEN"}))
        .await;
    let storage = installation.service.storage();
    let key = TrackingKey::parse(id(&made)).expect("a key");
    let row = storage.tracking(shop.id, key).await.expect("an answer");
    let mut row = row.expect("a tracking");
    row.record = "written by a newer program".to_owned();
    let set = WriteSet::new(shop.id).put(Put::Tracking(Box::new(row)));
    storage.commit(set).await.expect("a commit");

    let path = format!("{TRACKINGS}/{}", id(&made));
    shop.get(&path).await.is(200, 200);
    shop.send("PUT", &path, json!({"title": "x"}).to_string())
        .await
        .is(500, 500);
    let complete = format!("{path}/mark-as-completed");
    shop.post(&complete, json!({"reason": "LOST"}))
        .await
        .is(500, 500);
    let row = storage.tracking(shop.id, key).await.expect("an answer");
    assert_eq!(
        row.expect("a tracking").record,
        "written by a newer program"
    );
}
