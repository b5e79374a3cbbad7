//! Digests for couriers that want their requests signed: `hash($algorithm; $encoding)` and
//! `hmac($algorithm; $key; $encoding)` of a text. What is signed, and where the signature goes, is the
//! program's business.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jaq_json::{Error, Val};
use jaq_std::ValT as _;
use md5::{Digest, Md5};
use sha2::{Sha256, Sha512};

use crate::hex;

/// The algorithms, in the words of programs and of `courier.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// MD5; broken, and what many couriers ask for.
    Md5,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a digest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base64 with its padding.
    Base64,
}

impl Algorithm {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "md5" => Some(Self::Md5),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// The keyed digest (RFC 2104); keys of any length do.
    pub(crate) fn keyed(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => keyed::<Hmac<Md5>>(key, bytes),
            Self::Sha256 => keyed::<Hmac<Sha256>>(key, bytes),
            Self::Sha512 => keyed::<Hmac<Sha512>>(key, bytes),
        }
    }
}

fn keyed<M: KeyInit + Mac>(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    // Hmac takes keys of every length, so there is always one.
    M::new_from_slice(key)
        .map(|mut mac| {
            mac.update(bytes);
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}

impl Encoding {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "hex" => Some(Self::Hex),
            "base64" => Some(Self::Base64),
            _ => None,
        }
    }

    /// The digest as text.
    pub(crate) fn write(self, digest: &[u8]) -> String {
        match self {
            Self::Hex => hex(digest),
            Self::Base64 => STANDARD.encode(digest),
        }
    }
}

/// `hash($algorithm; $encoding)` of the input.
pub(super) fn hash(text: &Val, algorithm: &Val, encoding: &Val) -> Result<Val, Error> {
    let (algorithm, encoding) = words(algorithm, encoding)?;
    Ok(Val::from(encoding.write(&algorithm.digest(bytes(text)?))))
}

/// `hmac($algorithm; $key; $encoding)` of the input.
pub(super) fn hmac(text: &Val, algorithm: &Val, key: &Val, encoding: &Val) -> Result<Val, Error> {
    let (algorithm, encoding) = words(algorithm, encoding)?;
    let digest = algorithm.keyed(bytes(key)?, bytes(text)?);
    Ok(Val::from(encoding.write(&digest)))
}

fn words(algorithm: &Val, encoding: &Val) -> Result<(Algorithm, Encoding), Error> {
    let word = |value| std::str::from_utf8(bytes(value).ok()?).ok();
    let algorithm = word(algorithm).and_then(Algorithm::parse);
    let encoding = word(encoding).and_then(Encoding::parse);
    match (algorithm, encoding) {
        (Some(algorithm), Some(encoding)) => Ok((algorithm, encoding)),
        (None, _) => Err(Error::str("the algorithms are md5, sha256 and sha512")),
        (_, None) => Err(Error::str("the encodings are hex and base64")),
    }
}

fn bytes(value: &Val) -> Result<&[u8], Error> {
    value
        .as_utf8_bytes()
        .ok_or_else(|| Error::str("only texts are hashed"))
}
