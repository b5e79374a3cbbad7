//! A body is in the shape of the version that its webhook asks for.

use serde_json::{Value, json};
use waybill_versions::{CreateTracking, Version, read_body};

use crate::world::{URL, World};

#[tokio::test]
async fn each_webhook_gets_its_own_version() {
    let world = World::new().await;
    for version in Version::ALL {
        world
            .webhook_of(version.as_str(), &format!("{URL}/{version}"), None)
            .await;
        world.run().await;
        // What only an old version can say reaches the old alone.
        let body = json!({"tracking": {"tracking_number": "1Z7X41R00340192776", "slug": "ups",
            "emails": "a@example.com", "destination_postal_code": "1", "tracking_postal_code": "2"}});
        let request: CreateTracking = read_body(body, Version::V2024_01).unwrap();
        let made = world
            .service
            .create_tracking(world.organization, request)
            .await
            .unwrap();
        let (newest, _) = made.split_once('\n').unwrap();
        let made: Value = serde_json::from_str(newest).unwrap();
        let id = made["id"].as_str().unwrap().to_owned();
        world.take_sent();
        world.news(&id, "Delivered_005").await;
        world.run().await;
        let sent = world.take_sent();
        let sent = sent.first().unwrap();
        assert_eq!(sent.header("as-webhook-version"), Some(version.as_str()));
        let body = sent.json();
        assert_eq!(body["event"], "tracking_update");
        let msg = body["msg"].as_object().unwrap();
        let newest = version == Version::NEWEST;
        let subtag = if newest {
            "Delivered_005"
        } else {
            "Delivered_001"
        };
        assert_eq!(msg["subtag"], subtag, "{version}");
        assert_eq!(
            msg.contains_key("emails"),
            version <= Version::V2024_10,
            "{version}"
        );
        let postal_code = msg.get("tracking_postal_code");
        let old = version <= Version::V2025_01;
        assert_eq!(postal_code, old.then(|| json!("2")).as_ref(), "{version}");
        let names: Vec<&str> = msg.keys().map(String::as_str).collect();
        let mut known: Vec<&str> = version.names(waybill_versions::Model::Tracking).collect();
        known.sort_unstable();
        assert_eq!(names, known, "{version}");
        world
            .service
            .delete_tracking(world.organization, &id)
            .await
            .unwrap();
        world.run().await;
        world.delete_webhooks().await;
    }
}
