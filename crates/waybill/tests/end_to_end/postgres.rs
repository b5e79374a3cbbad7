//! The database is a server that other machines have, and that can go away.

use serde_json::{Value, json};
use waybill_storage_postgres::PostgresStorage;
use waybill_test_postgres as postgres;

use crate::harness::{Receiver, Server, config, folder, seconds, text, wait_until};

/// The address of a new database; on a cluster its tables are spread.
pub fn database() -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = postgres::empty().await;
        drop(PostgresStorage::connect(&url).await.unwrap());
        postgres::distribute(&url).await;
        url
    })
}

#[test]
fn a_database_that_is_away_is_told_and_work_goes_on_when_it_is_back() {
    let (folder, receiver) = (folder(), Receiver::start());
    let mut database = postgres::Server::start();
    let server = Server::start_on(folder.path(), &config(1.0), &database.url("postgres"));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    // Five seconds of a journey, of which the database misses some.
    let number = "ITOD-1-AWAY";
    let id = server.create_tracking(number);
    server.reaches(&id, "InfoReceived");

    database.crash();
    for (method, path, body) in calls(&id, text(&webhook["id"])) {
        let answer = server.send(method, &path, body.as_ref());
        assert_eq!(answer.status, 503, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("retry-after"), Some("1"), "{method} {path}");
        assert_eq!(answer.json()["meta"]["code"], 503, "{method} {path}");
    }
    assert_eq!(server.send("GET", "/healthz", None).status, 200);
    assert_eq!(server.send("GET", "/readyz", None).status, 503);

    database.start_again();
    wait_until("it is ready again", seconds(20), || {
        server.send("GET", "/readyz", None).status == 200
    });
    server.reaches(&id, "Delivered");
    server.create_tracking("ITOD-1-BACK");
    wait_until("all is told", seconds(30), || {
        let updates = receiver.updates_of(number);
        updates.last().is_some_and(|last| last.tag() == "Delivered")
    });
    let mut events: Vec<(String, String)> = receiver
        .updates_of(number)
        .iter()
        .map(|update| (update.tag(), update.event_id()))
        .collect();
    // One that was sent when the database went away comes again under the same id.
    events.dedup();
    let tags: Vec<&str> = events.iter().map(|(tag, _)| tag.as_str()).collect();
    let expected = ["InfoReceived", "InTransit", "OutForDelivery", "Delivered"];
    assert_eq!(tags, expected);
}

/// A call of every kind that needs the database.
fn calls(tracking: &str, webhook: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let trackings = "/tracking/2026-07/trackings";
    let ours = "/waybill/v1";
    let checkpoint = json!({"checkpoints": [{"tag": "InTransit", "message": "seen", "checkpoint_time": "2026-01-01T10:00:00"}]});
    vec![
        ("GET", trackings.to_owned(), None),
        (
            "POST",
            trackings.to_owned(),
            Some(json!({"tracking_number": "ITOD-1-NEW"})),
        ),
        ("GET", format!("{trackings}/{tracking}"), None),
        (
            "PUT",
            format!("{trackings}/{tracking}"),
            Some(json!({"title": "new"})),
        ),
        ("DELETE", format!("{trackings}/{tracking}"), None),
        ("POST", format!("{trackings}/{tracking}/retrack"), None),
        (
            "POST",
            format!("{trackings}/{tracking}/mark-as-completed"),
            Some(json!({"reason": "LOST"})),
        ),
        (
            "POST",
            format!("{ours}/trackings/{tracking}/checkpoints"),
            Some(checkpoint),
        ),
        ("GET", format!("{ours}/trackings/{tracking}/polling"), None),
        (
            "POST",
            format!("{ours}/trackings/{tracking}/polling/now"),
            None,
        ),
        ("POST", format!("{ours}/trackings/{tracking}/look"), None),
        ("GET", format!("{ours}/webhooks"), None),
        (
            "POST",
            format!("{ours}/webhooks"),
            Some(json!({"url": "http://127.0.0.1:9/", "events": ["tracking_update"]})),
        ),
        ("GET", format!("{ours}/webhooks/{webhook}"), None),
        ("DELETE", format!("{ours}/webhooks/{webhook}"), None),
        ("POST", format!("{ours}/webhooks/{webhook}/pause"), None),
        ("GET", format!("{ours}/webhook-deliveries"), None),
    ]
}
