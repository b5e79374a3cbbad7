//! Requests with an `Idempotency-Key` are done once.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use jiff::SignedDuration;
use serde_json::{Value, json};
use waybill_jobs::Wake;
use waybill_service::{Identities, MasterKey, Parts, Service, Settings};
use waybill_versions::{Code, CreateTracking};

use crate::support::{Installation, Organization, Reply, TRACKINGS, id};

async fn post(shop: &Organization<'_>, path: &str, key: &str, body: &str) -> Reply {
    let request = Request::post(path)
        .header("as-api-key", &shop.key)
        .header("idempotency-key", key)
        .body(Body::from(body.to_owned()));
    shop.installation.send(request.expect("a request")).await
}

fn parcel(number: &str) -> String {
    json!({"tracking_number": number, "slug": "testing-courier"}).to_string()
}

async fn total(shop: &Organization<'_>) -> Value {
    let list = shop.get(TRACKINGS).await.is(200, 200);
    list.data()["pagination"]["total"].clone()
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_the_first_time_and_not_done_again() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let first = post(&shop, TRACKINGS, "k1", &parcel("ITOD-1-A"))
        .await
        .is(201, 201);
    assert_eq!(first.header("idempotent-replayed"), "");
    installation.clock.advance(SignedDuration::from_secs(60));
    let again = post(&shop, TRACKINGS, "k1", &parcel("ITOD-1-A"))
        .await
        .is(201, 201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("x-ratelimit-limit"), "100000");
    assert_eq!(total(&shop).await, 1);

    // Without the key, with another one and after a day it is done, which here means refused.
    shop.post(
        TRACKINGS,
        serde_json::from_str(&parcel("ITOD-1-A")).expect("JSON"),
    )
    .await
    .is(400, 4003);
    post(&shop, TRACKINGS, "k2", &parcel("ITOD-1-A"))
        .await
        .is(400, 4003);
    installation.clock.advance(SignedDuration::from_hours(24));
    post(&shop, TRACKINGS, "k1", &parcel("ITOD-1-A"))
        .await
        .is(400, 4003);
}

#[tokio::test]
async fn a_key_is_for_one_body_of_one_route_of_one_organization() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let other = installation.organization("other").await;
    let made = post(&shop, TRACKINGS, "k", &parcel("ITOD-1-A"))
        .await
        .is(201, 201);
    let refused = post(&shop, TRACKINGS, "k", &parcel("ITOD-1-B"))
        .await
        .is(422, 422);
    assert_eq!(refused.body["meta"]["type"], "BadRequest");
    let theirs = post(&other, TRACKINGS, "k", &parcel("ITOD-1-A"))
        .await
        .is(201, 201);
    assert_ne!(id(theirs.data()), id(made.data()));
    let done = format!("{TRACKINGS}/{}/mark-as-completed", id(made.data()));
    post(&shop, &done, "k", r#"{"reason": "LOST"}"#)
        .await
        .is(200, 200);
    let long = "k".repeat(256);
    post(&shop, TRACKINGS, &long, &parcel("ITOD-1-C"))
        .await
        .is(400, 4008)
        .names("Idempotency-Key");
    post(&shop, TRACKINGS, &long[1..], &parcel("ITOD-1-C"))
        .await
        .is(201, 201);
    // It is of no meaning where repeating does no harm.
    let request = Request::get(TRACKINGS)
        .header("as-api-key", &shop.key)
        .header("idempotency-key", &long);
    installation
        .send(request.body(Body::empty()).expect("a request"))
        .await
        .is(200, 200);
}

#[tokio::test]
async fn a_refused_request_may_be_mended_under_its_key() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    post(&shop, TRACKINGS, "k", "{").await.is(400, 4001);
    post(&shop, TRACKINGS, "k", &parcel("x"))
        .await
        .is(400, 4005);
    post(&shop, TRACKINGS, "k", &parcel("ITOD-1-A"))
        .await
        .is(201, 201);
}

#[tokio::test]
async fn while_it_is_worked_on_the_same_request_is_told_to_wait() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let body = parcel("ITOD-1-A");
    let what = format!("POST {TRACKINGS}");
    let service = &installation.service;
    let ticket = service.ticket(shop.id, &what, b"k", body.as_bytes()).await;
    let ticket = ticket.expect("a ticket");
    let refused = post(&shop, TRACKINGS, "k", &body).await.is(409, 409);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.body["meta"]["type"], "BadRequest");
    post(&shop, TRACKINGS, "other", &parcel("ITOD-1-B"))
        .await
        .is(201, 201);
    drop(ticket);
    post(&shop, TRACKINGS, "k", &body).await.is(201, 201);
}

