//! Receivers that fail, are stopped, refuse one parcel, or may not be reached.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use crate::harness::{
    LOOPBACK, Received, Receiver, Server, config, folder, holds_for, seconds, text, wait_until,
};

const TAGS: [&str; 4] = ["InfoReceived", "InTransit", "OutForDelivery", "Delivered"];

fn taken(receiver: &Receiver, number: &str) -> Vec<String> {
    let updates = receiver.updates_of(number);
    updates
        .iter()
        .filter(|update| update.answered == 200)
        .map(Received::tag)
        .collect()
}

#[test]
fn nothing_overtakes_a_waiting_head_and_a_success_wakes_it() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    wait_until("the sample", seconds(10), || receiver.received().len() == 1);
    let number = "ITOD-1-HEAD";
    let mut first = true;
    receiver.answer(move |update| {
        let refuses = update.number() == number && std::mem::replace(&mut first, false);
        if refuses { 503 } else { 200 }
    });
    let id = server.create_tracking(number);
    server.reaches(&id, "Delivered");
    wait_until("all steps wait", seconds(10), || {
        server.deliveries(&webhook, "pending").len() == 4
    });
    holds_for(
        "the head waits for its next attempt, and the lane behind it",
        seconds(1),
        || receiver.updates_of(number).len() == 1,
    );
    assert!(!server.webhook(&webhook)["failing_since"].is_null());

    server.webhook_action(&webhook, "test");
    wait_until("the backlog is told", seconds(10), || {
        taken(&receiver, number).len() == 4
    });
    assert_eq!(taken(&receiver, number), TAGS);
    let head = receiver.updates_of(number);
    assert_eq!(head[0].body, head[1].body, "a repeat is the same event");
    wait_until("it is known to work again", seconds(5), || {
        server.webhook(&webhook)["failing_since"].is_null()
    });
    let deliveries = server.deliveries(&webhook, "delivered");
    let first = deliveries
        .iter()
        .find(|it| text(&it["event_id"]) == head[0].event_id())
        .unwrap();
    let statuses: Vec<&Value> = first["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["http_status"])
        .collect();
    assert_eq!(statuses, [503, 200], "every attempt is shown");
    assert!(text(&first["attempts"][0]["error"]).contains("503"));
}

#[test]
fn a_head_that_alone_is_refused_leaves_its_lane_and_keeps_its_own_schedule() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    let number = "ITOD-1-POISON";
    receiver.answer(move |update| {
        if update.number() == number && update.tag() == "InfoReceived" {
            400
        } else {
            200
        }
    });
    let id = server.create_tracking(number);
    server.reaches(&id, "Delivered");
    // As they are noted, which is a moment after the receiver answered: what wakes a head between the two
    // finds it under way.
    let refusals = || {
        server
            .deliveries(&webhook, "pending")
            .iter()
            .filter_map(|delivery| delivery["attempts"].as_array())
            .flatten()
            .filter(|attempt| attempt["http_status"] == 400)
            .count()
    };
    wait_until("a first refusal", seconds(10), || refusals() == 1);
    // Each success wakes the head; when it was refused often enough, the lane goes on without it.
    for _ in 0..5 {
        assert_eq!(taken(&receiver, number), [""; 0]);
        let before = refusals();
        server.webhook_action(&webhook, "test");
        wait_until("one more refusal", seconds(10), || refusals() > before);
    }
    wait_until("the lane goes on", seconds(10), || {
        taken(&receiver, number).len() == 3
    });
    assert_eq!(taken(&receiver, number), TAGS[1..]);

    // From here on it waits for its own time, whatever else is taken.
    let before = refusals();
    for count in 0..3 {
        let other = format!("ITOD-1-OTHER{count}");
        server.create_tracking(&other);
        wait_until("another parcel is told", seconds(10), || {
            taken(&receiver, &other).len() == 4
        });
    }
    assert_eq!(refusals(), before);
    // The receiver has the others a moment before they are noted as done.
    wait_until("the refused one alone is left", seconds(10), || {
        server.deliveries(&webhook, "pending").len() == 1
    });
    let pending = server.deliveries(&webhook, "pending");
    assert!(!pending[0]["next_attempt_at"].is_null());
}

#[test]
fn a_paused_webhook_keeps_its_backlog_and_gets_it_in_order() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    wait_until("the sample", seconds(10), || {
        server.webhook(&webhook)["status"] == "active"
    });
    assert_eq!(server.webhook_action(&webhook, "pause")["status"], "paused");
    let numbers: Vec<String> = (0..5)
        .map(|count| format!("ITOD-1-PAUSED{count}"))
        .collect();
    for number in &numbers {
        let id = server.create_tracking(number);
        server.reaches(&id, "Delivered");
    }
    server.webhook_action(&webhook, "test");
    assert_eq!(
        receiver.received().len(),
        1,
        "nothing but the sample at its making"
    );
    assert_eq!(
        server.deliveries(&webhook, "pending").len(),
        4 * numbers.len() + 1
    );
    assert_eq!(
        server.webhook_action(&webhook, "resume")["status"],
        "active"
    );
    for number in &numbers {
        wait_until("the backlog is told", seconds(10), || {
            taken(&receiver, number).len() == 4
        });
        assert_eq!(taken(&receiver, number), TAGS);
    }
    wait_until("nothing is left", seconds(10), || {
        server.deliveries(&webhook, "pending").is_empty()
    });
    assert_eq!(
        receiver.received().len(),
        4 * numbers.len() + 2,
        "each once"
    );
}

