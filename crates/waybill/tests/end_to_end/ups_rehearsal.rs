//! A real courier's connection from token to reading, against `waybill sandbox`.

use std::path::Path;

use serde_json::json;

use crate::harness::{
    Command, Process, Receiver, Server, TempDir, config, folder, holds_for, seconds, text,
    wait_until,
};

const NUMBER: &str = "1Z7X41R00340192776";
/// A cadence of hours becomes a few seconds.
const SECONDS_PER_MINUTE: f64 = 0.02;

fn sandbox(folder: &Path) -> Process {
    std::fs::write(folder.join("waybill.toml"), config(SECONDS_PER_MINUTE)).unwrap();
    Process::start(
        folder,
        Command::new(folder, &["sandbox", "--listen", "127.0.0.1:0"]),
    )
}

fn ups_at(address: &str, credentials: &str) -> String {
    format!(
        "{}[couriers.ups]\nbase_url = \"http://{address}\"\n{credentials}",
        config(SECONDS_PER_MINUTE)
    )
}

const CREDENTIALS: &str =
    "[couriers.ups.credentials]\nclient_id = \"rehearsal\"\nclient_secret = \"not a real one\"\n";

#[test]
fn a_ups_number_goes_from_token_to_delivered() {
    let (own, other, receiver) = (folder(), folder(), Receiver::start());
    let sandbox = sandbox(other.path());
    let server = Server::start(own.path(), &ups_at(&sandbox.address, CREDENTIALS));
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let id = server.create_tracking(NUMBER);
    let tracking = server.reaches(&id, "Delivered");
    assert_eq!(tracking["slug"], "ups");
    let checkpoints = tracking["checkpoints"].as_array().unwrap();
    let tags: Vec<&str> = checkpoints
        .iter()
        .map(|checkpoint| text(&checkpoint["tag"]))
        .collect();
    assert_eq!(
        tags,
        [
            "InfoReceived",
            "InTransit",
            "InTransit",
            "OutForDelivery",
            "Delivered"
        ]
    );
    assert!(
        checkpoints
            .iter()
            .all(|checkpoint| !text(&checkpoint["raw_tag"]).is_empty()),
        "{checkpoints:?}"
    );
    wait_until("the delivery is told", seconds(10), || {
        receiver
            .updates_of(NUMBER)
            .iter()
            .any(|update| update.tag() == "Delivered")
    });
    let leg = server.leg(&id);
    assert_eq!((text(&leg["slug"]), text(&leg["outcome"])), ("ups", "ok"));
    let log = server.process.log();
    assert!(
        !log.contains("not a real one"),
        "no secret is logged: {log}"
    );
}

#[test]
fn an_organizations_own_connection_goes_before_the_operators() {
    let (own, other) = (folder(), folder());
    let sandbox = sandbox(other.path());
    // The rehearsal refuses the operator's account.
    let refused = CREDENTIALS.replace("rehearsal", "unknown-client");
    let server = Server::start(own.path(), &ups_at(&sandbox.address, &refused));
    let connections = "/tracking/2026-07/courier-connections";
    let credentials = json!({"client_id": "rehearsal", "client_secret": "kept to ourselves"});
    let connection = json!({"courier_slug": "ups", "credentials": credentials});
    let connection = server
        .send("POST", connections, Some(&connection))
        .data(201);
    let id = server.create_tracking(NUMBER);
    assert_eq!(text(&server.asked(&id)["outcome"]), "ok");

    let named = json!({
        "tracking_number": "1ZYEPUANE230MMV4Q5", "slug": "ups", "courier_connection_id": connection["id"],
    });
    let path = format!("{connections}/{}", text(&connection["id"]));
    server.send("DELETE", &path, None).data(200);
    let named = server
        .send("POST", "/tracking/2026-07/trackings", Some(&named))
        .data(201);
    let leg = server.asked(text(&named["id"]));
    assert_eq!(text(&leg["outcome"]), "could_not_ask");
    let reason = text(&leg["reason"]);
    assert!(reason.contains(text(&connection["id"])), "{reason}");
    assert!(reason.contains("does not exist"), "{reason}");
    assert!(!server.process.log().contains("kept to ourselves"));
}

#[test]
fn without_credentials_it_says_so_and_asks_nobody() {
    let (folder, proxy) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &ups_at(proxy.address(), ""));
    let id = server.create_tracking(NUMBER);
    let leg = server.asked(&id);
    assert_eq!(text(&leg["outcome"]), "could_not_ask");
    let reason = text(&leg["reason"]);
    assert!(
        ["UPS", "client_id", "client_secret"]
            .iter()
            .all(|word| reason.contains(word)),
        "{reason}"
    );
    assert!(!leg["next_check_at"].is_null());
    let tracking = server.tracking(&id);
    assert_eq!(
        (text(&tracking["tag"]), &tracking["active"]),
        ("Pending", &true.into())
    );
    holds_for("no hot loop", seconds(2), || attempts(&server, &id) <= 2);
    assert_eq!(
        proxy.received().len(),
        0,
        "nothing can be asked without them"
    );
}

#[test]
fn a_courier_that_is_down_is_not_asked_in_a_hot_loop() {
    let (folder, proxy) = (folder(), Receiver::start());
    proxy.answer(|_| 503);
    let server = Server::start(folder.path(), &ups_at(proxy.address(), CREDENTIALS));
    let id = server.create_tracking(NUMBER);
    let leg = server.asked(&id);
    assert_eq!(text(&leg["outcome"]), "could_not_ask");
    assert!(text(&leg["reason"]).contains("token"), "{leg}");
    holds_for("no hot loop", seconds(2), || proxy.received().len() <= 2);
}

#[test]
fn a_refused_secret_is_told_apart_from_an_outage() {
    let (folder, proxy) = (folder(), Receiver::start());
    proxy.answer(|_| 401);
    let server = Server::start(folder.path(), &ups_at(proxy.address(), CREDENTIALS));
    let refused = server.asked(&server.create_tracking(NUMBER));
    assert_eq!(
        (
            text(&refused["outcome"]),
            &refused["attempts"][0]["http_status"]
        ),
        ("could_not_ask", &401.into())
    );
    drop(server);
    proxy.answer(|_| 503);
    let second: TempDir = crate::harness::folder();
    let server = Server::start(second.path(), &ups_at(proxy.address(), CREDENTIALS));
    let down = server.asked(&server.create_tracking(NUMBER));
    assert_ne!(refused["reason"], down["reason"]);
}

fn attempts(server: &Server, id: &str) -> usize {
    server.leg(id)["attempts"].as_array().map_or(0, Vec::len)
}
