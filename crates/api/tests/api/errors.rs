//! Each error of the catalogue that can be provoked, as it goes over the wire.

#![expect(clippy::too_many_lines, reason = "a table is as long as what it lists")]

use axum::body::Body;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Installation, Organization, Reply, TRACKINGS, id, redacted};

const UPS: &str = "1Z999AA10123456784";

#[tokio::test]
async fn every_error_as_it_is_answered() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let active = shop
        .create(json!({"tracking_number": UPS, "slug": "ups"}))
        .await;
    let at = |id: &str, tail: &str| format!("{TRACKINGS}/{id}{tail}");
    let active = at(id(&active), "");
    let spent = spent(&shop).await;
    let unknown = at("0123456789abcdef0123456789abcdef", "");
    let number = |fields: Value| {
        let mut body = json!({"tracking_number": "1Z999AA10123456785", "slug": "ups"});
        for (name, value) in fields.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body.to_string()
    };
    let post = "POST";
    let table: Vec<(u64, &str, String, String)> = vec![
        (400, post, TRACKINGS.into(), "x".repeat(1024 * 1024 + 1)),
        (4001, post, TRACKINGS.into(), "{".into()),
        (4001, post, TRACKINGS.into(), String::new()),
        (4001, post, TRACKINGS.into(), "[]".into()),
        (
            4003,
            post,
            TRACKINGS.into(),
            json!({"tracking_number": UPS, "slug": "ups"}).to_string(),
        ),
        (4004, "GET", unknown.clone(), String::new()),
        (4004, "PUT", unknown.clone(), "{}".into()),
        (4004, "DELETE", unknown.clone(), String::new()),
        (4004, post, format!("{unknown}/retrack"), String::new()),
        (
            4005,
            post,
            TRACKINGS.into(),
            number(json!({"tracking_number": "!"})),
        ),
        (4007, post, TRACKINGS.into(), "{}".into()),
        (
            4007,
            post,
            "/tracking/2026-07/couriers/detect".into(),
            "{}".into(),
        ),
        (
            4008,
            post,
            TRACKINGS.into(),
            number(json!({"customers": [{"email": 7}]})),
        ),
        (
            4008,
            "PUT",
            active.clone(),
            json!({"title": ["x"]}).to_string(),
        ),
        (4008, "GET", format!("{TRACKINGS}?limit=201"), String::new()),
        (
            4009,
            post,
            format!("{active}/mark-as-completed"),
            "{}".into(),
        ),
        (
            4010,
            post,
            TRACKINGS.into(),
            number(json!({"slug": "no-such-courier"})),
        ),
        (4010, post, TRACKINGS.into(), number(json!({"slug": "UPS"}))),
        (
            4011,
            post,
            TRACKINGS.into(),
            json!({"tracking_number": "NEEDY123456", "slug": "needy"}).to_string(),
        ),
        (
            4012,
            post,
            TRACKINGS.into(),
            json!({"tracking_number": "A/B/C/D"}).to_string(),
        ),
        (4013, post, format!("{active}/retrack"), String::new()),
        (4015, "GET", at("no%20id", ""), String::new()),
        (4015, "GET", at("%ff", ""), String::new()),
        (4015, post, TRACKINGS.into(), number(json!({"id": "no id"}))),
        (4016, post, format!("{spent}/retrack"), String::new()),
        (
            4017,
            post,
            TRACKINGS.into(),
            json!({"tracking_number": UPS, "slug": "testing-courier"}).to_string(),
        ),
        (
            404,
            "GET",
            "/tracking/2026-07/nothing".into(),
            String::new(),
        ),
        (404, "PATCH", TRACKINGS.into(), String::new()),
        (
            404,
            "GET",
            "/tracking/2027-01/trackings".into(),
            String::new(),
        ),
        (404, "GET", "/".into(), String::new()),
        (
            404,
            "GET",
            "/waybill/v1/webhooks/0123456789abcdef0123456789abcdef".into(),
            String::new(),
        ),
    ];
    let mut answers = Vec::new();
    for (code, method, path, body) in table {
        let shown: String = body.chars().take(200).collect();
        let reply = shop.send(method, &path, body).await;
        assert_eq!(
            reply.code(),
            code,
            "{method} {path} {shown}: {}",
            reply.body
        );
        answers.push(line(method, &path, &shown, &reply));
    }
    let anonymous = axum::http::Request::get(TRACKINGS)
        .body(Body::empty())
        .expect("a request");
    let reply = installation.send(anonymous).await.is(401, 401);
    answers.push(line("GET", TRACKINGS, "", &reply));
    insta::assert_json_snapshot!(answers);
}

/// A tracking that was retracked as often as it may be and is inactive again.
async fn spent(shop: &Organization<'_>) -> String {
    let tracking = shop
        .create(json!({"tracking_number": "ITOD-1-SPENT", "slug": "testing-courier"}))
        .await;
    let path = format!("{TRACKINGS}/{}", id(&tracking));
    for _ in 0..3 {
        shop.post(
            &format!("{path}/mark-as-completed"),
            json!({"reason": "DELIVERED"}),
        )
        .await
        .is(200, 200);
        shop.installation
            .clock
            .advance(SignedDuration::from_secs(1));
        shop.post(&format!("{path}/retrack"), json!({}))
            .await
            .is(200, 200);
        shop.installation
            .clock
            .advance(SignedDuration::from_secs(1));
    }
    shop.post(
        &format!("{path}/mark-as-completed"),
        json!({"reason": "LOST"}),
    )
    .await
    .is(200, 200);
    path
}

fn line(method: &str, path: &str, body: &str, reply: &Reply) -> Value {
    let path: Vec<&str> = path
        .split('/')
        .map(|part| if part.len() == 32 { "[id]" } else { part })
        .collect();
    let body = if body.starts_with("xxx") {
        "1 MB and one byte"
    } else {
        body
    };
    json!({
        "request": format!("{method} {} {body}", path.join("/")).trim_end(),
        "status": reply.status,
        "answer": redacted(&reply.body),
    })
}
