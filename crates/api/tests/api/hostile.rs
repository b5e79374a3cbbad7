//! Input made to break something.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::support::{Installation, TRACKINGS, id};

#[tokio::test]
async fn hostile_bodies_are_refused_and_the_next_request_works() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let deep = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let huge_number = format!("{{\"tracking_number\": {}}}", "9".repeat(5_000));
    let many_keys = vec!["\"key\":1,"; 20_000].concat();
    let many_keys =
        format!("{{{many_keys}\"tracking_number\":\"1Z999AA10123456784\",\"slug\":\"ups\"}}");
    let cases: Vec<(Vec<u8>, u64)> = vec![
        (vec![b'x'; 10 * 1024 * 1024], 400),
        (deep.into_bytes(), 4001),
        (vec![b'['; 20_000], 4001),
        (vec![0xff, 0xfe, 0xfd], 4001),
        (b"{\"tracking_number\":\"1234\xc3\"}".to_vec(), 4001),
        (b"null".to_vec(), 4001),
        (b"\"x\"".to_vec(), 4001),
        (b"\xef\xbb\xbf{}".to_vec(), 4001),
        (huge_number.into_bytes(), 4001),
        (br#"{"tracking_number":"12\u000034"}"#.to_vec(), 4008),
        (
            br#"{"tracking_number":"1234","title":"a\u0000"}"#.to_vec(),
            4008,
        ),
        (
            br#"{"tracking_number":"1234","custom_fields":{"\u0000":"a"}}"#.to_vec(),
            4008,
        ),
        (br#"{"tracking_number":{"a":1}}"#.to_vec(), 4008),
        (br#"{"tracking_number":"\u202e1234"}"#.to_vec(), 4005),
        (many_keys.into_bytes(), 201),
    ];
    for (at, (body, code)) in cases.into_iter().enumerate() {
        let reply = shop.send("POST", TRACKINGS, body).await;
        assert_eq!(reply.code(), code, "case {at}: {}", reply.body);
    }
    shop.get(TRACKINGS).await.is(200, 200);
}

#[tokio::test]
async fn hostile_paths_and_queries_are_refused() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let long = "a".repeat(5_000);
    for (path, status, code) in [
        (format!("{TRACKINGS}/{long}"), 400, 4015),
        (format!("{TRACKINGS}/%00"), 400, 4015),
        (format!("{TRACKINGS}/%ff%fe"), 400, 4015),
        (format!("{TRACKINGS}/..%2f..%2fetc"), 400, 4015),
        (format!("{TRACKINGS}/'%20OR%201=1"), 400, 4015),
        (format!("{TRACKINGS}/a/b/c"), 404, 404),
        (format!("{TRACKINGS}//retrack"), 404, 404),
        (format!("{TRACKINGS}?cursor=AAAA"), 400, 4008),
        (format!("{TRACKINGS}?cursor=%ff"), 400, 4008),
        (format!("{TRACKINGS}?tag=%ff"), 400, 4008),
        (format!("{TRACKINGS}?order_id=%00"), 400, 4008),
        (format!("{TRACKINGS}?order_id='%20OR%201=1"), 200, 200),
        (
            format!("{TRACKINGS}?created_at_min=2026-01-01T00:00:00+00:00"),
            400,
            4008,
        ),
        (
            format!("{TRACKINGS}?created_at_min=9999-12-31T23:59:59-14:00"),
            200,
            200,
        ),
        (format!("{TRACKINGS}?created_at_min=0001-01-01"), 200, 200),
        (
            format!("{TRACKINGS}?transit_time=99999999999999999999"),
            400,
            4008,
        ),
        (
            format!(
                "{TRACKINGS}?tracking_numbers={}",
                vec!["ABCD"; 51].join(",")
            ),
            400,
            4008,
        ),
        (format!("{TRACKINGS}?limit=0"), 400, 4008),
        (
            format!("{TRACKINGS}?limit=&tag=&cursor=&unknown=%ff"),
            200,
            200,
        ),
        (format!("{TRACKINGS}?"), 200, 200),
        (format!("{TRACKINGS}?limit=5&limit=900"), 200, 200),
        ("/waybill/v1/webhooks/%ff".to_owned(), 404, 404),
        (
            "/waybill/v1/webhook-deliveries?status=x".to_owned(),
            400,
            4008,
        ),
        (
            "/waybill/v1/webhook-deliveries?cursor=x".to_owned(),
            400,
            4008,
        ),
    ] {
        shop.get(&path).await.is(status, code);
    }
}

#[tokio::test]
async fn bodies_where_none_belongs_are_ignored() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let tracking = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    let path = format!("{TRACKINGS}/{}", id(&tracking));
    shop.send("GET", &path, "{}").await.is(200, 200);
    shop.send("GET", TRACKINGS, "not json").await.is(200, 200);
    shop.post(
        &format!("{path}/mark-as-completed"),
        json!({"reason": "LOST"}),
    )
    .await
    .is(200, 200);
    shop.send("POST", &format!("{path}/retrack"), "[]")
        .await
        .is(200, 200);
    shop.send("DELETE", &path, "[]").await.is(200, 200);
    shop.get(&path).await.is(404, 4004);
}

#[tokio::test]
async fn bad_keys_are_refused_before_the_body_is_looked_at() {
    let installation = Installation::new();
    installation.organization("shop").await;
    for key in [&b""[..], b" ", b"wrong", b"\xff\xfe", &[b'k'; 4_000]] {
        let request = Request::post(TRACKINGS)
            .header("as-api-key", key)
            .body(Body::from("{"));
        installation
            .send(request.expect("a request"))
            .await
            .is(401, 401);
    }
}
