//! API keys: hashes, never the keys.

use jiff::Timestamp;
use waybill_model::{ApiKeyId, OrganizationId};

/// How a key's requests prove themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// The key alone.
    ApiKey,
    /// An HMAC-SHA256 signature with the key's secret (called AES by the API).
    Aes,
    /// An RSA-PSS signature with the owner's private key.
    Rsa,
}

impl Authentication {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ApiKey, Self::Aes, Self::Rsa];

    /// The word used on the command line and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api-key",
            Self::Aes => "aes",
            Self::Rsa => "rsa",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Identity.
    pub id: ApiKeyId,
    /// See [`crate::WriteSet`].
    pub revision: u64,
    /// Whose.
    pub organization: OrganizationId,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the whole key: a key is 32 random bytes, so no slow hash is needed.
    pub hash: [u8; 32],
    /// The first characters, to recognise it by.
    pub prefix: String,
    /// How requests prove themselves.
    pub authentication: Authentication,
    /// The encrypted secret (`aes`) or the public key in PEM (`rsa`).
    pub proof: Option<String>,
    /// What it opens.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