/// Pausing in the middle of a burst loses nothing, whichever side of it an event falls on.
#[test]
fn pausing_and_resuming_in_a_burst_loses_nothing() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    let numbers: Vec<String> = (0..40)
        .map(|count| format!("ITOD-1-BURST{count}"))
        .collect();
    let done = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (server, numbers) = (&server, &numbers);
        let ended = done.clone();
        scope.spawn(move || {
            for number in numbers {
                server.create_tracking(number);
            }
            ended.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            server.webhook_action(&webhook, "pause");
            server.webhook_action(&webhook, "resume");
        }
    });
    for number in &numbers {
        wait_until("all is told", seconds(20), || {
            taken(&receiver, number).len() >= 4
        });
        assert_eq!(taken(&receiver, number), TAGS, "{number}");
    }
}

#[test]
fn a_test_says_what_came_of_it() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    receiver.answer(|_| 500);
    let body =
        json!({"url": receiver.url(), "events": ["edd_revise"], "headers": {"x-shop": "seven"}});
    let webhook = server
        .send("POST", "/waybill/v1/webhooks", Some(&body))
        .data(201);
    let is = |id: &str, status: &str| {
        server
            .deliveries(&webhook, status)
            .iter()
            .any(|it| text(&it["id"]) == id)
    };
    wait_until("a sample is tried once", seconds(10), || {
        server.deliveries(&webhook, "dead").len() == 1
    });
    assert_eq!(server.webhook(&webhook)["status"], "unverified");
    receiver.answer(|_| 204);
    let test = server.webhook_action(&webhook, "test");
    wait_until("the test is taken", seconds(10), || {
        is(text(&test["delivery_id"]), "delivered")
    });
    wait_until("it is known to work", seconds(5), || {
        server.webhook(&webhook)["status"] == "active"
    });
    // A redirect is no success, and nobody goes where it points.
    receiver.answer(|_| 302);
    let test = server.webhook_action(&webhook, "test");
    wait_until("the redirect is a failure", seconds(10), || {
        is(text(&test["delivery_id"]), "dead")
    });
    let requests = receiver.received();
    assert_eq!(requests.len(), 3);
    assert!(
        requests
            .iter()
            .all(|it| it.json()["event"] == "edd_revise" && it.header("x-shop") == Some("seven"))
    );
}

#[test]
fn addresses_that_are_not_public_are_refused_unless_allowed() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), "[webhooks]\nallow_ports = \"any\"\n");
    let port = receiver.address().rsplit(':').next().unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        let webhook = server.create_webhook(
            &format!("http://{host}:{port}/webhook"),
            &["tracking_update"],
        );
        let error = sample_error(&server, &webhook);
        assert!(
            error.contains("blocked") || error.contains("not resolved"),
            "{host}: {error}"
        );
    }
    assert_eq!(receiver.received().len(), 0);
}

#[test]
fn ports_that_are_not_listed_are_refused() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(
        folder.path(),
        "[outside]\nallow_networks = [\"127.0.0.0/8\"]\n",
    );
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    let error = sample_error(&server, &webhook);
    assert!(
        error.contains("port") && error.contains("not allowed"),
        "{error}"
    );
    assert_eq!(receiver.received().len(), 0);
}

#[test]
fn a_deleted_webhook_takes_its_backlog_with_it() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(
        folder.path(),
        &format!("{LOOPBACK}[sandbox]\nseconds_per_minute = 0.1\n"),
    );
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    wait_until("the sample", seconds(10), || {
        server.deliveries(&webhook, "delivered").len() == 1
    });
    server.webhook_action(&webhook, "pause");
    let id = server.create_tracking("ITOD-1-DELETED");
    server.reaches(&id, "Delivered");
    let path = format!("/waybill/v1/webhooks/{}", text(&webhook["id"]));
    assert_eq!(server.send("DELETE", &path, None).status, 200);
    assert_eq!(server.send("GET", &path, None).status, 404);
    assert_eq!(server.deliveries(&webhook, "pending").len(), 0);
    let other = server.create_tracking("ITOD-1-AFTERWARDS");
    server.reaches(&other, "Delivered");
    assert_eq!(receiver.received().len(), 1);
}

/// The error of the one attempt of a webhook's sample.
fn sample_error(server: &Server, webhook: &Value) -> String {
    wait_until("the sample is given up", seconds(10), || {
        server.deliveries(webhook, "dead").len() == 1
    });
    text(&server.deliveries(webhook, "dead")[0]["attempts"][0]["error"]).to_owned()
}
