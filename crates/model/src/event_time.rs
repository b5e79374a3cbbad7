//! The time of a carrier's event, as the carrier told it: a date, a local time, or a time with its
//! offset. Nothing is invented: what was not said is not printed.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::countries::CountryCode;

/// Longest text read as a time: a date, a clock with nine decimals and an offset, with room.
const MAX_TEXT_LENGTH: usize = 48;

/// The last second of a day: where a date alone stands when it closes its day.
const END_OF_DAY: Time = Time::constant(23, 59, 59, 0);

/// How the offset of a time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OffsetSource {
    /// The carrier said it.
    Carrier,
    /// One clock rules the country of the event.
    Place,
    /// Not known: the time is read as UTC, and may be up to 14 hours off.
    Unknown,
}

/// A carrier's time. Printed and serialised as its text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EventTime {
    /// The text as it came, in ISO spelling.
    pub text: String,
    /// The local date.
    pub date: Date,
    /// The local clock, if there was one.
    pub time: Option<Time>,
    /// The offset, if the carrier gave one. A date alone has none.
    pub offset: Option<Offset>,
}

impl EventTime {
    /// Reads `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM[:SS[.fff]]`, and the latter with `Z` or `±HH[:]MM`;
    /// a blank may stand for the `T` and before the offset.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_TEXT_LENGTH || !text.is_ascii() {
            return None;
        }
        let (date_text, rest) = text.split_at_checked(10)?;
        let date = parse_date(date_text)?;
        if rest.is_empty() {
            return Some(Self::new(date, None, None));
        }
        let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
        let end = rest
            .bytes()
            .position(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'))
            .unwrap_or(rest.len());
        let (clock, offset_text) = rest.split_at(end);
        // A tracking that changes has all its times read: nothing is formatted that stands there.
        let mut normal = String::with_capacity(MAX_TEXT_LENGTH);
        normal.push_str(date_text);
        normal.push('T');
        let time = parse_clock(clock.trim_end(), &mut normal)?;
        let mut offset = None;
        if !offset_text.is_empty() {
            let given = parse_offset(offset_text)?;
            push_offset(&mut normal, given, offset_text.eq_ignore_ascii_case("z"));
            offset = Some(given);
        }
        Some(Self {
            text: normal,
            date,
            time: Some(time),
            offset,
        })
    }

    /// A time from its parts. An offset without a clock is dropped: a date stays a date.
    pub fn new(date: Date, time: Option<Time>, offset: Option<Offset>) -> Self {
        let offset = offset.filter(|_| time.is_some());
        let mut text = date.to_string();
        if let Some(time) = time {
            text = format!("{text}T{time}");
        }
        if let Some(offset) = offset {
            push_offset(&mut text, offset, false);
        }
        Self {
            text,
            date,
            time,
            offset,
        }
    }

    /// An instant of our own clock, in UTC with `Z`.
    pub fn from_timestamp(instant: Timestamp) -> Self {
        let local = Offset::UTC.to_datetime(instant);
        let mut time = Self::new(local.date(), Some(local.time()), None);
        time.text.push('Z');
        time.offset = Some(Offset::UTC);
        time
    }

    /// The text as the API prints it: the offset as given, none invented.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How the offset is known for an event in `country`.
    pub fn offset_source(&self, country: Option<CountryCode>) -> OffsetSource {
        if self.offset.is_some() {
            return OffsetSource::Carrier;
        }
        match country.and_then(|country| country.zone_name()) {
            Some(_) => OffsetSource::Place,
            None => OffsetSource::Unknown,
        }
    }

    /// The instant: by the offset, else by the clock of `country` if it has one clock, else read
    /// as UTC. A date alone stands at the start of its day, or at its last second if `end_of_day`.
    pub fn instant(&self, country: Option<CountryCode>, end_of_day: bool) -> Timestamp {
        let alone = if end_of_day {
            END_OF_DAY
        } else {
            Time::midnight()
        };
        let local = DateTime::from_parts(self.date, self.time.unwrap_or(alone));
        let zone = match self.offset {
            Some(offset) => TimeZone::fixed(offset),
            None => country
                .and_then(|country| country.zone())
                .unwrap_or(TimeZone::UTC),
        };
        // Only years near ±9999 fail; they are broken clocks whichever way they are read.
        zone.to_timestamp(local).unwrap_or(if self.date.year() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// The text with a clock: a date alone gets midnight.
    pub fn with_clock(&self) -> String {
        self.clocked().text
    }

    /// The same time with a clock: a date alone gets midnight.
    #[must_use]
    pub fn clocked(&self) -> Self {
        match self.time {
            Some(_) => self.clone(),
            None => Self::new(self.date, Some(Time::midnight()), None),
        }
    }
}

/// Reads `Z`, `±HH`, `±HHMM` or `±HH:MM`.
pub(crate) fn parse_offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, hours, minutes) = match *text.as_bytes() {
        [sign, h1, h2] => (sign, [h1, h2], *b"00"),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, [h1, h2], [m1, m2]),
        _ => return None,
    };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(&hours)?, digits(&minutes)?);
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

