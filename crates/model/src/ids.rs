//! Newtypes for everything that identifies something. All print and serialise as their text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Longest courier slug: longer than any in use, short enough for a key.
pub const MAX_SLUG_LENGTH: usize = 64;
/// Longest id a caller may choose, as the API documents it.
pub const MAX_OWN_ID_LENGTH: usize = 128;
/// Shortest and longest tracking number: anything shorter is a typing error, no carrier prints longer.
pub const NUMBER_LENGTH: std::ops::RangeInclusive<usize> = 4..=100;
/// Hex digits of a key that make its legacy id.
pub const LEGACY_ID_DIGITS: usize = 24;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident $format:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// Reads 32 hex digits, plain or hyphenated, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                // 32 and 36 characters only: the other spellings of a UUID (braces, `urn:`) are no ids.
                if !matches!(text.len(), 32 | 36) {
                    return None;
                }
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.$format(), formatter)
            }
        }

        text_forms!($name);
    )* };
}

/// `Debug`, `Serialize` and `Deserialize` by `Display` and `parse`.
macro_rules! text_forms {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                // `into_iter` makes one of the two kinds of `parse`: `Option` and `Result`.
                Self::parse(&text)
                    .into_iter()
                    .next()
                    .ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }
    };
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        text_forms!($name);
    )* };
}

uuid_ids! {
    /// The key of a tracking: a UUIDv7, so that keys are in the order of creation.
    TrackingKey simple;
    /// An organization: the unit of isolation.
    OrganizationId simple;
    /// A webhook subscription.
    WebhookId simple;
    /// One delivery of one event to one webhook.
    DeliveryId simple;
    /// An event; receivers know it again by this id.
    EventId hyphenated;
    /// An API key (not its secret).
    ApiKeyId simple;
    /// A process that serves, from its start to its end.
    NodeId simple;
    /// A thing that an organization set up: a courier connection, a location, …
    ResourceId simple;
}

text_ids! {
    /// A courier's short name: `a–z 0–9 -`, 1–64 characters, not beginning with a hyphen.
    CourierSlug;
    /// A caller's own id of a tracking: 1–128 of `0–9 A–Z a–z _ -`.
    OwnId;
    /// A tracking number: upper case, no blanks, 4–100 of `A–Z 0–9 - . _ /`.
    TrackingNumber;
}

impl TrackingKey {
    /// The public id: 32 lower-case hex digits.
    pub fn id(&self) -> String {
        self.to_string()
    }

    /// The id of old API versions: the first 24 digits of [`Self::id`].
    pub fn legacy_id(&self) -> String {
        let mut id = self.id();
        id.truncate(LEGACY_ID_DIGITS);
        id
    }

    /// First and last key whose legacy id is `legacy`: 24 hex digits in any case, else `None`.
    pub fn prefix_range(legacy: &str) -> Option<(Self, Self)> {
        if legacy.len() != LEGACY_ID_DIGITS {
            return None;
        }
        let first = Self::parse(&format!("{legacy:0<32}"))?;
        let last = Self::parse(&format!("{legacy:f<32}"))?;
        Some((first, last))
    }
}

impl CourierSlug {
    /// Reads a slug; `None` if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=MAX_SLUG_LENGTH).contains(&text.len());
        (fits && !text.starts_with('-') && text.bytes().all(good)).then(|| Self(text.to_owned()))
    }
}

impl OwnId {
    /// Reads a caller's id; `None` if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let fits = (1..=MAX_OWN_ID_LENGTH).contains(&text.len());
        (fits && text.bytes().all(good)).then(|| Self(text.to_owned()))
    }
}

/// Why a text is no tracking number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing but blanks.
    #[error("tracking number is empty")]
    Empty,
    /// Too short or too long without its blanks.
    #[error("tracking number must have 4 to 100 characters")]
    Length,
    /// A character that no number has.
    #[error("tracking number must not contain {0:?}")]
    Character(char),
}

impl TrackingNumber {
    /// Reads a number as people type or paste it: blanks of any kind are dropped, letters raised.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let mut number = String::with_capacity(text.len().min(*NUMBER_LENGTH.end() + 1));
        for character in text.chars().filter(|character| !is_blank(*character)) {
            let raised = character.to_ascii_uppercase();
            if !matches!(raised, 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '/') {
                return Err(NumberError::Character(character));
            }
            number.push(raised);
            if number.len() > *NUMBER_LENGTH.end() {
                return Err(NumberError::Length);
            }
        }
        if number.is_empty() {
            return Err(NumberError::Empty);
        }
        if number.len() < *NUMBER_LENGTH.start() {
            return Err(NumberError::Length);
        }
        Ok(Self(number))
    }
}

/// White space, and the characters of no width that come along when a number is copied from a mail.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    #[test]
    fn a_key_prints_as_plain_hex_and_an_event_with_hyphens() {
        let key = TrackingKey::parse(KEY).expect("key");
        assert_eq!(key.id(), KEY.replace('-', ""));
        assert_eq!(key.legacy_id(), "01890a5dac96774bbcceb302");
        assert_eq!(TrackingKey::parse(&key.id().to_uppercase()), Some(key));
        assert_eq!(EventId::parse(&key.id()).expect("event").to_string(), KEY);
        for text in ["", "0189", "{01890a5d-ac96-774b-bcce-b302099a8057}"] {
            assert_eq!(TrackingKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_legacy_id_is_a_range_of_keys() {
        let key = TrackingKey::parse(KEY).expect("key");
        let (first, last) = TrackingKey::prefix_range(&key.legacy_id()).expect("range");
        assert!(first <= key && key <= last);
        assert_eq!(first.legacy_id(), last.legacy_id());
        assert!(first.id().ends_with("00000000") && last.id().ends_with("ffffffff"));
        assert_eq!(TrackingKey::prefix_range("01890a5dac96774bbcceb30"), None);
        assert_eq!(TrackingKey::prefix_range("01890a5dac96774bbcceb30g"), None);
        assert_eq!(TrackingKey::prefix_range("01890a5d-ac96-774b-bcce-"), None);
    }

    #[test]
    fn slugs_and_own_ids_keep_to_their_alphabet() {
        assert!(CourierSlug::parse("dhl-germany").is_some());
        for text in ["", "-dhl", "DHL", "a b", "é", &"a".repeat(65)] {
            assert_eq!(CourierSlug::parse(text), None, "{text}");
        }
        assert!(OwnId::parse("Order_77-b").is_some());
        for text in ["", "a b", "a.b", &"a".repeat(129)] {
            assert_eq!(OwnId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_cleaned_before_they_are_judged() {
        let number = TrackingNumber::parse(" 1z 99\u{a0}aa-1\u{200b}/x\t").expect("number");
        assert_eq!(number.as_str(), "1Z99AA-1/X");
        for (text, error) in [
            (" \u{feff} ", NumberError::Empty),
            ("abc", NumberError::Length),
            (&"9".repeat(101), NumberError::Length),
            ("ABCD#1", NumberError::Character('#')),
            ("ÄBCD1", NumberError::Character('Ä')),
        ] {
            assert_eq!(TrackingNumber::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn ids_travel_as_text() {
        let number = TrackingNumber::parse("AB 12 34").expect("number");
        let json = serde_json::to_string(&number).expect("json");
        assert_eq!(json, "\"AB1234\"");
        assert_eq!(
            serde_json::from_str::<TrackingNumber>(&json).expect("read"),
            number
        );
        assert!(serde_json::from_str::<CourierSlug>("\"No Slug\"").is_err());
        assert!(serde_json::from_str::<TrackingNumber>("\"#\"").is_err());
    }
}
