//! Receivers that want a token.

use std::time::Duration;

use tokio::{net::TcpListener, time::timeout};
use waybill_storage::DeliveryStatus;
use waybill_versions::Oauth;

use crate::world::{Sent, URL, World};

const TOKEN_URL: &str = "receiver://identity/token";

fn oauth(credentials: &str) -> Oauth {
    oauth_at(TOKEN_URL, credentials)
}

fn oauth_at(token_url: &str, credentials: &str) -> Oauth {
    Oauth {
        token_url: token_url.to_owned(),
        client_id: "waybill & co".to_owned(),
        client_secret: "s3cret/+".to_owned(),
        scope: Some("hooks".to_owned()),
        credentials: credentials.to_owned(),
    }
}

/// Hands out `token-1`, `token-2` …; the receiver takes only the newest, from `valid_from` on.
fn answers(world: &World, valid_from: usize) {
    let mut tokens = 0;
    world.answer_with(move |sent| {
        if sent.url == TOKEN_URL {
            tokens += 1;
            let token = format!(r#"{{"access_token": "token-{tokens}", "expires_in": 3600}}"#);
            return (200, token);
        }
        let good = tokens >= valid_from
            && sent.header("authorization") == Some(&format!("Bearer token-{tokens}"));
        (if good { 204 } else { 401 }, String::new())
    });
}

fn split(sent: Vec<Sent>) -> (Vec<Sent>, Vec<Sent>) {
    sent.into_iter().partition(|sent| sent.url == TOKEN_URL)
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_before_it_ends() {
    let world = World::new().await;
    answers(&world, 1);
    world.webhook(URL, Some(oauth("body"))).await;
    let id = world.tracking("1Z7X41R00340192776").await;
    for step in ["InfoReceived_001", "InTransit_002", "OutForDelivery_001"] {
        world.news(&id, step).await;
        world.run().await;
    }
    let (tokens, sent) = split(world.take_sent());
    assert_eq!((tokens.len(), sent.len()), (1, 4));
    assert!(
        sent.iter()
            .all(|one| one.header("aftership-hmac-sha256").is_some()),
        "signed all the same"
    );
    assert_eq!(
        tokens[0].text,
        "grant_type=client_credentials&client_id=waybill%20%26%20co&client_secret=s3cret%2F%2B&scope=hooks"
    );
    world.after(3600 - 30).await;
    world.news(&id, "Delivered_001").await;
    world.run().await;
    let (tokens, sent) = split(world.take_sent());
    assert_eq!((tokens.len(), sent.len()), (1, 1));
    assert_eq!(world.deliveries(DeliveryStatus::Delivered).await.len(), 5);
}

#[tokio::test]
async fn a_refused_token_is_replaced_within_the_attempt() {
    let world = World::new().await;
    answers(&world, 2);
    world.webhook(URL, Some(oauth("basic"))).await;
    world.run().await;
    let (tokens, sent) = split(world.take_sent());
    assert_eq!((tokens.len(), sent.len()), (2, 2));
    // base64 of `waybill%20%26%20co:s3cret%2F%2B`
    assert_eq!(
        tokens[0].header("authorization"),
        Some("Basic d2F5YmlsbCUyMCUyNiUyMGNvOnMzY3JldCUyRiUyQg==")
    );
    let delivered = world.deliveries(DeliveryStatus::Delivered).await;
    assert_eq!(
        (delivered.len(), delivered[0].attempts),
        (1, 1),
        "one attempt"
    );
}

#[tokio::test]
async fn without_a_token_the_attempt_failed_and_says_why() {
    let world = World::new().await;
    world.answer(|sent| if sent.url == TOKEN_URL { 403 } else { 200 });
    world.webhook(URL, Some(oauth("body"))).await;
    world.run().await;
    let (_, sent) = split(world.take_sent());
    assert_eq!(sent.len(), 0);
    let dead = world.deliveries(DeliveryStatus::Dead).await;
    let storage = world.service.storage();
    let attempts = storage
        .delivery_attempts(world.organization, dead[0].id)
        .await
        .unwrap();
    assert!(
        attempts[0].error.contains("403") && !attempts[0].error.contains("s3cret"),
        "{attempts:?}"
    );
}

#[tokio::test]
async fn an_identity_server_that_hangs_holds_up_nobody_else() {
    let world = World::new().await;
    answers(&world, 1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = format!("http://{}/token", listener.local_addr().unwrap());
    world.webhook(URL, Some(oauth_at(&hanging, "body"))).await;
    let stuck = world.run_beside();
    let held = listener.accept().await.unwrap();
    world.webhook(URL, Some(oauth("body"))).await;
    timeout(Duration::from_secs(5), world.run()).await.unwrap();
    assert_eq!(world.deliveries(DeliveryStatus::Delivered).await.len(), 1);
    stuck.abort();
    drop(held);
}
