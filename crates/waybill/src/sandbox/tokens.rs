//! Bearer tokens that carry their own expiry, so nothing has to be kept for them.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;

/// A client id, or a key, that no courier knows.
pub const REFUSED_CLIENT: &str = "unknown-client";

/// The tokens of one courier.
pub struct Tokens {
    /// What they begin with; the second until which they count follows.
    pub prefix: &'static str,
    /// How long they count.
    pub seconds: i64,
}

impl Tokens {
    /// A token that counts from now on.
    pub fn issue(&self, now: Timestamp) -> String {
        let until = now.as_second().saturating_add(self.seconds);
        format!("{}{until}", self.prefix)
    }

    /// Whether the request carries one of these tokens that still counts.
    pub fn has(&self, headers: &HeaderMap, now: Timestamp) -> bool {
        let until = || -> Option<i64> {
            let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
            let token = given.strip_prefix("Bearer ")?;
            token.strip_prefix(self.prefix)?.parse().ok()
        };
        until().is_some_and(|until| now.as_second() < until)
    }
}

/// The client of a form that asks for a token with an id and a secret in it.
pub fn form_client(form: &str) -> Option<&str> {
    let value = |name: &str| {
        form.split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    };
    let asks_as_it_should = value("grant_type") == Some("client_credentials");
    value("client_secret")
        .filter(|_| asks_as_it_should)
        .and_then(|_| value("client_id"))
        .filter(|client| *client != REFUSED_CLIENT)
}
