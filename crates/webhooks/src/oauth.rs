//! Tokens of receivers that want one (OAuth 2.0 client credentials, we are the client).

use std::{collections::HashMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use waybill_model::WebhookId;
use waybill_outside::{Door, Request};
use waybill_service::{MasterKey, WebhookOauth};

/// A token is not used in its last minute.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// Where the server does not say how long a token lasts.
const USUAL_LIFE_SECONDS: i64 = 3600;
/// A token answer is small.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The tokens this process holds. Each has a lock of its own, so that one slow identity server
/// holds up no other webhook.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<WebhookId, Arc<Mutex<Option<Held>>>>>);

struct Held {
    settings: WebhookOauth,
    header: String,
    ends_at: Timestamp,
}

impl Tokens {
    /// The `Authorization` header for a webhook.
    pub(crate) async fn header(
        &self,
        door: &Door,
        master_key: &MasterKey,
        webhook: WebhookId,
        settings: &WebhookOauth,
        now: Timestamp,
    ) -> Result<String, String> {
        let place = self.0.lock().await.entry(webhook).or_default().clone();
        let mut token = place.lock().await;
        if let Some(held) = token
            .as_ref()
            .filter(|held| held.settings == *settings && now + MARGIN < held.ends_at)
        {
            return Ok(held.header.clone());
        }
        let (header, lasts) = fetch(door, master_key, settings)
            .await
            .map_err(|reason| format!("no access token: {reason}"))?;
        *token = Some(Held {
            settings: settings.clone(),
            header: header.clone(),
            ends_at: now + lasts,
        });
        Ok(header)
    }

    /// The receiver refused the token.
    pub(crate) async fn forget(&self, webhook: WebhookId) {
        self.0.lock().await.remove(&webhook);
    }
}

async fn fetch(
    door: &Door,
    master_key: &MasterKey,
    settings: &WebhookOauth,
) -> Result<(String, SignedDuration), String> {
    let secret = master_key
        .open(&settings.client_secret)
        .ok_or("the client secret cannot be decrypted")?;
    let mut form = vec![("grant_type", "client_credentials".to_owned())];
    let mut request = Request::new(http::Method::POST, settings.token_url.clone());
    if settings.credentials == "basic" {
        let pair = format!("{}:{}", encode(&settings.client_id), encode(&secret));
        request.headers.push((
            "authorization".to_owned(),
            format!("Basic {}", STANDARD.encode(pair)),
        ));
    } else {
        form.push(("client_id", settings.client_id.clone()));
        form.push(("client_secret", secret));
    }
    if let Some(scope) = &settings.scope {
        form.push(("scope", scope.clone()));
    }
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    request.headers.push((
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    ));
    request
        .headers
        .push(("accept".to_owned(), "application/json".to_owned()));
    request.body = Some(body.join("&").into());
    request.max_answer_bytes = MAX_ANSWER_BYTES;

    let answer = door
        .send(request)
        .await
        .map_err(|error| error.to_string())?;
    if !(200..300).contains(&answer.status) {
        return Err(format!("the token URL answered {}", answer.status));
    }
    let token: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|_| "the token URL did not answer JSON".to_owned())?;
    let text = |name: &str| token.get(name).and_then(serde_json::Value::as_str);
    let access_token = text("access_token").ok_or("the answer has no access_token")?;
    let kind = text("token_type")
        .filter(|kind| !kind.eq_ignore_ascii_case("bearer"))
        .unwrap_or("Bearer");
    let seconds = token
        .get("expires_in")
        .and_then(serde_json::Value::as_i64)
        .unwrap_or(USUAL_LIFE_SECONDS);
    Ok((
        format!("{kind} {access_token}"),
        SignedDuration::from_secs(seconds.clamp(0, 365 * 24 * 3600)),
    ))
}

/// Percent-encoding of a form value.
fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
