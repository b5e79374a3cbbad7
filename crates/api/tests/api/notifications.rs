//! `/notifications` of versions up to 2024-04.

use serde_json::{Value, json};
use waybill_versions::Version;

use crate::support::{Installation, Organization, TRACKINGS};

const OLD: [Version; 4] = [
    Version::V4,
    Version::V2023_10,
    Version::V2024_01,
    Version::V2024_04,
];

async fn followed(shop: &Organization<'_>) -> Value {
    let customers = json!([
        {"name": "Ada", "email": "ada@example.com", "role": "recipient"},
        {"name": "Bob", "phone_number": "+4930123456"},
    ]);
    shop.create(json!({"tracking_number": "ITOD-1-TELL", "customers": customers}))
        .await
}

async fn customers(shop: &Organization<'_>, id: &str) -> Value {
    let newest = shop.get(&format!("{TRACKINGS}/{id}")).await.is(200, 200);
    newest.data()["customers"].clone()
}

#[tokio::test]
async fn addresses_are_added_and_removed_and_names_stay() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let tracking = followed(&shop).await;
    let id = tracking["legacy_id"].as_str().expect("an id");
    let before = customers(&shop, id).await;
    for version in OLD {
        for path in [
            format!("{}/notifications/{id}", version.base_path()),
            format!(
                "{}/notifications/testing-courier/ITOD-1-TELL",
                version.base_path()
            ),
        ] {
            let shown = shop.get(&path).await.is(200, 200);
            let notification = &shown.data()["notification"];
            assert_eq!(notification["emails"], json!(["ada@example.com"]));
            assert_eq!(notification["smses"], json!(["+4930123456"]));

            let given = json!({"notification": {"emails": "new@example.com", "smses": null}});
            let added = shop
                .post(&format!("{path}/add"), given.clone())
                .await
                .is(201, 201);
            assert_eq!(
                added.data()["notification"]["emails"],
                json!(["ada@example.com", "new@example.com"])
            );
            let removed = shop
                .post(&format!("{path}/remove"), given)
                .await
                .is(200, 200);
            assert_eq!(
                removed.data()["notification"]["emails"],
                json!(["ada@example.com"])
            );
            assert_eq!(customers(&shop, id).await, before);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_changed() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let tracking = followed(&shop).await;
    let id = tracking["legacy_id"].as_str().expect("an id");
    let before = customers(&shop, id).await;
    let path = format!("/tracking/2024-04/notifications/{id}");
    let add = format!("{path}/add");
    shop.post(&add, json!({"emails": ["new@example.com"]}))
        .await
        .is(400, 4014);
    shop.post(&add, json!({"notification": {"emails": ["nobody"]}}))
        .await
        .is(400, 4008)
        .names("emails[0]");
    let many = json!(["a@example.com", "b@example.com", "c@example.com"]);
    shop.post(&add, json!({"notification": {"emails": many}}))
        .await
        .is(400, 4008)
        .names("emails");
    shop.get("/v4/notifications/0123456789abcdef01234567")
        .await
        .is(404, 4004);
    shop.get(&format!("/tracking/2024-07/notifications/{id}"))
        .await
        .is(404, 404);
    assert_eq!(customers(&shop, id).await, before);
}
