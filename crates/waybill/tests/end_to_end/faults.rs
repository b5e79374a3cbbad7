//! What goes wrong with couriers, rehearsed with the testing courier: each failure is told apart.

use serde_json::Value;

use crate::harness::{Received, Receiver, Server, config, folder, seconds, text, wait_until};

const TAGS: [&str; 4] = ["InfoReceived", "InTransit", "OutForDelivery", "Delivered"];

#[test]
fn each_failure_has_a_name_and_a_reason() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(0.1));
    let leg = |number: &str| server.asked(&server.create_tracking(number));
    let (outage, slow) = (leg("ITOD-1-ERROR1"), leg("ITOD-1-SLOW1"));
    for failed in [&outage, &slow] {
        assert_eq!(text(&failed["outcome"]), "could_not_ask");
        assert!(!text(&failed["reason"]).is_empty());
        assert_eq!(failed["failures"], 1);
    }
    assert_ne!(outage["reason"], slow["reason"]);
    assert!(
        text(&slow["reason"]).contains("no answer in time"),
        "{slow}"
    );

    // Half of the garbled numbers get a page of HTML, half an answer that breaks off.
    for number in ["ITOD-1-GARBLED1", "ITOD-1-GARBLED12"] {
        let garbled = leg(number);
        assert_eq!(text(&garbled["outcome"]), "could_not_read", "{garbled}");
        assert!(
            !text(&garbled["attempts"][0]["excerpt"]).is_empty(),
            "{garbled}"
        );
        assert!(!text(&garbled["reason"]).is_empty());
    }
    assert_eq!(
        text(&leg("ITOD-1-NOTFOUND1")["outcome"]),
        "unknown_to_courier"
    );
}

#[test]
fn before_the_first_checkpoint_there_is_no_data_yet() {
    let folder = folder();
    let server = Server::start(folder.path(), &config(60.0));
    let id = server.create_tracking("ITOD-20-1");
    let leg = server.asked(&id);
    assert_eq!(text(&leg["outcome"]), "no_data_yet");
    assert!(!leg["next_check_at"].is_null());
    let tracking = server.tracking(&id);
    assert_eq!(
        (
            text(&tracking["tag"]),
            tracking["checkpoints"].as_array().map(Vec::len)
        ),
        ("Pending", Some(0))
    );
}

#[test]
fn odd_answers_come_out_even() {
    let (folder, receiver) = (folder(), Receiver::start());
    let server = Server::start(folder.path(), &config(0.1));
    server.create_webhook(&receiver.url(), &["tracking_update"]);
    let numbers =
        ["OUTOFORDER", "DUPLICATES", "LATE", "NOCLOCK"].map(|fault| format!("ITOD-1-{fault}7"));
    let ids = numbers
        .clone()
        .map(|number| server.create_tracking(&number));
    for (number, id) in numbers.iter().zip(&ids) {
        let tracking = server.reaches(id, "Delivered");
        assert_eq!(tags_of(&tracking), TAGS, "{number}");
        wait_until("the delivery is told", seconds(10), || {
            told(&receiver, number).len() >= TAGS.len()
        });
        let told = told(&receiver, number);
        assert_eq!(
            told.iter().map(Received::tag).collect::<Vec<_>>(),
            TAGS,
            "{number}"
        );
        assert!(
            told.iter()
                .all(|update| update.json()["is_tracking_first_tag"] == true),
            "{number}"
        );
    }
    let clockless = server.tracking(&ids[3]);
    let time = text(&clockless["checkpoints"][0]["checkpoint_time"]).to_owned();
    assert_eq!(time.len(), "2026-03-05".len(), "no time is made up: {time}");
}

/// Everything is learned at once where a courier is asked late: still one event a step.
#[test]
fn a_backlog_read_in_one_answer_is_told_step_by_step() {
    let (folder, receiver) = (folder(), Receiver::start());
    let mut server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    wait_until("the sample", seconds(10), || {
        !receiver.received().is_empty()
    });
    // A node without workers takes the tracking; nobody asks until one with workers comes.
    assert_eq!(server.process.terminate().0, Some(0));
    let number = "IT002TO001D-1-OUTOFORDER9";
    let api = crate::harness::Command::new(
        folder.path(),
        &["serve", "--listen", "127.0.0.1:0", "--roles", "api"],
    );
    let mut server = Server::start_as(folder.path(), api);
    let id = server.create_tracking(number);
    let made = server.tracking(&id);
    assert_eq!(server.leg(&id)["outcome"], Value::Null);
    // The journey is over after half a second.
    crate::harness::holds_for("pending", std::time::Duration::from_millis(700), || {
        server.tracking(&id)["tag"] == made["tag"]
    });
    assert_eq!(server.process.terminate().0, Some(0));
    let server = Server::start(folder.path(), &config(0.1));
    server.reaches(&id, "Delivered");
    wait_until("the delivery is told", seconds(10), || {
        told(&receiver, number)
            .last()
            .is_some_and(|last| last.tag() == "Delivered")
    });
    let tags: Vec<String> = told(&receiver, number).iter().map(Received::tag).collect();
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
    // The receiver has it a moment before the delivery is noted as done.
    wait_until("nothing is left", seconds(10), || {
        server.deliveries(&webhook, "pending").is_empty()
    });
}

fn told(receiver: &Receiver, number: &str) -> Vec<Received> {
    receiver.updates_of(number)
}

fn tags_of(tracking: &Value) -> Vec<&str> {
    tracking["checkpoints"]
        .as_array()
        .map_or_else(Vec::new, |list| {
            list.iter().map(|it| text(&it["tag"])).collect()
        })
}
