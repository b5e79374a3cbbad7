//! Keys are made, listed and ended over the API.

use axum::{body::Body, http::Request};
use jiff::SignedDuration;
use serde_json::{Value, json};
use waybill_api::ROUTES;
use waybill_service::SCOPES;
use waybill_storage::Authentication;

use crate::support::{Installation, Reply, TRACKINGS, id};

const KEYS: &str = "/waybill/v1/api-keys";

async fn send(
    installation: &Installation,
    key: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("as-api-key", key);
    let request = request.body(Body::from(body.to_string()));
    installation.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_ends_within_five_seconds() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let scopes = ["aftership:tracking:read"];
    let made = shop
        .post(KEYS, json!({"name": "reader", "scopes": scopes}))
        .await
        .is(201, 201);
    let key = made.data()["key"].as_str().expect("a key").to_owned();
    assert_eq!(made.data()["scopes"], json!(scopes));
    assert_eq!(made.data()["authentication"], "api-key");
    assert_eq!(made.data().get("secret"), None);

    let read = async || send(&installation, &key, "GET", TRACKINGS, &Value::Null).await;
    read().await.is(200, 200);
    let number = json!({"tracking_number": "ITOD-1-A"});
    send(&installation, &key, "POST", TRACKINGS, &number)
        .await
        .is(403, 403);
    // The use of a key is noted beside the request.
    let storage = installation.service.storage();
    storage.flush().await.expect("flushed");
    let list = shop.get(KEYS).await.is(200, 200);
    let keys = list.data()["api_keys"].as_array().expect("a list");
    assert_eq!((keys.len(), keys[0].get("key")), (2, None));
    let reader = keys
        .iter()
        .find(|key| key["name"] == "reader")
        .expect("there");
    assert_eq!(reader["last_used_at"], "2026-07-10T12:00:00+00:00");
    assert!(key.starts_with(reader["prefix"].as_str().expect("a prefix")));

    let path = format!("{KEYS}/{}", id(made.data()));
    let ended = shop.send("DELETE", &path, "").await.is(200, 200);
    assert_eq!(ended.data()["revoked_at"], "2026-07-10T12:00:00+00:00");
    installation.clock.advance(SignedDuration::from_secs(5));
    read().await.is(401, 401);
    // Ending it again changes nothing.
    let again = shop.send("DELETE", &path, "").await.is(200, 200);
    assert_eq!(again.data(), ended.data());
    shop.send("DELETE", &format!("{KEYS}/nothing"), "")
        .await
        .is(404, 404);
}

#[tokio::test]
async fn a_key_gives_no_more_than_it_has() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let own = ["aftership:api_key:write", "aftership:tracking:read"];
    let key = installation
        .key(shop.id, Authentication::ApiKey, &own)
        .await;
    let make = async |body: Value| send(&installation, &key, "POST", KEYS, &body).await;
    make(json!({"name": "a", "scopes": ["aftership:tracking:write"]}))
        .await
        .is(403, 403);
    make(json!({"name": "a", "scopes": ["*"]}))
        .await
        .is(403, 403);
    let same = make(json!({"name": "a"})).await.is(201, 201);
    assert_eq!(same.data()["scopes"], json!(own));
    make(json!({"name": "a", "scopes": ["tracking"]}))
        .await
        .is(400, 4008)
        .names("scopes[0]");
    make(json!({"name": "a", "authentication": "rsa", "public_key": "x"}))
        .await
        .is(400, 4008)
        .names("public_key");
    let signing = make(json!({"name": "a", "authentication": "aes"}))
        .await
        .is(201, 201);
    assert!(signing.data()["secret"].is_string());
}

#[test]
fn every_route_has_a_scope_that_can_be_given() {
    for route in ROUTES {
        assert!(SCOPES.contains(&route.scope), "{}", route.scope);
    }
}
