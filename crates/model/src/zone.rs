//! A time zone as text: an IANA name or a fixed offset.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event_time::parse_offset;

/// A zone that exists, kept as the text it was given as (`Europe/Rome`, `-05:00`, `Z`).
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    text: String,
    zone: TimeZone,
}

impl Zone {
    /// Reads an IANA name or an offset; `None` if there is no such zone.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let zone = match parse_offset(text) {
            Some(offset) => TimeZone::fixed(offset),
            None => TimeZone::get(text).ok()?,
        };
        Some(Self {
            text: text.to_owned(),
            zone,
        })
    }

    /// The text it was given as.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The civil date at `instant` in this zone.
    pub fn day(&self, instant: Timestamp) -> Date {
        self.zone.to_datetime(instant).date()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no such time zone"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_tells_its_own_day() {
        let late: Timestamp = "2026-05-10T23:30:00Z".parse().expect("timestamp");
        for (zone, day) in [
            ("Asia/Tokyo", "2026-05-11"),
            ("-03:00", "2026-05-10"),
            ("Z", "2026-05-10"),
        ] {
            let zone = Zone::parse(zone).expect("zone");
            assert_eq!(zone.day(late).to_string(), day);
        }
        assert_eq!(Zone::parse("Middle/Earth"), None);
    }
}
