//! When a shipment will arrive.

use serde_json::{Value, json};

use crate::support::{Installation, redacted};

const PREDICT: &str = "/tracking/2026-07/estimated-delivery-date/predict";

fn shipment() -> Value {
    json!({
        "slug": "fedex",
        "service_type_name": "FEDEX HOME DELIVERY",
        "origin_address": {"country_region": "USA", "state": "WA", "postal_code": "98108"},
        "destination_address": {"country_region": "USA", "state": "CA", "postal_code": "92019", "city": "El Cajon"},
        "weight": {"unit": "kg", "value": 11.5},
        "package_count": 1,
        "estimated_pickup": {
            "order_time": "2021-07-01 15:04:05",
            "order_cutoff_time": "20:00:00",
            "business_days": [1, 2, 3, 4, 5, 6, 7],
            "order_processing_time": {"unit": "day", "value": 0},
        },
    })
}

#[tokio::test]
async fn the_answer_is_the_question_with_its_pickup_and_dates() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let reply = shop.post(PREDICT, shipment()).await.is(200, 200);
    insta::assert_json_snapshot!(redacted(reply.data()));

    let mut plain = shipment();
    plain["estimated_pickup"] = Value::Null;
    plain["pickup_time"] = json!("2021-07-01 20:00:00");
    plain.as_object_mut().expect("an object").remove("weight");
    let batch = json!({"estimated_delivery_dates": [shipment(), plain]});
    let batch = shop
        .post(&format!("{PREDICT}-batch"), batch)
        .await
        .is(200, 200);
    let [ordered, plain] = &batch.data()["estimated_delivery_dates"]
        .as_array()
        .expect("a list")[..]
    else {
        panic!("two answers: {}", batch.body);
    };
    assert_eq!(redacted(ordered), redacted(reply.data()));
    assert_eq!(
        (&plain["weight"], &plain["estimated_pickup"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(plain["pickup_time"], "2021-07-01 20:00:00");
    for date in [
        "estimated_delivery_date",
        "estimated_delivery_date_min",
        "estimated_delivery_date_max",
    ] {
        assert_eq!(plain[date], ordered[date]);
    }
    assert_ne!(plain["id"], ordered["id"]);
}

#[tokio::test]
async fn one_fault_refuses_the_whole_batch() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let mut nobody = shipment();
    nobody["slug"] = json!("nobody");
    let batch = |shipments: &[&Value]| json!({"estimated_delivery_dates": shipments});
    let path = format!("{PREDICT}-batch");
    shop.post(&path, batch(&[&shipment(), &nobody]))
        .await
        .is(400, 4010)
        .names("estimated_delivery_dates[1].slug");
    shop.post(PREDICT, nobody).await.is(400, 4010).names("slug");
    let mut both = shipment();
    both["pickup_time"] = json!("2021-07-01 20:00:00");
    shop.post(&path, batch(&[&both])).await.is(400, 400);
    shop.post(&path, json!({"estimated_delivery_dates": []}))
        .await
        .is(400, 400);
    shop.post(&path, json!({}))
        .await
        .is(400, 4009)
        .names("estimated_delivery_dates");
}
