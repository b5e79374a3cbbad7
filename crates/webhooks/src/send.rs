//! One attempt: what is sent, and what came back.

use std::{borrow::Cow, sync::Arc, time::Duration};

use jiff::Timestamp;
use waybill_model::split_legacy;
use waybill_outside::{Door, Incomplete, Ports, Request};
use waybill_service::{Service, WebhookDocument};
use waybill_storage::{DeliveryRow, EventRow};
use waybill_versions::{Version, lower_event};

use crate::{oauth::Tokens, signature};

/// A receiver that takes longer is tried again.
const TIMEOUT: Duration = Duration::from_secs(15);
/// So much of an answer is kept.
const ANSWER_KEPT_BYTES: usize = 1024;

/// What the operator decides.
#[derive(Debug, Clone)]
pub struct SenderOptions {
    /// Ports that webhooks may use.
    pub ports: Ports,
}

/// Sends deliveries through the door.
pub struct Sender {
    door: Arc<Door>,
    options: SenderOptions,
    tokens: Tokens,
}

/// What came of an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub http_status: Option<u16>,
    pub latency_ms: u64,
    /// Empty where the receiver took it.
    pub error: String,
    pub answer: String,
}

impl Attempt {
    fn failed(error: String) -> Self {
        Self {
            http_status: None,
            latency_ms: 0,
            error,
            answer: String::new(),
        }
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.error.is_empty()
    }
}

/// The body of an event in the version that the webhook asks for.
fn in_version(settings: &WebhookDocument, event: &EventRow) -> Result<String, String> {
    let Some(version) = Version::parse(&settings.version) else {
        return Err(format!("there is no API version `{}`", settings.version));
    };
    let (newest, legacy) = split_legacy(&event.body);
    lower_event(version, newest, legacy)
        .map(Cow::into_owned)
        .map_err(|_| "the event cannot be read".to_owned())
}

impl Sender {
    /// A sender.
    pub fn new(door: Arc<Door>, options: SenderOptions) -> Self {
        Self {
            door,
            options,
            tokens: Tokens::default(),
        }
    }

    pub(crate) async fn send(
        &self,
        service: &Service,
        settings: &WebhookDocument,
        delivery: &DeliveryRow,
        event: &EventRow,
        now: Timestamp,
    ) -> Attempt {
        let first = self.try_send(service, settings, delivery, event, now).await;
        if first.http_status == Some(401) && settings.oauth.is_some() {
            // The token may have been withdrawn: a fresh one, once, within the same attempt.
            self.tokens.forget(delivery.webhook).await;
            return self.try_send(service, settings, delivery, event, now).await;
        }
        first
    }

    async fn try_send(
        &self,
        service: &Service,
        settings: &WebhookDocument,
        delivery: &DeliveryRow,
        event: &EventRow,
        now: Timestamp,
    ) -> Attempt {
        let body = match in_version(settings, event) {
            Ok(body) => body.into_bytes(),
            Err(error) => return Attempt::failed(error),
        };
        let secrets = service.signing_secrets(settings, now);
        if secrets.is_empty() {
            // Unsigned it would be worthless to the receiver; the operator can mend the key.
            return Attempt::failed(
                "the webhook's secret cannot be decrypted: the master key changed".to_owned(),
            );
        }
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("as-webhook-version".to_owned(), settings.version.clone()),
            ("waybill-sequence".to_owned(), delivery.sequence.to_string()),
        ];
        headers.extend(signature::headers(
            &secrets,
            &event.id.to_string(),
            now,
            &body,
        ));
        if let Some(oauth) = &settings.oauth {
            match self
                .tokens
                .header(
                    &self.door,
                    service.master_key(),
                    delivery.webhook,
                    oauth,
                    now,
                )
                .await
            {
                Ok(header) => headers.push(("authorization".to_owned(), header)),
                Err(error) => {
                    return Attempt::failed(error);
                }
            }
        }
        headers.extend(settings.headers.iter().cloned());
        let request = Request {
            headers,
            body: Some(body.into()),
            timeout: TIMEOUT,
            max_answer_bytes: ANSWER_KEPT_BYTES,
            on_incomplete: Incomplete::Truncate,
            ports: Some(self.options.ports.clone()),
            ..Request::new(http::Method::POST, settings.url.clone())
        };
        match self.door.send(request).await {
            Ok(answer) => Attempt {
                http_status: Some(answer.status),
                latency_ms: u64::try_from(answer.elapsed.as_millis()).unwrap_or(u64::MAX),
                error: if (200..300).contains(&answer.status) {
                    String::new()
                } else {
                    format!("the receiver answered {}", answer.status)
                },
                answer: String::from_utf8_lossy(&answer.body).replace('\0', ""),
            },
            Err(error) => Attempt::failed(error.to_string()),
        }
    }
}
