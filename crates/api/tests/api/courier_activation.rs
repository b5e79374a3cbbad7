//! Which couriers an organization works with.

use serde_json::{Value, json};

use crate::support::{Installation, Organization, TRACKINGS};

const ACTIVATION: &str = "/waybill/v1/courier-activation";
const COURIERS: &str = "/tracking/2026-07/couriers";

async fn total(shop: &Organization<'_>, query: &str) -> u64 {
    let reply = shop.get(&format!("{COURIERS}{query}")).await.is(200, 200);
    reply.data()["total"].as_u64().expect("a number")
}

async fn activate(shop: &Organization<'_>, couriers: Value) {
    let body = json!({ "couriers": couriers });
    let activated = shop
        .send("PUT", ACTIVATION, body.to_string())
        .await
        .is(200, 200);
    assert_eq!(activated.data(), &body);
    assert_eq!(shop.get(ACTIVATION).await.is(200, 200).data(), &body);
}

#[tokio::test]
async fn all_couriers_are_active_until_some_are_activated() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let all = total(&shop, "").await;
    assert_eq!(total(&shop, "?active=true").await, all);
    assert_eq!(shop.get(ACTIVATION).await.data(), &json!({"couriers": []}));

    activate(&shop, json!(["usps", "testing-courier"])).await;
    assert_eq!(total(&shop, "?active=true").await, 2);
    assert_eq!(total(&shop, "?active=false").await, all - 2);
    assert_eq!(
        total(&shop, "").await,
        all,
        "the list without a filter is whole"
    );
    // A courier that one has an account with is one to work with.
    let connection =
        json!({"courier_slug": "ups", "credentials": {"client_id": "a", "client_secret": "b"}});
    shop.post("/tracking/2026-07/courier-connections", connection)
        .await
        .is(201, 201);
    assert_eq!(total(&shop, "?active=true&slug=ups,needy").await, 1);
    activate(&shop, json!([])).await;
    assert_eq!(total(&shop, "?active=true").await, all);

    for (body, code) in [
        (json!({}), 4009),
        (json!({"couriers": ["no-such-courier"]}), 4010),
    ] {
        shop.send("PUT", ACTIVATION, body.to_string())
            .await
            .is(400, code);
    }
}

#[tokio::test]
async fn detection_keeps_to_the_active_ones() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    activate(&shop, json!(["testing-courier"])).await;
    let number = json!({"tracking_number": "1ZYEPUANE230MMV4Q5"});
    let detect = format!("{COURIERS}/detect");
    let found = shop.post(&detect, number.clone()).await.is(200, 200);
    assert_eq!(found.data(), &json!({"total": 0, "couriers": []}));
    let refused = shop.post(TRACKINGS, number.clone()).await.is(400, 4012);
    let message = refused.body["meta"]["message"].as_str().expect("a message");
    assert!(
        message.contains("`ups`") && message.contains("courier-activation"),
        "{message}"
    );

    // Who names the courier gets it.
    let named = json!({"tracking_number": "1ZYEPUANE230MMV4Q5", "slug": "ups"});
    shop.create(named).await;
    let asked = json!({"tracking_number": "1ZYEPUANE230MMV4Q5", "slug": ["ups"]});
    let found = shop.post(&detect, asked).await.is(200, 200);
    assert_eq!(found.data()["total"], 1);
    activate(&shop, json!(["ups"])).await;
    let found = shop.post(&detect, number).await.is(200, 200);
    assert_eq!(found.data()["couriers"][0]["slug"], "ups");
}
