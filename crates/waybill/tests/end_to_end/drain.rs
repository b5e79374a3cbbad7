//! How a server ends.

use std::{io::Write, net::TcpStream};

use serde_json::json;

use crate::harness::{KEY, Receiver, Server, config, folder, seconds, text, wait_until};

#[test]
fn a_request_that_is_never_finished_does_not_hold_up_the_end() {
    let folder = folder();
    let mut server = Server::start(folder.path(), &config(0.1));
    let mut stuck = TcpStream::connect(&server.process.address).unwrap();
    let head = format!(
        "POST /tracking/2026-07/trackings HTTP/1.1\r\nhost: x\r\nas-api-key: {KEY}\r\ncontent-length: 99\r\n\r\n{{"
    );
    stuck.write_all(head.as_bytes()).unwrap();
    let idle = TcpStream::connect(&server.process.address).unwrap();
    assert_eq!(server.send("GET", "/healthz", None).status, 200);
    assert_eq!(server.process.terminate(), (Some(0), String::new()));
    drop((stuck, idle));
}

#[test]
fn what_is_under_way_at_the_end_goes_on_at_the_next_start() {
    let (folder, receiver) = (folder(), Receiver::start());
    let mut server = Server::start(folder.path(), &config(0.1));
    let webhook = server.create_webhook(&receiver.url(), &["tracking_update"]);
    let ids: Vec<String> = (0..30)
        .map(|count| server.create_tracking(&format!("ITOD-2-DRAIN{count}")))
        .collect();
    assert_eq!(server.process.terminate(), (Some(0), String::new()));
    let server = Server::start(folder.path(), &config(0.1));
    for id in &ids {
        server.reaches(id, "Delivered");
    }
    wait_until("all is told", seconds(15), || {
        server.deliveries(&webhook, "pending").is_empty()
    });
    let updates = receiver
        .received()
        .iter()
        .filter(|update| update.number() != "ITOD-1-SAMPLE")
        .count();
    assert_eq!(updates, ids.len() * 4, "a graceful end repeats nothing");
    let one = server.send(
        "POST",
        "/tracking/2026-07/trackings",
        Some(&json!({"tracking_number": "ITOD-2-DRAIN0"})),
    );
    assert_eq!(
        (one.status, text(&one.json()["data"]["id"])),
        (400, ""),
        "{}",
        one.body
    );
}
