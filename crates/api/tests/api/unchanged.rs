//! What the caller has already is not sent again, and what is sent may be compressed.

use std::io::Read;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, Response},
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Installation, Organization, TRACKINGS, id};

async fn get(shop: &Organization<'_>, path: &str, header: (&str, &str)) -> (Response<()>, Bytes) {
    let request = Request::get(path)
        .header("as-api-key", &shop.key)
        .header(header.0, header.1);
    let request = request.body(Body::empty()).expect("a request");
    let response = shop
        .installation
        .router
        .clone()
        .oneshot(request)
        .await
        .expect("infallible");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    (Response::from_parts(parts, ()), body)
}

fn tag(headers: &HeaderMap) -> String {
    let tag = headers.get("etag").expect("a tag").to_str().expect("text");
    assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
    tag.to_owned()
}

#[tokio::test]
async fn an_answer_that_did_not_change_is_304() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    let path = format!("{TRACKINGS}/{}", id(&made));
    let first = shop.get(&path).await.is(200, 200);
    let known = tag(&first.headers);
    let strong = known.trim_start_matches("W/").to_owned();
    for asked in [
        known.clone(),
        strong,
        format!("\"x\", {known}"),
        "*".to_owned(),
    ] {
        let (response, body) = get(&shop, &path, ("if-none-match", &asked)).await;
        assert_eq!(response.status(), 304, "{asked}");
        assert!(body.is_empty());
        assert_eq!(tag(response.headers()), known);
        assert_eq!(response.headers()["x-ratelimit-limit"], "100000");
        assert!(response.headers().get("content-type").is_none());
        assert!(response.headers().contains_key("x-request-id"));
    }
    let put = json!({"title": "new"}).to_string();
    shop.send("PUT", &path, put).await.is(200, 200);
    let (response, _) = get(&shop, &path, ("if-none-match", &known)).await;
    assert_eq!(response.status(), 200);
    assert_ne!(tag(response.headers()), known);
    // Neither a change nor a refusal has a tag.
    let made = shop
        .post(
            TRACKINGS,
            json!({"tracking_number": "ITOD-1-B", "slug": "testing-courier"}),
        )
        .await;
    assert!(made.is(201, 201).headers.get("etag").is_none());
    let (missing, _) = get(
        &shop,
        &format!("{TRACKINGS}/nothing"),
        ("if-none-match", "*"),
    )
    .await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn an_answer_of_some_size_is_compressed_for_who_takes_that() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
        .await;
    let path = format!("{TRACKINGS}/{}", id(&made));
    let plain = shop.get(&path).await.is(200, 200);
    assert_eq!(plain.header("content-encoding"), "");
    let (response, body) = get(&shop, &path, ("accept-encoding", "gzip, deflate, br")).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(tag(response.headers()), tag(&plain.headers));
    let mut text = String::new();
    GzDecoder::new(&body[..])
        .read_to_string(&mut text)
        .expect("gzip");
    let unpacked: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(unpacked, plain.body);

    for (path, asked) in [
        (&path[..], "utf-8"),
        (&path[..], "identity"),
        (&path[..], "gzip;q=0"),
        ("/waybill/v1/courier-activation", "gzip"),
    ] {
        let (response, body) = get(&shop, path, ("accept-encoding", asked)).await;
        assert_eq!(response.status(), 200, "{asked}");
        assert!(
            response.headers().get("content-encoding").is_none(),
            "{asked}"
        );
        assert!(serde_json::from_slice::<Value>(&body).is_ok(), "{asked}");
    }
}
