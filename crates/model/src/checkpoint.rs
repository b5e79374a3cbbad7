//! A checkpoint as it was learned. Checkpoints are kept for ever; what does not count is marked by
//! [`crate::derive()`], never deleted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::countries::CountryCode;
use crate::event_time::EventTime;
use crate::ids::CourierSlug;
use crate::status::SubStatus;

/// Answers in a row that must lack a checkpoint before it counts as withdrawn by the carrier:
/// one may be a hiccup.
pub const MISSING_UNTIL_WITHDRAWN: u8 = 2;

/// Hex digits of a checkpoint's hash.
const HASH_DIGITS: usize = 32;

/// One scan of one carrier, already classified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Identity: see [`Checkpoint::hash_of`]; 32 hex digits.
    pub hash: String,
    /// The carrier that told it.
    pub slug: CourierSlug,
    /// The piece of a multi-piece shipment, as the carrier numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<String>,
    /// When it happened, as the carrier told it.
    pub time: EventTime,
    /// The carrier's own code, untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it means. Never Pending or Expired: those have no checkpoint behind them.
    pub sub_status: SubStatus,
    /// The carrier's text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The place as one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, province or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    /// Where on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinate: Option<Coordinate>,
    /// Who signed, as the carrier wrote it: may be a place or a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// Finer events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<CheckpointEvent>,
    /// Who told us.
    #[serde(default, skip_serializing_if = "CheckpointSource::is_carrier")]
    pub source: CheckpointSource,
    /// When we learned it.
    pub seen_at: Timestamp,
    /// The carrier took it back: see [`Checkpoint::missed`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// Successful, complete answers in a row that lacked it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missing_count: u8,
}

/// A point on the map, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coordinate {
    /// North positive.
    pub latitude: f64,
    /// East positive.
    pub longitude: f64,
}

/// A finer event within a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CheckpointEvent {
    /// What happened, such as `delivered_to_neighbor`.
    pub code: String,
    /// Why, such as `outside_delivery_limits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Who told us of a checkpoint.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum CheckpointSource {
    /// The carrier.
    #[default]
    Carrier,
    /// A person, by marking the tracking as completed.
    User,
}

impl CheckpointSource {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::User => "user",
        }
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_carrier(&self) -> bool {
        matches!(self, Self::Carrier)
    }
}

impl Checkpoint {
    /// The identity of a scan, from what the carrier said at its first appearance: the first 32
    /// hex digits of SHA-256 over the fields, separated by U+001F; an absent field is empty.
    pub fn hash_of(
        slug: &CourierSlug,
        piece: Option<&str>,
        time_text: &str,
        code: Option<&str>,
        message: &str,
        location: Option<&str>,
    ) -> String {
        let fields = [
            slug.as_str(),
            piece.unwrap_or(""),
            time_text,
            code.unwrap_or(""),
            message,
            location.unwrap_or(""),
        ];
        let digest = Sha256::digest(fields.join("\u{1f}"));
        let mut hex = String::with_capacity(HASH_DIGITS);
        for byte in digest.iter().take(HASH_DIGITS / 2) {
            for digit in [byte >> 4, byte & 15] {
                hex.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        hex
    }

    /// A successful, complete answer lacked this checkpoint. True if that makes it withdrawn.
    /// Never call it for a partial answer, an error, or a feed that sends only news.
    pub fn missed(&mut self) -> bool {
        self.missing_count = self.missing_count.saturating_add(1);
        let newly = !self.withdrawn && self.missing_count >= MISSING_UNTIL_WITHDRAWN;
        self.withdrawn |= newly;
        newly
    }

    /// An answer had this checkpoint. True if it had been withdrawn before.
    pub fn found(&mut self) -> bool {
        self.missing_count = 0;
        std::mem::take(&mut self.withdrawn)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(count: &u8) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Checkpoint {
        let slug = CourierSlug::parse("post-nord").expect("slug");
        let time = EventTime::parse("2026-04-01T08:00:00+02:00").expect("time");
        Checkpoint {
            hash: Checkpoint::hash_of(&slug, None, time.as_str(), None, "Hämtat", None),
            slug,
            piece: None,
            time,
            code: None,
            sub_status: SubStatus::IN_TRANSIT_002,
            message: "Hämtat".to_owned(),
            location: None,
            city: None,
            state: None,
            postal_code: None,
            country: None,
            coordinate: None,
            signed_by: None,
            events: Vec::new(),
            source: CheckpointSource::Carrier,
            seen_at: Timestamp::UNIX_EPOCH,
            withdrawn: false,
            missing_count: 0,
        }
    }

    #[test]
    fn what_is_empty_is_not_stored() {
        let checkpoint = sample();
        let json = serde_json::to_value(&checkpoint).expect("json");
        let keys: Vec<_> = json.as_object().expect("object").keys().cloned().collect();
        assert_eq!(
            keys,
            ["hash", "message", "seen_at", "slug", "sub_status", "time"]
        );
        let read: Checkpoint = serde_json::from_value(json).expect("read");
        assert_eq!(read, checkpoint);
    }

    #[test]
    fn the_hash_has_32_digits_and_fields_do_not_run_together() {
        let slug = CourierSlug::parse("gls").expect("slug");
        let hash =
            |code, message| Checkpoint::hash_of(&slug, None, "2026-04-01", code, message, None);
        assert_eq!(hash(None, "").len(), 32);
        assert_ne!(hash(Some("a"), "b"), hash(None, "ab"));
        assert_eq!(hash(Some("a"), "b"), hash(Some("a"), "b"));
    }

    #[test]
    fn missing_twice_running_is_withdrawn_and_seen_again_is_not() {
        let mut checkpoint = sample();
        assert!(!checkpoint.missed());
        assert!(!checkpoint.found());
        assert!(!checkpoint.missed());
        assert!(checkpoint.missed() && checkpoint.withdrawn);
        assert!(!checkpoint.missed());
        assert!(checkpoint.found() && !checkpoint.withdrawn);
    }
}
