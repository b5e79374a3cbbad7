//! Create, poll, derive, deliver: what the whole is for.

use std::{io::Write, path::Path, process::Stdio};

use serde_json::{Value, json};

use crate::{
    harness::{Received, Receiver, Server, config, folder, seconds, text, wait_until},
    postgres::database,
};

/// AfterShip's own example of a number that goes all the way.
const NUMBER: &str = "ITOD-1-6436426452526";
const TAGS: [&str; 4] = ["InfoReceived", "InTransit", "OutForDelivery", "Delivered"];

/// Signatures as a receiver checks them, with nothing of ours: raw bytes, Python's own library.
const VERIFY: &str = r#"
import base64, hashlib, hmac, json, sys
def mac(key, *parts):
    return base64.b64encode(hmac.new(key, b"".join(parts), hashlib.sha256).digest()).decode()
given = json.load(sys.stdin)
for request in given["requests"]:
    body = open(request["file"], "rb").read()
    headers, secret = request["headers"], given["secret"]
    assert hmac.compare_digest(mac(secret.encode(), body), headers["aftership-hmac-sha256"]), "aftership"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(key) == 32, len(key)
    signed = mac(key, headers["webhook-id"].encode(), b".", headers["webhook-timestamp"].encode(), b".", body)
    assert "v1," + signed in headers["webhook-signature"].split(" "), "standard"
    event = json.loads(body)
    assert event["event_id"] == headers["webhook-id"], "id"
print(len(given["requests"]))
"#;

#[test]
fn a_parcel_goes_all_the_way_and_each_status_is_told_once() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(0.1));
    goes_all_the_way(folder.path(), &server);
}

#[test]
fn a_parcel_goes_all_the_way_on_postgres() {
    let folder = folder();
    let server = Server::start_on(folder.path(), &config(0.1), &database());
    goes_all_the_way(folder.path(), &server);
}

fn goes_all_the_way(folder: &Path, server: &Server) {
    let receiver = Receiver::start();
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    assert_eq!(webhook["status"], "unverified");

    let id = server.create_tracking(NUMBER);
    let tracking = server.reaches(&id, "Delivered");
    assert_eq!(tracking["active"], false);
    assert_eq!(tracking["checkpoints"].as_array().map(Vec::len), Some(4));
    wait_until("every status is told", seconds(10), || {
        receiver.updates_of(NUMBER).len() >= TAGS.len()
    });

    let updates = receiver.updates_of(NUMBER);
    let tags: Vec<String> = updates.iter().map(Received::tag).collect();
    assert_eq!(tags, TAGS);
    for (count, update) in updates.iter().enumerate() {
        let body = update.json();
        assert_eq!(body["event"], "tracking_update");
        assert_eq!(body["is_tracking_first_tag"], true);
        assert!(body["ts"].is_i64(), "{body}");
        let msg = &body["msg"];
        assert_eq!(
            (text(&msg["id"]), text(&msg["slug"])),
            (id.as_str(), "testing-courier")
        );
        assert_eq!(text(&msg["subtag"]), format!("{}_001", TAGS[count]));
        assert_eq!(
            msg["checkpoints"].as_array().map(Vec::len),
            Some(count + 1),
            "the state as of that step"
        );
        assert_eq!(msg["active"], TAGS[count] != "Delivered");
    }
    let last = &updates[3].json()["msg"];
    assert_eq!(last["checkpoints"], tracking["checkpoints"]);
    assert_eq!(
        last.as_object().map(serde_json::Map::len),
        tracking.as_object().map(serde_json::Map::len)
    );

    let all = receiver.received();
    assert_eq!(all.len(), 1 + TAGS.len(), "a sample and the updates");
    assert_eq!(all[0].number(), "ITOD-1-SAMPLE");
    assert!(
        all[0].json()["msg"]["checkpoints"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    );
    for request in &all {
        assert_eq!(request.path, "/webhook");
        assert_eq!(request.header("as-webhook-version"), Some("2026-07"));
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
    verify_with_python(folder, text(&webhook["secret"]), &all);
    wait_until("it is known to work", seconds(5), || {
        server.webhook(&webhook)["status"] == "active"
    });
    assert_eq!(server.webhook(&webhook).get("secret"), None, "shown once");
    wait_until("the last one is noted", seconds(5), || {
        server.deliveries(&webhook, "delivered").len() == all.len()
    });
}

#[test]
fn only_the_statuses_that_were_asked_for_are_told() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    server.create_webhook(
        &receiver.url(),
        &["tracking_update.Delivered", "tracking_update.InfoReceived"],
    );
    server.create_tracking(NUMBER);
    wait_until("the delivery is told", seconds(20), || {
        receiver
            .updates_of(NUMBER)
            .iter()
            .any(|update| update.tag() == "Delivered")
    });
    let tags: Vec<String> = receiver
        .updates_of(NUMBER)
        .iter()
        .map(Received::tag)
        .collect();
    assert_eq!(tags, ["InfoReceived", "Delivered"]);
}

#[test]
fn a_rotated_secret_signs_beside_the_new_one() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    let rotated = server.webhook_action(&webhook, "rotate-secret");
    assert_ne!(rotated["secret"], webhook["secret"]);
    server.webhook_action(&webhook, "test");
    let signatures = |request: &Received| {
        request
            .header("webhook-signature")
            .map_or(0, |text| text.split(' ').count())
    };
    wait_until("a test signed twice", seconds(10), || {
        receiver
            .received()
            .last()
            .is_some_and(|last| signatures(last) == 2)
    });
    let last = receiver.received().pop().unwrap();
    verify_with_python(
        folder.path(),
        text(&rotated["secret"]),
        std::slice::from_ref(&last),
    );
    // A receiver that knows only the old secret checks the second header of the pair.
    let previous = last
        .header("aftership-hmac-sha256-previous")
        .unwrap()
        .to_owned();
    let mut as_before = last;
    for (name, value) in &mut as_before.headers {
        if name == "aftership-hmac-sha256" {
            value.clone_from(&previous);
        }
    }
    verify_with_python(folder.path(), text(&webhook["secret"]), &[as_before]);
}

/// Hands the raw bytes to Python.
fn verify_with_python(folder: &Path, secret: &str, requests: &[Received]) {
    let requests: Vec<Value> = requests
        .iter()
        .enumerate()
        .map(|(index, request)| {
            let file = folder.join(format!("body-{index}"));
            std::fs::write(&file, &request.body).unwrap();
            let headers: serde_json::Map<String, Value> = request
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            json!({"file": file, "headers": headers})
        })
        .collect();
    let count = requests.len();
    let mut python = std::process::Command::new("python3")
        .args(["-c", VERIFY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let given = json!({"secret": secret, "requests": requests}).to_string();
    python
        .stdin
        .take()
        .unwrap()
        .write_all(given.as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        count.to_string()
    );
}
