//! Secrets at rest: AES-256-GCM under one master key.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest,
};

use crate::Identities;

/// Marks the form of an encrypted text, so that another can follow it.
const FORM: &str = "v1:";

/// Encrypts and decrypts what must not be readable in the database.
pub struct MasterKey(LessSafeKey);

impl MasterKey {
    /// The key of a text of any length (its SHA-256 is the key): what an operator sets or what was
    /// made at the first start.
    pub fn from_text(text: &str) -> Option<Self> {
        let hash = digest::digest(&digest::SHA256, text.trim().as_bytes());
        let key = UnboundKey::new(&AES_256_GCM, hash.as_ref()).ok()?;
        Some(Self(LessSafeKey::new(key)))
    }

    /// Encrypts; `None` only if the cipher refuses, which needs a text of gigabytes.
    pub fn seal(&self, identities: &Identities, secret: &str) -> Option<String> {
        let nonce: [u8; NONCE_LEN] = identities.bytes();
        let mut data = secret.as_bytes().to_vec();
        let sealing = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(sealing, Aad::empty(), &mut data)
            .ok()?;
        Some(format!(
            "{FORM}{}",
            STANDARD.encode([&nonce[..], &data].concat())
        ))
    }

    /// Decrypts; `None` if the text was made with another key or changed.
    pub fn open(&self, sealed: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed.strip_prefix(FORM)?).ok()?;
        let (nonce, data) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut data = data.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::empty(), &mut data).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_what_was_sealed() {
        let identities = Identities::seeded(7);
        let (key, other) = (
            MasterKey::from_text("a").unwrap(),
            MasterKey::from_text("b").unwrap(),
        );
        let sealed = key.seal(&identities, "whsec_x").unwrap();
        assert_eq!(key.open(&sealed).as_deref(), Some("whsec_x"));
        assert_eq!(other.open(&sealed), None);
        assert_ne!(key.seal(&identities, "whsec_x").unwrap(), sealed);
        assert_eq!(key.open("v1:not base64"), None);
    }
}
