//! How a signed request is proved: with the shared secret of the key, or with its owner's public
//! key.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{digest, hmac};
use rsa::{
    BigUint, RsaPublicKey, hazmat::rsa_encrypt, pkcs1::DecodeRsaPublicKey, pkcs8::DecodePublicKey,
    traits::PublicKeyParts,
};
use waybill_storage::{ApiKeyRow, Authentication};

use crate::Service;

/// Shorter keys can be broken; longer than the upper bound only cost time.
const KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Of SHA-256, for the message and for the mask.
const HASH_BYTES: usize = 32;

/// What the signatures of a key are checked with.
pub enum Proof {
    /// HMAC-SHA256 (called AES by the API).
    Secret(hmac::Key),
    /// RSA-PSS with SHA-256 and a salt of any length.
    PublicKey(PublicKey),
}

impl Proof {
    /// Whether the signature (base64) is one of any of these texts. Several, since clients write
    /// the text of a request in several ways.
    pub fn verifies(&self, texts: &[String], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        match self {
            // In constant time for each text.
            Self::Secret(secret) => texts
                .iter()
                .any(|text| hmac::verify(secret, text.as_bytes(), &signature).is_ok()),
            Self::PublicKey(key) => key.unmask(&signature).is_some_and(|unmasked| {
                texts
                    .iter()
                    .any(|text| unmasked.is_of(sha256(&[text.as_bytes()]).as_ref()))
            }),
        }
    }
}

/// An RSA public key of usable length.
pub struct PublicKey(RsaPublicKey);

impl PublicKey {
    /// Reads PEM: `PUBLIC KEY` or `RSA PUBLIC KEY`.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let pem = pem.trim();
        let key = RsaPublicKey::from_public_key_pem(pem)
            .ok()
            .or_else(|| RsaPublicKey::from_pkcs1_pem(pem).ok())?;
        KEY_BITS.contains(&key.n().bits()).then_some(Self(key))
    }

    /// Opens the encoded message that a signature carries (RFC 8017, 9.1.2). The salt's length is
    /// found out: clients use that of the hash, or the longest that fits.
    fn unmask(&self, signature: &[u8]) -> Option<Unmasked> {
        let bits = self.0.n().bits() - 1;
        let length = bits.div_ceil(8);
        if signature.len() != self.0.size() {
            return None;
        }
        let number = BigUint::from_bytes_be(signature);
        if number >= *self.0.n() {
            return None;
        }
        let opened = rsa_encrypt(&self.0, &number).ok()?.to_bytes_be();
        let mut encoded = vec![0; length.checked_sub(opened.len())?];
        encoded.extend(opened);
        if encoded.pop() != Some(0xbc) {
            return None;
        }
        let (masked, hash) = encoded.split_at_checked(encoded.len().checked_sub(HASH_BYTES)?)?;
        let unused = 8 * length - bits;
        let mut block = masked.to_vec();
        for (byte, mask) in block.iter_mut().zip(mask_bytes(hash, masked.len())) {
            *byte ^= mask;
        }
        if masked
            .first()
            .is_some_and(|first| unused > 0 && first >> (8 - unused) != 0)
        {
            return None;
        }
        if let Some(first) = block.first_mut() {
            *first &= 0xff >> unused;
        }
        let one = block.iter().position(|byte| *byte != 0)?;
        (block[one] == 1).then(|| Unmasked {
            salt: block[one + 1..].to_vec(),
            hash: hash.to_vec(),
        })
    }
}

/// What a signature says about its message.
struct Unmasked {
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Unmasked {
    fn is_of(&self, message_hash: &[u8]) -> bool {
        sha256(&[&[0; 8], message_hash, &self.salt]).as_ref() == self.hash
    }
}

/// MGF1 with SHA-256.
fn mask_bytes(seed: &[u8], length: usize) -> impl Iterator<Item = u8> {
    let blocks = u32::try_from(length.div_ceil(HASH_BYTES)).unwrap_or(u32::MAX);
    let seed = seed.to_vec();
    (0..blocks).flat_map(move |block| {
        let mask: [u8; HASH_BYTES] = sha256(&[&seed, &block.to_be_bytes()])
            .as_ref()
            .try_into()
            .unwrap_or_default();
        mask
    })
}

fn sha256(parts: &[&[u8]]) -> digest::Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish()
}

