//! The settings of a webhook as they are kept and shown.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use waybill_storage::WebhookRow;

use crate::{Service, document::print};

/// Whether a webhook is known to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookStatus {
    /// It took a delivery.
    Active,
    /// Its owner stopped it; its backlog waits.
    Paused,
    /// It has taken none yet; it is delivered to all the same.
    Unverified,
}

impl WebhookStatus {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Unverified => "unverified",
        }
    }
}

/// The settings. Secrets are sealed under the master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDocument {
    /// Where events are sent.
    pub url: String,
    /// `tracking_update`, `tracking_update.<Tag>`, …
    pub events: Vec<String>,
    /// API version of the bodies.
    pub version: String,
    /// Sent along.
    pub headers: Vec<(String, String)>,
    /// A token to fetch and send along.
    pub oauth: Option<WebhookOauth>,
    /// Sealed.
    pub secret: String,
    /// The secret before, sealed, which signs on until the instant.
    pub previous_secret: Option<(String, Timestamp)>,
    /// It took a delivery at its present address.
    pub verified: bool,
    /// Its owner stopped it.
    pub paused: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// How to fetch a token (OAuth 2.0 client credentials).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookOauth {
    /// The receiver's identity server.
    pub token_url: String,
    /// Who we are there.
    pub client_id: String,
    /// Sealed.
    pub client_secret: String,
    /// Asked for, where given.
    pub scope: Option<String>,
    /// `body` or `basic`: where the credentials stand.
    pub credentials: String,
}

/// The settings of a row, or a part of them; `None` (and a line in the log) if another program wrote them.
pub(crate) fn settings<T: DeserializeOwned>(row: &WebhookRow) -> Option<T> {
    serde_json::from_str(&row.document)
        .inspect_err(|error| tracing::error!(webhook = %row.id, %error, "the settings of a webhook cannot be read"))
        .ok()
}

impl WebhookDocument {
    /// The settings of a row; `None` (and a line in the log) if another program wrote them.
    pub fn read(row: &WebhookRow) -> Option<Self> {
        settings(row)
    }

    /// What the API shows.
    pub fn status(&self) -> WebhookStatus {
        match (self.paused, self.verified) {
            (true, _) => WebhookStatus::Paused,
            (false, true) => WebhookStatus::Active,
            (false, false) => WebhookStatus::Unverified,
        }
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Service {
    /// The webhook as the API shows it; `secret` only where it was just made.
    pub(super) fn shown(
        row: &WebhookRow,
        document: &WebhookDocument,
        secret: Option<&str>,
    ) -> Value {
        let headers: Map<String, Value> = document
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let oauth = document.oauth.as_ref().map(|oauth| {
            json!({
                "token_url": oauth.token_url,
                "client_id": oauth.client_id,
                "scope": oauth.scope,
                "credentials": oauth.credentials,
            })
        });
        let mut shown = json!({
            "id": row.id.to_string(),
            "url": document.url,
            "events": document.events,
            "version": document.version,
            "headers": headers,
            "oauth": oauth,
            "status": document.status().as_str(),
            "last_success_at": row.last_success_at.map(print),
            "failing_since": row.failing_since.map(print),
            "created_at": print(document.created_at),
            "updated_at": print(document.updated_at),
        });
        if let (Some(secret), Some(object)) = (secret, shown.as_object_mut()) {
            object.insert("secret".to_owned(), json!(secret));
        }
        shown
    }

    /// The secrets that sign a delivery at this instant, newest first.
    pub fn signing_secrets(&self, document: &WebhookDocument, now: Timestamp) -> Vec<String> {
        let previous = document
            .previous_secret
            .as_ref()
            .filter(|(_, until)| now < *until);
        std::iter::once(&document.secret)
            .chain(previous.map(|(secret, _)| secret))
            .filter_map(|sealed| self.master_key().open(sealed))
            .collect()
    }
}
