//! Couriers that send their news by themselves.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;
use waybill_model::CourierSlug;

use crate::support::Installation;

const SAMPLE: &str = include_str!("../../../../couriers/ups/samples/push_delivered.json");
const NUMBER: &str = "1Z4W7X200312345673";

fn message(path: &str, credential: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("credential", credential)
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

#[tokio::test]
async fn a_courier_sends_its_news_to_the_address_of_an_organization() {
    let installation = Installation::new();
    let organization = installation.organization("one").await;
    let other = installation.organization("other").await;
    let create = json!({"tracking_number": NUMBER, "slug": "ups"});
    for owner in [&organization, &other] {
        let made = owner
            .post("/tracking/2026-07/trackings", create.clone())
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let ups = CourierSlug::parse("ups").expect("a slug");
    let token = installation
        .service
        .push_token(organization.id, &ups)
        .expect("a token");
    let path = format!("/waybill/v1/push/ups/{token}");

    for (path, credential, body, status) in [
        (path.as_str(), "wrong", SAMPLE, 401),
        (path.as_str(), "a word", "no JSON", 400),
        ("/waybill/v1/push/ups/guessed", "a word", SAMPLE, 404),
        (&path.replace("/ups/", "/fedex/"), "a word", SAMPLE, 404),
        (
            &path.replace("/ups/", "/dhl-germany/"),
            "a word",
            SAMPLE,
            404,
        ),
    ] {
        let refused = installation.send(message(path, credential, body)).await;
        assert_eq!(refused.status, status, "{path}: {}", refused.body);
    }
    let tag = async |owner: &crate::support::Organization<'_>| {
        let path = format!("/tracking/2026-07/trackings?tracking_numbers={NUMBER}");
        let list = owner.get(&path).await;
        list.body["data"]["trackings"][0]["tag"].clone()
    };
    assert_eq!(tag(&organization).await, "Pending");
    // A courier that hears nothing sends again.
    for _ in 0..2 {
        let answer = installation.send(message(&path, "a word", SAMPLE)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(tag(&organization).await, "Delivered");
    assert_eq!(tag(&other).await, "Pending", "it is another's address");
}
