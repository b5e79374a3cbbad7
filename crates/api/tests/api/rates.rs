//! How many requests an organization may send in a second.

use jiff::SignedDuration;
use serde_json::json;
use waybill_api::{Options, RateProfile};

use crate::support::{Installation, Reply, TRACKINGS};

fn installation(rate_profile: RateProfile) -> Installation {
    Installation::with(Options {
        rate_profile,
        ..Options::default()
    })
}

fn limits(reply: &Reply) -> [&str; 3] {
    ["limit", "remaining", "reset"].map(|name| reply.header(&format!("x-ratelimit-{name}")))
}

#[tokio::test]
async fn the_twenty_first_create_of_a_second_is_refused() {
    let installation = installation(RateProfile::Aftership);
    let shop = installation.organization("shop").await;
    let other = installation.organization("other").await;
    let create = |number: usize| json!({ "tracking_number": format!("ITOD-1-RATE{number}"), "slug": "testing-courier" });
    for number in 0..20 {
        let reply = shop.post(TRACKINGS, create(number)).await.is(201, 201);
        let remaining = (19 - number).to_string();
        assert_eq!(limits(&reply), ["20", &remaining, "1783684801"]);
    }
    let refused = shop.post(TRACKINGS, create(20)).await.is(429, 429);
    assert_eq!(limits(&refused), ["20", "0", "1783684801"]);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.body["meta"]["type"], "TooManyRequests");

    // Others are not held up, nor is another endpoint, nor the next second.
    other.post(TRACKINGS, create(20)).await.is(201, 201);
    assert_eq!(limits(&shop.get(TRACKINGS).await.is(200, 200))[0], "6");
    installation.clock.advance(SignedDuration::from_secs(1));
    shop.post(TRACKINGS, create(20)).await.is(201, 201);
}

#[tokio::test]
async fn refusals_say_the_limits_too() {
    let installation = installation(RateProfile::Default);
    let shop = installation.organization("shop").await;
    let missing = shop
        .get(&format!("{TRACKINGS}/0198f1a2b3c4d5e6f70011223344556f"))
        .await
        .is(404, 4004);
    assert_eq!(limits(&missing)[..2], ["100000", "99999"]);
    let stranger = installation
        .send(
            axum::http::Request::get(TRACKINGS)
                .body(axum::body::Body::empty())
                .expect("a request"),
        )
        .await
        .is(401, 401);
    // Nobody to count for: the whole of it is told.
    assert_eq!(limits(&stranger)[..2], ["100000", "100000"]);
    let nowhere = shop.get("/tracking/2026-07/nothing").await.is(404, 404);
    assert_eq!(limits(&nowhere)[..2], ["100000", "100000"]);
}

#[tokio::test]
async fn off_never_refuses() {
    let installation = installation(RateProfile::Off);
    let shop = installation.organization("shop").await;
    for _ in 0..30 {
        let reply = shop.get("/tracking/2026-07/couriers").await.is(200, 200);
        assert_eq!(limits(&reply)[0], limits(&reply)[1]);
    }
}
