//! No organization sees or changes anything of another, over every route there is.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use waybill_api::ROUTES;

use crate::support::{Installation, TRACKINGS, id};

/// What a route answers to a stranger.
enum Stranger {
    /// As if the id were unknown, with this body.
    Refused(Value),
    /// A list without anything of the other's.
    EmptyList,
    /// It is about nobody's data, or makes the caller's own.
    Own,
}

const BY_NUMBER: &str = "/trackings/{slug}/{tracking_number}";
const LAST_CHECKPOINT_BY_NUMBER: &str = "/last_checkpoint/{slug}/{tracking_number}";

fn stranger(method: &str, path: &str) -> Option<Stranger> {
    let refused = |body| Some(Stranger::Refused(body));
    match (method, path) {
        (
            "GET",
            "/trackings"
            | "/webhooks"
            | "/webhook-deliveries"
            | "/courier-connections"
            | "/locations",
        ) => Some(Stranger::EmptyList),
        (
            "POST",
            "/trackings"
            | "/trackings/batch"
            | "/couriers/detect"
            | "/couriers/detect/"
            | "/webhooks"
            | "/courier-connections"
            | "/locations"
            | "/api-keys"
            | "/estimated-delivery-date/predict"
            | "/estimated-delivery-date/predict-batch",
        )
        // A list of the caller's own keys is never empty.
        | ("GET", "/couriers" | "/couriers/all" | "/courier-activation" | "/api-keys")
        | ("PUT", "/courier-activation") => Some(Stranger::Own),
        (
            "GET",
            "/trackings/{id}/polling"
            | "/last_checkpoint/{id}"
            | LAST_CHECKPOINT_BY_NUMBER
            | "/notifications/{id}"
            | "/notifications/{slug}/{tracking_number}",
        )
        | (
            "GET" | "DELETE",
            "/trackings/{id}"
            | BY_NUMBER
            | "/webhooks/{id}"
            | "/courier-connections/{id}"
            | "/locations/{id}",
        )
        | ("DELETE", "/api-keys/{id}")
        | (
            "POST",
            "/trackings/{id}/retrack"
            | "/trackings/{slug}/{tracking_number}/retrack"
            | "/trackings/{id}/polling/now"
            | "/trackings/{id}/look"
            | "/webhooks/{id}/test"
            | "/webhooks/{id}/pause"
            | "/webhooks/{id}/resume"
            | "/webhooks/{id}/rotate-secret",
        ) => refused(json!({})),
        ("PATCH", "/courier-connections/{id}") => {
            refused(json!({"credentials": {"client_id": "thief"}}))
        }
        ("PATCH", "/locations/{id}") => refused(json!({"active": false})),
        // Every version takes a body with its wrapper.
        ("PUT", "/trackings/{id}" | BY_NUMBER) => refused(json!({"tracking": {"title": "stolen"}})),
        (
            "POST",
            "/notifications/{id}/add"
            | "/notifications/{id}/remove"
            | "/notifications/{slug}/{tracking_number}/add"
            | "/notifications/{slug}/{tracking_number}/remove",
        ) => refused(json!({"notification": {"emails": ["thief@example.com"]}})),
        ("PATCH", "/webhooks/{id}") => refused(json!({"url": "https://thief.example"})),
        (
            "POST",
            "/trackings/{id}/mark-as-completed"
            | "/trackings/{slug}/{tracking_number}/mark-as-completed",
        ) => refused(json!({"reason": "LOST"})),
        ("POST", "/trackings/{id}/checkpoints") => {
            refused(json!({"checkpoints": [{"tag": "Delivered", "checkpoint_time": "2026-07-09"}]}))
        }
        _ => None,
    }
}

