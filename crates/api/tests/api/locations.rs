//! Places that parcels are sent from.

use serde_json::{Value, json};

use crate::support::{Installation, Organization, TRACKINGS, id};

const LOCATIONS: &str = "/waybill/v1/locations";

fn berlin() -> Value {
    json!({
        "id": "berlin-1",
        "name": "Berlin",
        "address": {"country_region": "deu", "state": "BE", "city": "Berlin", "postal_code": "10115"},
        "order_cutoff_time": "16:00:00",
        "business_days": [1, 2, 3, 4, 5],
    })
}

async fn refused(shop: &Organization<'_>, location: &str) {
    let body =
        json!({"tracking_number": "ITOD-1-L", "slug": "testing-courier", "location_id": location});
    shop.post(TRACKINGS, body)
        .await
        .is(400, 4008)
        .names("location_id");
}

#[tokio::test]
async fn a_location_is_made_changed_and_deleted() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop.post(LOCATIONS, berlin()).await.is(201, 201);
    insta::assert_json_snapshot!(made.data(), @r#"
    {
      "active": true,
      "address": {
        "city": "Berlin",
        "country_region": "DEU",
        "postal_code": "10115",
        "raw_location": null,
        "state": "BE"
      },
      "business_days": [
        1,
        2,
        3,
        4,
        5
      ],
      "created_at": "2026-07-10T12:00:00+00:00",
      "id": "berlin-1",
      "name": "Berlin",
      "order_cutoff_time": "16:00:00",
      "order_processing_time": null,
      "updated_at": "2026-07-10T12:00:00+00:00"
    }
    "#);
    shop.post(LOCATIONS, berlin())
        .await
        .is(400, 4008)
        .names("id");
    let path = format!("{LOCATIONS}/berlin-1");
    let change = json!({"business_days": null, "order_cutoff_time": "12:00:00"}).to_string();
    let changed = shop.send("PATCH", &path, change).await.is(200, 200);
    assert_eq!(changed.data()["business_days"], Value::Null);
    assert_eq!(shop.get(&path).await.is(200, 200).data(), changed.data());
    let list = shop.get(LOCATIONS).await.is(200, 200);
    assert_eq!(list.data()["locations"], json!([changed.data()]));
    assert_eq!(list.data()["pagination"]["total"], 1);
    shop.send("DELETE", &path, "").await.is(200, 200);
    shop.get(&path).await.is(404, 404);

    let mut body = berlin();
    body.as_object_mut().expect("an object").remove("id");
    let unnamed = shop.post(LOCATIONS, body).await.is(201, 201);
    let path = format!("{LOCATIONS}/{}", id(unnamed.data()));
    assert_eq!(shop.get(&path).await.is(200, 200).data(), unnamed.data());
}

#[tokio::test]
async fn a_tracking_takes_its_origin_from_its_location() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    shop.post(LOCATIONS, berlin()).await.is(201, 201);
    let tracking = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier", "location_id": "berlin-1"}))
        .await;
    let origin = |tracking: &Value| {
        [
            "country_region",
            "state",
            "city",
            "postal_code",
            "raw_location",
        ]
        .map(|part| tracking[format!("origin_{part}")].clone())
    };
    let expected = [
        json!("DEU"),
        json!("BE"),
        json!("Berlin"),
        json!("10115"),
        Value::Null,
    ];
    assert_eq!(origin(&tracking), expected);
    assert_eq!(tracking["location_id"], "berlin-1");

    // Another one later, and what becomes of a location afterwards, changes no address that was taken.
    let plain = shop
        .create(json!({"tracking_number": "ITOD-1-B", "slug": "testing-courier"}))
        .await;
    let put = json!({"location_id": "berlin-1"}).to_string();
    let path = format!("{TRACKINGS}/{}", id(&plain));
    let updated = shop.send("PUT", &path, put).await.is(200, 200);
    assert_eq!(origin(updated.data()), expected);
    shop.send("DELETE", &format!("{LOCATIONS}/berlin-1"), "")
        .await
        .is(200, 200);
    let path = format!("{TRACKINGS}/{}", id(&tracking));
    assert_eq!(origin(shop.get(&path).await.data()), expected);
    // Nor does an update that does not name it ask for it again.
    let put = json!({"title": "new"}).to_string();
    shop.send("PUT", &path, put).await.is(200, 200);
}

#[tokio::test]
async fn only_an_active_location_of_ones_own_can_be_named() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let other = installation.organization("other").await;
    other.post(LOCATIONS, berlin()).await.is(201, 201);
    for unknown in ["berlin-1", "0123456789abcdef0123456789abcdef", "two words"] {
        refused(&shop, unknown).await;
    }
    let mut body = berlin();
    body["active"] = json!(false);
    shop.post(LOCATIONS, body).await.is(201, 201);
    refused(&shop, "berlin-1").await;
    let both = json!({
        "tracking_number": "ITOD-1-L", "slug": "testing-courier", "location_id": "berlin-1", "origin_city": "Rome",
    });
    shop.post(TRACKINGS, both)
        .await
        .is(400, 4008)
        .names("location_id");
}

#[tokio::test]
async fn versions_that_know_locations_name_them_on_create() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    shop.post(LOCATIONS, berlin()).await.is(201, 201);
    for version in ["2024-01", "2024-04"] {
        let path = format!("/tracking/{version}/trackings");
        let number = format!("ITOD-1-{}", version.replace('-', ""));
        let named = |location: &str| json!({"tracking": {"tracking_number": number, "location_id": location}});
        shop.post(&path, named("rome-1"))
            .await
            .is(400, 4008)
            .names("location_id");
        let made = shop.post(&path, named("berlin-1")).await.is(201, 201);
        let tracking = &made.data()["tracking"];
        assert_eq!(
            (&tracking["origin_city"], &tracking["origin_country_iso3"]),
            (&json!("Berlin"), &json!("DEU"))
        );
    }
}