#[tokio::test]
async fn two_nodes_do_it_once() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let other_node = Service::new(Parts {
        storage: installation.service.storage().clone(),
        couriers: installation.service.couriers(),
        clock: installation.clock.clone(),
        identities: Identities::seeded(8),
        master_key: MasterKey::from_text("a test").expect("a master key"),
        settings: Settings::default(),
        courier_credentials: std::collections::BTreeMap::new(),
        wake: Wake::default(),
    });
    let body = parcel("ITOD-1-A");
    let what = format!("POST {TRACKINGS}");
    let create = async |node: &Service, ticket| {
        let request = serde_json::from_str(&body).expect("JSON");
        let request = CreateTracking::parse(request).expect("good");
        node.under(&ticket, node.create_tracking(shop.id, request))
            .await
    };
    let ticket = async |node: &Service| {
        let ticket = node.ticket(shop.id, &what, b"k", body.as_bytes()).await;
        Arc::new(ticket.expect("a ticket"))
    };
    // Both look before either has committed.
    let here = ticket(&installation.service).await;
    let there = ticket(&other_node).await;
    let made = create(&other_node, there).await.expect("made");
    let refused = create(&installation.service, here)
        .await
        .expect_err("the other was faster");
    assert_eq!(refused.code, Code::RequestRunning);
    assert_eq!(total(&shop).await, 1);
    let again = post(&shop, TRACKINGS, "k", &body).await.is(201, 201);
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(again.data(), &made);
}

#[tokio::test]
async fn every_kind_of_post_can_be_repeated() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let tracking = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    let hook = json!({"url": "https://shop.example/hook", "events": ["tracking_update"]});
    let webhook = shop
        .post("/waybill/v1/webhooks", hook.clone())
        .await
        .is(201, 201);
    let (tracking, webhook) = (id(&tracking), id(webhook.data()));
    let lost = json!({"reason": "LOST"});
    let ups =
        json!({"courier_slug": "ups", "credentials": {"client_id": "a", "client_secret": "b"}});
    let news = json!({"checkpoints": [{"tag": "InTransit", "checkpoint_time": "2026-07-09"}]});
    let many =
        json!({"trackings": [{"tracking_number": "ITOD-1-B", "slug": "testing-courier"}, {}]});
    let place = json!({"name": "Berlin", "address": {"country_region": "DEU"}});
    let ours = |path: &str| format!("/waybill/v1/{path}");
    let cases = [
        (
            "/tracking/2026-07/couriers/detect".to_owned(),
            json!({"tracking_number": "ITOD-1-A"}),
        ),
        ("/tracking/2026-07/courier-connections".to_owned(), ups),
        (ours("api-keys"), json!({"name": "another"})),
        (ours("locations"), place),
        (ours("trackings/batch"), many),
        (ours(&format!("trackings/{tracking}/checkpoints")), news),
        (
            ours(&format!("trackings/{tracking}/polling/now")),
            Value::Null,
        ),
        (ours(&format!("trackings/{tracking}/look")), Value::Null),
        (ours("webhooks"), hook),
        (ours(&format!("webhooks/{webhook}/test")), Value::Null),
        (
            ours(&format!("webhooks/{webhook}/rotate-secret")),
            Value::Null,
        ),
        (ours(&format!("webhooks/{webhook}/pause")), Value::Null),
        (ours(&format!("webhooks/{webhook}/resume")), Value::Null),
        (format!("{TRACKINGS}/{tracking}/mark-as-completed"), lost),
        // Not active any more; the second time it would be, and 4013.
        (format!("{TRACKINGS}/{tracking}/retrack"), Value::Null),
    ];
    for (path, body) in cases {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let first = post(&shop, &path, "k", &body).await;
        assert!(matches!(first.status, 200 | 201), "{path}: {}", first.body);
        let again = post(&shop, &path, "k", &body).await;
        assert_eq!(
            again.header("idempotent-replayed"),
            "true",
            "{path}: {}",
            again.body
        );
        assert_eq!(
            (again.status, &again.body),
            (first.status, &first.body),
            "{path}"
        );
    }
    assert_eq!(total(&shop).await, 2);
    for (path, list, count) in [
        ("webhooks", "webhooks", 2),
        ("api-keys", "api_keys", 2),
        ("locations", "locations", 1),
    ] {
        let reply = shop.get(&ours(path)).await.is(200, 200);
        assert_eq!(
            reply.data()[list].as_array().map(Vec::len),
            Some(count),
            "{path}"
        );
    }
}