impl Service {
    /// What the signatures of this key are checked with; `None` for a key without signatures, or
    /// whose secret cannot be opened under the master key.
    pub fn proof_of(&self, key: &ApiKeyRow) -> Option<Proof> {
        let kept = key.proof.as_deref()?;
        match key.authentication {
            Authentication::ApiKey => None,
            Authentication::Aes => {
                let secret = self.0.master_key.open(kept)?;
                let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                Some(Proof::Secret(secret))
            }
            Authentication::Rsa => PublicKey::from_pem(kept).map(Proof::PublicKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApFRVuxktwMBw2R2JEoQ0
lWuuzqXUfb5a41LpunjMYYgxN081QPBUUsv0q0YoxegNOgbrgDzMMek3M2QDj+ke
dP+yCzkmTbDLvzaAKn3TyuIp+ahe4Yie9ULH9uLwV9sUr1fQm6gZOOGqUVAbv+yY
TcrxMF/MO/lL0wLaoqh5HuLl46fougTkStcig39pqBOEmUBN+HU9vquAsjGvmUZm
fy8Yorg5kWh+yllwMbxrS3OvRGyc32RjFCDnTGUAiyJX45TuhzK7Rpx4iA830pMZ
sWMnracVmlc6pRcuQxYlC2m0hjHguRv602GAlbimWqu/9PeSn0HnAq1CX0gTPyhz
HQIDAQAB
-----END PUBLIC KEY-----";
    const SIGNED: &str = "GET\n\n\nThu, 15 Jan 2026 10:30:00 GMT\nas-api-key:test-key\n/tracking/2026-07/trackings/abc";
    const SIGNATURE: &str = "QMseOGg1aCdK3vpjary+3xl8S++V3ba+mzNLhdb60x0l1/IpHzXOwjSj1cLO+vb2dtzl8Rcj7r0RxTEzUOAAxhS1HK4sYRvyWYdKl3Tz8u49mve+BvFs4iU+doFNtgXKS2/ZY3FHcpy5/hEb99rCJpHb/K5IvPYCuR9xjZt3Ufs5A42TOOqNCaQcbzSnrpzbhQuujaH1Zhx4K3fW9UZbI7Ob31y4yDVUSHeruxKvCSsGoO8Ezc6iu69LrTth3tTKH954Jxo9GkTccTyTymMR4JMPA1pprZuK9O3sPxNxYYVe+AhP17wV5bfCDhiojIx7Y8lIV2hJZIw0V5SIBHD6KQ==";

    #[test]
    fn a_signature_of_the_published_clients_is_accepted_and_a_changed_one_is_not() {
        let proof = Proof::PublicKey(PublicKey::from_pem(PEM).unwrap());
        assert!(proof.verifies(&["other".to_owned(), SIGNED.to_owned()], SIGNATURE));
        assert!(!proof.verifies(&[SIGNED.replace("abc", "abd")], SIGNATURE));
        for wrong in ["", "AAAA", "not base64!", &SIGNATURE.replacen('Q', "R", 1)] {
            assert!(!proof.verifies(&[SIGNED.to_owned()], wrong), "{wrong}");
        }
    }

    #[test]
    fn any_length_of_salt_is_found_out() {
        use rsa::{
            RsaPrivateKey,
            pss::BlindedSigningKey,
            signature::{RandomizedSigner, SignatureEncoding},
        };
        let mut random = rsa::rand_core::OsRng;
        let key = RsaPrivateKey::new(&mut random, 2048).unwrap();
        let proof = Proof::PublicKey(PublicKey(key.to_public_key()));
        for salt in [0, 20, 32, 222] {
            let signer =
                BlindedSigningKey::<rsa::sha2::Sha256>::new_with_salt_len(key.clone(), salt);
            let signature = signer.sign_with_rng(&mut random, SIGNED.as_bytes());
            let signature = STANDARD.encode(signature.to_bytes());
            assert!(proof.verifies(&[SIGNED.to_owned()], &signature), "{salt}");
            assert!(!proof.verifies(&["other".to_owned()], &signature), "{salt}");
        }
    }

    #[test]
    fn only_usable_keys_are_taken() {
        assert!(PublicKey::from_pem(PEM).is_some());
        for wrong in [
            "",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "text",
        ] {
            assert!(PublicKey::from_pem(wrong).is_none());
        }
    }

    #[test]
    fn a_secret_proves_by_its_bytes() {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, b"test-secret");
        let text = "GET\n\n\nThu, 15 Jan 2026 10:30:00 GMT\nas-api-key:test-key\nas-store-id:store 1\n/tracking/2026-07/trackings/abc";
        let proof = Proof::Secret(secret);
        assert!(proof.verifies(
            &[text.to_owned()],
            "1YAVWJJ7/q+0K+o4kqm9i4Sfsev7mx2zZ46nnShQE9U="
        ));
        assert!(!proof.verifies(
            &[text.to_owned()],
            "khmr0C2FfnujATYVbXpsvYr5WiGrt9SijT19OwxtANc="
        ));
    }
}
