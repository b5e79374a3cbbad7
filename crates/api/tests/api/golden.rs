//! Requests and their answers in every version, of what is not a tracking or a courier.

use jiff::SignedDuration;
use serde_json::{Value, json};
use waybill_versions::{Version, Versions};

use crate::support::{Installation, Organization, id, redacted};

/// Sends a request, and shows it with its answer.
async fn exchange(
    shop: &Organization<'_>,
    version: Version,
    method: &str,
    path: &str,
    body: Value,
) -> (Value, Value) {
    let sent = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let at = format!("{}{path}", version.base_path());
    let reply = shop.send(method, &at, sent).await;
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let place = place.split('/').map(|part| match part.len() {
        24 | 32 => "[id]",
        _ => part,
    });
    let place = place.collect::<Vec<_>>().join("/");
    let exchange = json!({
        "request": {"method": method, "path": place, "query": query, "body": body},
        "answer": {"status": reply.status, "body": redacted(&reply.body)},
    });
    (exchange, reply.body["data"].clone())
}

#[tokio::test]
async fn predictions_in_every_version() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for version in Version::ALL {
        let country = if version < Version::V2025_01 {
            "country"
        } else {
            "country_region"
        };
        let place = |state, code| json!({country: "USA", "state": state, "postal_code": code});
        let mut plain = json!({
            "slug": "fedex", "service_type_name": "FEDEX HOME DELIVERY", "package_count": 1,
            "origin_address": place("WA", "98108"), "destination_address": place("CA", "92019"),
            "weight": {"unit": "kg", "value": 11.5}, "pickup_time": "2021-07-01 15:00:00",
        });
        let one = plain.clone();
        plain["pickup_time"] = Value::Null;
        plain["estimated_pickup"] = json!({
            "order_time": "2021-07-01 15:04:05", "order_cutoff_time": "20:00:00",
            "business_days": [1, 2, 3, 4, 5], "order_processing_time": {"unit": "day", "value": 1},
        });
        let batch = json!({"estimated_delivery_dates": [one, plain]});
        let path = "/estimated-delivery-date/predict";
        let (batch, _) = exchange(&shop, version, "POST", &format!("{path}-batch"), batch).await;
        let (one, _) = exchange(&shop, version, "POST", path, one).await;
        insta::assert_json_snapshot!(format!("predictions_{version}"), [batch, one]);
    }
}

#[tokio::test]
async fn connections_in_every_version() {
    for version in Versions::since(Version::V2025_04).iter() {
        let installation = Installation::new();
        let shop = installation.organization("shop").await;
        let path = "/courier-connections";
        let credentials = |client: &str| json!({"client_id": client, "client_secret": "a secret"});
        let body = json!({"courier_slug": "ups", "credentials": credentials("one")});
        let (made, connection) = exchange(&shop, version, "POST", path, body).await;
        let one = format!("{path}/{}", id(&connection));
        installation.clock.advance(SignedDuration::from_secs(5));
        let change = json!({"credentials": credentials("two")});
        let mut exchanges = vec![made];
        for (method, path, body) in [
            ("GET", path, Value::Null),
            ("GET", &one, Value::Null),
            ("PATCH", &one, change),
            ("DELETE", &one, Value::Null),
            ("GET", &one, Value::Null),
        ] {
            exchanges.push(exchange(&shop, version, method, path, body).await.0);
        }
        insta::assert_json_snapshot!(format!("connections_{version}"), exchanges);
    }
}

#[tokio::test]
async fn what_is_asked_about_a_tracking_in_every_version() {
    for version in Version::ALL {
        let installation = Installation::new();
        let shop = installation.organization("shop").await;
        let made = shop
            .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier"}))
            .await;
        let checkpoint = json!({"checkpoints": [{
            "tag": "InTransit", "subtag": "InTransit_003", "checkpoint_time": "2026-07-10T08:00:00Z",
            "message": "In a van", "city": "Paris", "country_region": "FRA", "postal_code": "75001"}]});
        let path = format!("/waybill/v1/trackings/{}/checkpoints", id(&made));
        shop.post(&path, checkpoint).await.is(200, 200);
        let made = id(&made);
        let mut exchanges = Vec::new();
        if version <= Version::V2024_04 {
            let given =
                json!({"notification": {"emails": ["a@example.com"], "smses": "+33123456789"}});
            let last = format!("/last_checkpoint/{made}");
            let heard = format!("/notifications/{made}");
            for (method, path, body) in [
                ("GET", last.clone(), Value::Null),
                (
                    "GET",
                    format!("{last}?fields=city,zip,tag&lang=fr"),
                    Value::Null,
                ),
                ("POST", format!("{heard}/add"), given.clone()),
                ("GET", heard.clone(), Value::Null),
                ("POST", format!("{heard}/remove"), given),
            ] {
                exchanges.push(exchange(&shop, version, method, &path, body).await.0);
            }
        }
        let one = format!("/trackings/{made}");
        for (method, path, body) in [
            (
                "POST",
                format!("{one}/mark-as-completed"),
                json!({"reason": "LOST"}),
            ),
            ("POST", format!("{one}/retrack"), Value::Null),
            ("DELETE", one.clone(), Value::Null),
        ] {
            exchanges.push(exchange(&shop, version, method, &path, body).await.0);
        }
        insta::assert_json_snapshot!(format!("about_{version}"), exchanges);
    }
}
