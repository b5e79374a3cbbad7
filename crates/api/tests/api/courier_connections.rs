//! An organization's own accounts with couriers.

use serde_json::{Value, json};
use waybill_model::CourierSlug;

use crate::support::{Installation, Organization, id};

const CONNECTIONS: &str = "/tracking/2026-07/courier-connections";

fn ups(client_id: &str) -> Value {
    json!({"courier_slug": "ups", "credentials": {"client_id": client_id, "client_secret": "s3cr3t-of-ours"}})
}

async fn connect(shop: &Organization<'_>, client_id: &str) -> String {
    let made = shop.post(CONNECTIONS, ups(client_id)).await.is(201, 201);
    id(made.data()).to_owned()
}

#[tokio::test]
async fn a_connection_is_made_changed_and_deleted_and_never_tells_its_secret() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let made = shop.post(CONNECTIONS, ups("one")).await.is(201, 201);
    let connection = made.data().clone();
    let path = format!("{CONNECTIONS}/{}", id(&connection));
    assert_eq!(
        connection,
        json!({
            "id": id(&connection),
            "courier_slug": "ups",
            "credentials": {"client_id": "one", "client_secret": "********"},
            "created_at": "2026-07-10T12:00:00+00:00",
            "updated_at": "2026-07-10T12:00:00+00:00",
        })
    );
    assert_eq!(shop.get(&path).await.is(200, 200).data(), &connection);

    installation
        .clock
        .advance(jiff::SignedDuration::from_secs(5));
    // What an answer showed can be sent back with one thing changed.
    let change = json!({"credentials": {"client_id": "two", "client_secret": "********"}});
    let changed = shop
        .send("PATCH", &path, change.to_string())
        .await
        .is(200, 200);
    assert_eq!(changed.data()["credentials"]["client_id"], "two");
    assert_eq!(changed.data()["updated_at"], "2026-07-10T12:00:05+00:00");
    let slug = CourierSlug::parse("ups").expect("a slug");
    let account = installation.service.account_for(shop.id, &slug, None).await;
    let account = account
        .expect("asked")
        .expect("no fault")
        .expect("an account");
    assert_eq!(account.credentials["client_secret"], "s3cr3t-of-ours");
    assert_eq!(account.credentials["client_id"], "two");

    let deleted = shop.send("DELETE", &path, "").await.is(200, 200);
    assert_eq!(deleted.data(), changed.data());
    for method in ["GET", "DELETE"] {
        shop.send(method, &path, "").await.is(404, 404);
    }
    shop.send("PATCH", &path, ups("x").to_string())
        .await
        .is(404, 404);
    shop.get(&format!("{CONNECTIONS}/nothing"))
        .await
        .is(404, 404);
}

#[tokio::test]
async fn connections_are_listed_newest_first_by_pages() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.insert(0, connect(&shop, &number.to_string()).await);
        installation
            .clock
            .advance(jiff::SignedDuration::from_secs(1));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{CONNECTIONS}?limit=2&courier_slug=ups&cursor={cursor}");
        let page = shop.get(&path).await.is(200, 200);
        assert_eq!(page.data()["pagination"]["total"], 5);
        let connections = page.data()["courier_connections"]
            .as_array()
            .expect("a list");
        seen.extend(
            connections
                .iter()
                .map(|connection| id(connection).to_owned()),
        );
        match page.data()["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, made);
    let none = shop.get(&format!("{CONNECTIONS}?courier_slug=fedex")).await;
    assert_eq!(none.is(200, 200).data()["courier_connections"], json!([]));
    shop.get(&format!("{CONNECTIONS}?limit=0"))
        .await
        .is(400, 4008)
        .names("limit");
}

#[tokio::test]
async fn a_connection_is_checked_against_what_the_courier_asks_for() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    for (body, code, field) in [
        (json!({"credentials": {}}), 4009, "courier_slug"),
        (json!({"courier_slug": "ups"}), 4009, "credentials"),
        (
            json!({"courier_slug": "nobody", "credentials": {}}),
            4010,
            "courier_slug",
        ),
        (
            json!({"courier_slug": "testing-courier", "credentials": {}}),
            4008,
            "courier_slug",
        ),
        (
            json!({"courier_slug": "ups", "credentials": {"client_id": "a"}}),
            4009,
            "credentials.client_secret",
        ),
        (
            json!({"courier_slug": "ups", "credentials": {"client_id": 1, "client_secret": "b"}}),
            4008,
            "credentials.client_id",
        ),
    ] {
        shop.post(CONNECTIONS, body)
            .await
            .is(400, code)
            .names(field);
    }
    let path = format!("{CONNECTIONS}/{}", connect(&shop, "one").await);
    let change = json!({"credentials": {"client_id": null}});
    let refused = shop.send("PATCH", &path, change.to_string()).await;
    refused.is(400, 4009).names("credentials.client_id");
    shop.send("PATCH", &path, "{}")
        .await
        .is(400, 4009)
        .names("credentials");
}

#[tokio::test]
async fn a_courier_is_asked_with_the_named_connection_else_the_earliest() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let asked = async |courier: &str, named: Option<&str>| {
        let slug = CourierSlug::parse(courier).expect("a slug");
        let service = &installation.service;
        let account = service.account_for(shop.id, &slug, named).await;
        let account = account.expect("asked");
        account.map(|account| account.map(|account| account.connection.to_string()))
    };
    assert_eq!(asked("ups", None).await, Ok(None), "the operator's");
    let first = connect(&shop, "one").await;
    installation
        .clock
        .advance(jiff::SignedDuration::from_secs(1));
    let second = connect(&shop, "two").await;
    assert_eq!(asked("ups", None).await, Ok(Some(first.clone())));
    assert_eq!(asked("ups", Some(&second)).await, Ok(Some(second.clone())));
    assert_eq!(asked("fedex", None).await, Ok(None));

    let wrong = asked("fedex", Some(&second))
        .await
        .expect_err("another courier's");
    assert!(wrong.contains("`ups`"), "{wrong}");
    shop.send("DELETE", &format!("{CONNECTIONS}/{second}"), "")
        .await
        .is(200, 200);
    let gone = asked("ups", Some(&second)).await.expect_err("gone");
    assert!(
        gone.contains(&second) && gone.contains("does not exist"),
        "{gone}"
    );
    assert!(asked("ups", Some("what a shop made up")).await.is_err());
    shop.send("DELETE", &format!("{CONNECTIONS}/{first}"), "")
        .await
        .is(200, 200);
    assert_eq!(asked("ups", None).await, Ok(None));
}
