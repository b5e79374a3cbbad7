//! Between the sending and the commit.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use waybill_storage::DeliveryStatus;

use crate::world::{World, runner};

/// Longer than the lease of a job.
const LEASE_SECONDS: i64 = 11;

#[tokio::test]
async fn a_process_that_dies_after_sending_sends_the_same_event_again() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    world.webhook(&url, None).await;
    serve(&world, &listener, Some("200 OK")).await;
    let id = world.tracking("1Z7X41R00340192776").await;
    world.news(&id, "InTransit_002").await;

    let first = serve(&world, &listener, None).await;
    let pending = world.deliveries(DeliveryStatus::Pending).await;
    assert_eq!(
        (pending.len(), pending[0].attempts),
        (1, 0),
        "nothing of it was committed"
    );
    world
        .clock
        .advance(jiff::SignedDuration::from_secs(LEASE_SECONDS));
    let second = serve(&world, &listener, Some("200 OK")).await;
    assert_eq!(body(&first), body(&second));
    assert!(body(&first).contains("\"event_id\""), "{first}");
    let delivered = world.deliveries(DeliveryStatus::Delivered).await;
    assert_eq!(delivered.len(), 2, "the sample and the update");
    assert!(delivered.iter().all(|delivery| delivery.attempts == 1));
}

#[tokio::test]
async fn a_worker_that_breaks_blocks_nothing() {
    let world = World::new().await;
    world.good_webhook().await;
    let mut breaks = true;
    world.answer(move |_| {
        assert!(
            !std::mem::replace(&mut breaks, false),
            "this worker breaks once"
        );
        200
    });
    let id = world.tracking("1Z7X41R00340192776").await;
    world.news(&id, "InTransit_002").await;
    world.run().await;
    assert_eq!(world.deliveries(DeliveryStatus::Pending).await.len(), 1);
    world.after(LEASE_SECONDS).await;
    let sent = world.take_sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].text, sent[1].text);
    assert_eq!(world.deliveries(DeliveryStatus::Pending).await.len(), 0);
}

/// A process of its own sends one request; without an answer it dies when the receiver has it all.
async fn serve(world: &World, listener: &TcpListener, answer: Option<&str>) -> String {
    let process = runner(&world.service, &world.clock, None);
    let process = tokio::spawn(async move { process.run_due().await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let request = read(&mut stream).await;
    let Some(status) = answer else {
        process.abort();
        assert!(process.await.unwrap_err().is_cancelled());
        return request;
    };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    process.await.unwrap();
    request
}

async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).await.unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk[..count]));
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if count == 0 || text.contains("\r\n\r\n") && length == Some(body(&text).len()) {
            return text;
        }
    }
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
