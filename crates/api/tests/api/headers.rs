//! Headers of answers.

use axum::{body::Body, http::Request};
use serde_json::Value;

use crate::support::{Installation, TRACKINGS};

#[tokio::test]
async fn answers_name_their_version_and_their_request() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let reply = shop.get(TRACKINGS).await.is(200, 200);
    assert_eq!(reply.header("as-api-version"), "2026-07");
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("x-request-id").len(), 32);
    let reply = shop.get("/waybill/v1/webhooks").await.is(200, 200);
    assert_eq!(reply.header("as-api-version"), "");
    let refused = shop
        .get(&format!("{TRACKINGS}?limit=0"))
        .await
        .is(400, 4008);
    assert_eq!(refused.header("as-api-version"), "2026-07");

    let send = async |id: &str| {
        let request = Request::get(TRACKINGS)
            .header("x-request-id", id)
            .body(Body::empty());
        installation
            .send(request.expect("a request"))
            .await
            .is(401, 401)
    };
    assert_eq!(send("order-77").await.header("x-request-id"), "order-77");
    assert_ne!(send("two words").await.header("x-request-id"), "two words");
}

#[tokio::test]
async fn a_head_says_what_a_get_would() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for path in [
        TRACKINGS,
        "/tracking/2024-01/couriers",
        "/waybill/v1/webhooks",
    ] {
        let got = shop.get(path).await.is(200, 200);
        let head = shop.send("HEAD", path, Body::empty()).await;
        assert_eq!((head.status, &head.body), (200, &Value::Null), "{path}");
        for name in ["content-type", "content-length", "etag", "vary"] {
            assert_eq!(head.header(name), got.header(name), "{path} {name}");
        }
    }
    let missing = format!("{TRACKINGS}/nothing");
    let missing = shop.send("HEAD", &missing, Body::empty()).await;
    assert_eq!(missing.status, 404);
}