fn parse_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let year = digits(&[y1, y2, y3, y4])?;
    let (month, day) = (digits(&[m1, m2])?, digits(&[d1, d2])?);
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// Reads `HH:MM[:SS[.f…]]`, and appends it to a text with seconds and the decimals as they came.
fn parse_clock(text: &str, normal: &mut String) -> Option<Time> {
    let point = text.bytes().position(|byte| matches!(byte, b'.' | b','));
    let (whole, decimals) = match point {
        Some(point) => (text.get(..point)?, text.get(point + 1..)),
        None => (text, None),
    };
    let (hour, minute, second) = match (whole.as_bytes(), decimals) {
        (&[h1, h2, b':', m1, m2], None) => ([h1, h2], [m1, m2], None),
        (&[h1, h2, b':', m1, m2, b':', s1, s2], _) => ([h1, h2], [m1, m2], Some([s1, s2])),
        _ => return None,
    };
    let nanosecond = match decimals {
        Some(decimals) if (1..=9).contains(&decimals.len()) => {
            digits(decimals.as_bytes())? * 10_i32.pow(9 - decimals.len() as u32)
        }
        Some(_) => return None,
        None => 0,
    };
    let part = |two: [u8; 2]| i8::try_from(digits(&two)?).ok();
    let time = Time::new(
        part(hour)?,
        part(minute)?,
        second.map_or(Some(0), part)?,
        nanosecond,
    )
    .ok()?;
    normal.push_str(whole);
    if second.is_none() {
        normal.push_str(":00");
    }
    if let Some(decimals) = decimals {
        normal.push('.');
        normal.push_str(decimals);
    }
    Some(time)
}

/// A number of at most nine digits.
fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i32::from(byte - b'0'))
    })
}

fn push_offset(text: &mut String, offset: Offset, zulu: bool) {
    if zulu {
        text.push('Z');
        return;
    }
    let minutes = offset.seconds() / 60;
    text.push(if minutes < 0 { '-' } else { '+' });
    let minutes = minutes.unsigned_abs();
    push_two_digits(text, minutes / 60);
    text.push(':');
    push_two_digits(text, minutes % 60);
}

fn push_two_digits(text: &mut String, number: u32) {
    for digit in [number / 10, number % 10] {
        text.extend(char::from_digit(digit % 10, 10));
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for EventTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for EventTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for EventTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a date or time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_but_for_their_spelling() {
        for (given, kept) in [
            ("2026-05-04", "2026-05-04"),
            ("2026-05-04T09:07:31", "2026-05-04T09:07:31"),
            ("2026-05-04 09:07", "2026-05-04T09:07:00"),
            ("2026-05-04T09:07:31.250", "2026-05-04T09:07:31.250"),
            ("2026-05-04T09:07:31Z", "2026-05-04T09:07:31Z"),
            ("2026-05-04T09:07:31+00:00", "2026-05-04T09:07:31+00:00"),
            ("2026-05-04 09:07:31 -0330", "2026-05-04T09:07:31-03:30"),
            (" 2026-05-04T09:07:31+02 ", "2026-05-04T09:07:31+02:00"),
        ] {
            let time = EventTime::parse(given).expect(given);
            assert_eq!(time.to_string(), kept);
            assert_eq!(EventTime::parse(kept), Some(time));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "today",
            "2026-02-30",
            "2026-5-4",
            "2026-05-04T",
            "2026-05-04T25:00:00",
            "2026-05-04T09",
            "2026-05-04T09:07:31+99:00",
            "2026-05-04T09:07:31+02:60",
            "2026-05-04T09:07:31.",
            "2026-05-04T09:07.5",
            "2026-05-04X09:07:31",
            "２026-05-04",
        ] {
            assert_eq!(EventTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_comes_from_offset_then_country_then_utc() {
        let japan = CountryCode::parse("JPN");
        let states = CountryCode::parse("USA");
        let local = EventTime::parse("2026-05-04T09:00:00").expect("time");
        let zoned = EventTime::parse("2026-05-04T09:00:00-04:00").expect("time");
        let hour = |time: &EventTime, country| time.instant(country, false).to_string();
        assert_eq!(hour(&local, japan), "2026-05-04T00:00:00Z");
        assert_eq!(hour(&local, states), "2026-05-04T09:00:00Z");
        assert_eq!(hour(&zoned, japan), "2026-05-04T13:00:00Z");
        assert_eq!(local.offset_source(japan), OffsetSource::Place);
        assert_eq!(local.offset_source(states), OffsetSource::Unknown);
        assert_eq!(zoned.offset_source(None), OffsetSource::Carrier);
    }

    #[test]
    fn a_date_alone_opens_or_closes_its_day() {
        let date = EventTime::parse("2026-05-04").expect("date");
        let italy = CountryCode::parse("ITA");
        assert_eq!(
            date.instant(italy, false).to_string(),
            "2026-05-03T22:00:00Z"
        );
        assert_eq!(
            date.instant(italy, true).to_string(),
            "2026-05-04T21:59:59Z"
        );
        assert_eq!(date.with_clock(), "2026-05-04T00:00:00");
        assert_eq!(date.clocked().to_string(), date.with_clock());
    }

    #[test]
    fn our_own_instants_end_in_zulu() {
        let time = EventTime::from_timestamp(Timestamp::UNIX_EPOCH);
        assert_eq!(time.to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(EventTime::parse(time.as_str()), Some(time));
    }

    #[test]
    fn the_ends_of_time_do_not_fail() {
        for text in [
            "0000-01-01",
            "9999-12-31T23:59:59-12:00",
            "0000-01-01T00:00:00+14:00",
        ] {
            if let Some(time) = EventTime::parse(text) {
                let _ = time.instant(None, true);
            }
        }
    }
}
