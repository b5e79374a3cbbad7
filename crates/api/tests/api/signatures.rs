//! Requests that are signed, over the whole path: key, date, body, signature, handler.

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use ring::hmac;
use waybill_service::NewKey;
use waybill_storage::Authentication;

use crate::support::{Installation, Reply, TRACKINGS};

/// The clock of the installation, as the header says it.
pub const DATE: &str = "Fri, 10 Jul 2026 12:00:00 GMT";
const BODY: &str = r#"{"tracking_number":"ITOD-1-SIGNED77","slug":"testing-courier"}"#;

/// The MD5 of the body.
const DIGEST: &str = "2B19B66BDB4A60BFE5C531C445707105";

/// A key of the kind `aes`.
pub struct Signer {
    pub key: String,
    secret: String,
}

impl Signer {
    pub async fn new(installation: &Installation) -> Self {
        let shop = installation.organization("shop").await;
        let new = NewKey {
            name: "signed".to_owned(),
            authentication: Authentication::Aes,
            public_key: None,
            scopes: Vec::new(),
            key: None,
        };
        let issued = installation.service.create_key(shop.id, new).await;
        let issued = issued.expect("a key");
        Self {
            key: issued.key,
            secret: issued.secret.expect("a secret"),
        }
    }

    pub fn sign(&self, text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        STANDARD.encode(hmac::sign(&key, text.as_bytes()))
    }

    /// A list of trackings, signed over this date and resource.
    fn list(&self, date: &str, resource: &str) -> Request<Body> {
        let text = format!("GET\n\n\n{date}\nas-api-key:{}\n{resource}", self.key);
        Request::get(format!("{TRACKINGS}?limit=5"))
            .header("as-api-key", &self.key)
            .header("date", date)
            .header("as-signature-hmac-sha256", self.sign(&text))
            .body(Body::empty())
            .expect("a request")
    }
}

fn is_refused(reply: Reply, why: &str) {
    let reply = reply.is(401, 401);
    let message = reply.body["meta"]["message"].as_str().unwrap_or_default();
    assert!(message.contains(why), "{message}");
}

#[tokio::test]
async fn a_signed_request_is_answered_and_a_changed_one_refused() {
    let installation = Installation::new();
    let signer = Signer::new(&installation).await;
    let resource = format!("{TRACKINGS}?limit=5");
    installation
        .send(signer.list(DATE, &resource))
        .await
        .is(200, 200);
    let changed = signer.list(DATE, &format!("{TRACKINGS}?limit=6"));
    is_refused(installation.send(changed).await, "signature is invalid");

    let mut unsigned = signer.list(DATE, &resource);
    unsigned.headers_mut().remove("as-signature-hmac-sha256");
    is_refused(
        installation.send(unsigned).await,
        "as-signature-hmac-sha256",
    );
    let mut undated = signer.list(DATE, &resource);
    undated.headers_mut().remove("date");
    is_refused(installation.send(undated).await, "date");

    // Three minutes later it holds, a second after that no more.
    installation.clock.advance(SignedDuration::from_secs(180));
    installation
        .send(signer.list(DATE, &resource))
        .await
        .is(200, 200);
    installation.clock.advance(SignedDuration::from_secs(1));
    is_refused(
        installation.send(signer.list(DATE, &resource)).await,
        "date",
    );
}

#[tokio::test]
async fn a_body_is_signed_and_still_read() {
    let installation = Installation::new();
    let signer = Signer::new(&installation).await;
    let create = |body: &'static str, digest: &str| {
        let key = &signer.key;
        let text =
            format!("POST\n{digest}\napplication/json\n{DATE}\nas-api-key:{key}\n{TRACKINGS}");
        Request::post(TRACKINGS)
            .header("as-api-key", key)
            .header("date", DATE)
            .header("content-type", "application/json")
            .header("as-signature-hmac-sha256", signer.sign(&text))
            .body(Body::from(body))
            .expect("a request")
    };
    is_refused(
        installation.send(create("{}", DIGEST)).await,
        "signature is invalid",
    );
    let reply = installation.send(create(BODY, DIGEST)).await.is(201, 201);
    assert_eq!(reply.data()["tracking_number"], "ITOD-1-SIGNED77");
}

#[tokio::test]
async fn a_guarded_signature_of_a_change_counts_once() {
    let installation = Installation::with(waybill_api::Options {
        replay_guard: true,
        ..waybill_api::Options::default()
    });
    let signer = Signer::new(&installation).await;
    let path = "/tracking/2026-07/couriers/detect";
    let text = format!(
        "POST\n{DIGEST}\napplication/json\n{DATE}\nas-api-key:{}\n{path}",
        signer.key
    );
    let detect = || {
        Request::post(path)
            .header("as-api-key", &signer.key)
            .header("date", DATE)
            .header("as-signature-hmac-sha256", signer.sign(&text))
            .body(Body::from(BODY))
            .expect("a request")
    };
    installation.send(detect()).await.is(200, 200);
    is_refused(installation.send(detect()).await, "came before");
    // Reading again does no harm.
    let resource = format!("{TRACKINGS}?limit=5");
    for _ in 0..2 {
        installation
            .send(signer.list(DATE, &resource))
            .await
            .is(200, 200);
    }
}