#[expect(clippy::too_many_lines, reason = "one story of all routes")]
#[tokio::test]
async fn a_stranger_finds_nothing_and_changes_nothing() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let thief = installation.organization("thief").await;
    let tracking =
        shop.create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier", "id": "own-1", "order_id": "7"})).await;
    let legacy = tracking["legacy_id"]
        .as_str()
        .expect("a legacy id")
        .to_owned();
    let webhook = json!({"url": "https://shop.example/hook", "events": ["tracking_update"]});
    let webhook = shop
        .post("/waybill/v1/webhooks", webhook)
        .await
        .is(201, 201)
        .data()
        .clone();
    shop.post(
        &format!("/waybill/v1/webhooks/{}/test", id(&webhook)),
        json!({}),
    )
    .await
    .is(200, 200);
    let connection =
        json!({"courier_slug": "ups", "credentials": {"client_id": "a", "client_secret": "b"}});
    let connection = shop
        .post("/tracking/2026-07/courier-connections", connection)
        .await
        .is(201, 201);
    let connection = format!(
        "/tracking/2026-07/courier-connections/{}",
        id(connection.data())
    );
    let place = json!({"id": "place-1", "name": "Berlin", "address": {"country_region": "DEU"}});
    shop.post("/waybill/v1/locations", place).await.is(201, 201);
    let keys = shop.get("/waybill/v1/api-keys").await.is(200, 200);
    let key = id(&keys.data()["api_keys"][0]).to_owned();
    // One with a key of ours as its id, too.
    let keyed = shop
        .create(json!({"tracking_number": "ITOD-1-B", "slug": "testing-courier"}))
        .await;
    installation.service.make_searchable().await.expect("words");
    let before = seen(&shop, &tracking, &webhook, &connection).await;

    for route in ROUTES {
        let expected = stranger(route.method.as_str(), route.path).unwrap_or_else(|| {
            panic!(
                "{} {} needs a line in the isolation table",
                route.method, route.path
            )
        });
        for path in route.paths() {
            let ids = match route.path.split('/').nth(1) {
                Some("webhooks") => vec![id(&webhook)],
                Some("courier-connections") => vec![connection.rsplit('/').next().expect("an id")],
                Some("locations") => vec!["place-1"],
                Some("api-keys") => vec![key.as_str()],
                _ => vec!["own-1", &legacy, id(&keyed)],
            };
            for id in ids {
                let path = path
                    .replace("{id}", id)
                    .replace("{slug}", "testing-courier")
                    .replace("{tracking_number}", "ITOD-1-A");
                match &expected {
                    Stranger::Own => {}
                    Stranger::EmptyList => {
                        for query in [
                            "",
                            "?tracking_numbers=ITOD-1-A",
                            "?order_id=7",
                            "?keyword=ITOD-1-A",
                            "?keyword=itod",
                        ] {
                            let reply = thief.get(&format!("{path}{query}")).await.is(200, 200);
                            let lists = reply.data().as_object().expect("an object").values();
                            let mut lists = lists.filter_map(Value::as_array);
                            assert!(lists.all(Vec::is_empty), "{path}{query}: {}", reply.body);
                            assert!(matches!(
                                reply.data()["pagination"]["total"].as_u64(),
                                None | Some(0)
                            ));
                        }
                    }
                    Stranger::Refused(body) => {
                        let reply = thief
                            .send(route.method.as_str(), &path, body.to_string())
                            .await;
                        assert_eq!(reply.status, 404, "{} {path}: {}", route.method, reply.body);
                        let own = [&json!({}), body];
                        assert!(own.contains(&reply.data()), "{path}: {}", reply.body);
                    }
                }
            }
        }
    }
    assert_eq!(seen(&shop, &tracking, &webhook, &connection).await, before);
    // The same number and the same own id are free for the other.
    thief
        .create(json!({"tracking_number": "ITOD-1-A", "slug": "testing-courier", "id": "own-1"}))
        .await;
    let foreign = shop.get(&format!("{TRACKINGS}?limit=1")).await;
    let cursor = foreign.data()["pagination"]["next_cursor"]
        .as_str()
        .expect("a next page")
        .to_owned();
    thief
        .get(&format!("{TRACKINGS}?limit=1&cursor={cursor}"))
        .await
        .is(400, 4008);
}

#[test]
fn the_table_has_every_route_once() {
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.paths(), route.method.as_str(), route.path))
        .collect();
    assert_eq!(routes.len(), ROUTES.len());
}

async fn seen(
    shop: &crate::support::Organization<'_>,
    tracking: &Value,
    webhook: &Value,
    connection: &str,
) -> Vec<Value> {
    let tracking = format!("{TRACKINGS}/{}", id(tracking));
    let webhook = format!("/waybill/v1/webhooks/{}", id(webhook));
    let mut seen = Vec::new();
    for path in [
        TRACKINGS,
        &tracking,
        &webhook,
        "/waybill/v1/webhooks",
        "/waybill/v1/webhook-deliveries",
        connection,
        "/waybill/v1/locations/place-1",
    ] {
        seen.push(shop.get(path).await.is(200, 200).body);
    }
    seen
}
