//! Access tokens of couriers: fetched once, used until shortly before they end.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// A token is not used in its last minute: the courier's clock is not ours.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// Tokens kept at most: one per courier and credentials.
const TOKENS_LIMIT: usize = 10_000;

#[derive(Debug, Clone)]
struct Token {
    text: String,
    ends_at: Timestamp,
}

/// The cache; each key is fetched by one caller at a time.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, Arc<Mutex<Option<Token>>>>>);

impl Tokens {
    /// The token under this key, fetched if there is none that lasts.
    pub(crate) async fn get<E, F>(
        &self,
        key: &str,
        now: Timestamp,
        fetch: impl FnOnce() -> F,
    ) -> Result<String, E>
    where
        F: Future<Output = Result<waybill_couriers::Token, E>>,
    {
        let place = {
            let mut tokens = self.0.lock().await;
            if tokens.len() >= TOKENS_LIMIT {
                tokens.clear();
            }
            tokens.entry(key.to_owned()).or_default().clone()
        };
        let mut token = place.lock().await;
        if let Some(token) = token.as_ref().filter(|token| now + MARGIN < token.ends_at) {
            return Ok(token.text.clone());
        }
        let fetched = fetch().await?;
        let lasts = SignedDuration::from_secs(
            i64::try_from(fetched.expires_in_seconds).unwrap_or(i64::from(i32::MAX)),
        );
        // A courier whose tokens last less than the margin still gets each of them used once.
        *token = Some(Token {
            text: fetched.access_token.clone(),
            ends_at: now + lasts,
        });
        Ok(fetched.access_token)
    }

    /// The courier refused the token.
    pub(crate) async fn drop_token(&self, key: &str) {
        self.0.lock().await.remove(key);
    }
}
