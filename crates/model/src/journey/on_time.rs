//! Day counts that change with the clock: transit time and on-time status.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::JourneyInput;
use super::milestones::{Milestones, days_between};
use crate::zone::Zone;

/// A promised delivery date, or a range of dates; a single date is both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Promise {
    /// The earliest day.
    pub min: Date,
    /// The latest day.
    pub max: Date,
}

/// How a shipment stands against its first promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OnTime {
    /// The verdict.
    pub status: OnTimeStatus,
    /// Days off the promise: early is negative.
    pub difference: i64,
}

/// The verdict: final from the first attempt on, a trend before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum OnTimeStatus {
    OnTime,
    Early,
    Late,
    TrendingOnTime,
    TrendingEarly,
    TrendingLate,
}

impl OnTimeStatus {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnTime => "on-time",
            Self::Early => "early",
            Self::Late => "late",
            Self::TrendingOnTime => "trending-on-time",
            Self::TrendingEarly => "trending-early",
            Self::TrendingLate => "trending-late",
        }
    }
}

/// What day counts are made of: kept beside a tracking, so that they can be told for any moment
/// without deriving the journey again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockFacts {
    /// Local day of the pick-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_day: Option<Date>,
    /// Local day of the delivery that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_day: Option<Date>,
    /// Local day of the first attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt_day: Option<Date>,
    /// The first promise ever made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_promise: Option<Promise>,
    /// The present promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_promise: Option<Promise>,
    /// Where the recipient's day is told; UTC if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_zone: Option<Zone>,
}

impl ClockFacts {
    pub(super) fn new(input: &JourneyInput<'_>, milestones: &Milestones) -> Self {
        let country_zone = || {
            let name = input.destination_country?.zone_name()?;
            Zone::parse(name)
        };
        Self {
            pickup_day: milestones.pickup.as_ref().map(|time| time.date),
            delivery_day: milestones.delivery.as_ref().map(|time| time.date),
            attempt_day: milestones.first_attempt.as_ref().map(|time| time.date),
            first_promise: input.first_promise,
            latest_promise: input.latest_promise,
            destination_zone: input.destination_zone.cloned().or_else(country_zone),
        }
    }

    /// Calendar days from pick-up to delivery, else to today in UTC; `None` before the pick-up.
    pub fn transit_time(&self, now: Timestamp) -> Option<i64> {
        let today = || Offset::UTC.to_datetime(now).date();
        Some(days_between(
            self.pickup_day?,
            self.delivery_day.unwrap_or_else(today),
        ))
    }

    /// The first attempt against the first promise; before an attempt the present promise, or the
    /// recipient's today once that has passed. `None` without a first promise.
    pub fn on_time(&self, now: Timestamp) -> Option<OnTime> {
        let first = self.first_promise?;
        if let Some(day) = self.attempt_day {
            return Some(verdict(first, day, false));
        }
        let today = match &self.destination_zone {
            Some(zone) => zone.day(now),
            None => Offset::UTC.to_datetime(now).date(),
        };
        let expected = self.latest_promise.unwrap_or(first).max;
        Some(verdict(first, expected.max(today), true))
    }
}

fn verdict(promise: Promise, day: Date, trend: bool) -> OnTime {
    // A promise given the wrong way round is still a range.
    let (min, max) = (promise.min.min(promise.max), promise.max.max(promise.min));
    let (status, difference) = if day < min {
        (OnTimeStatus::Early, -days_between(day, min))
    } else if day > max {
        (OnTimeStatus::Late, days_between(max, day))
    } else {
        (OnTimeStatus::OnTime, 0)
    };
    let status = match status {
        OnTimeStatus::Early if trend => OnTimeStatus::TrendingEarly,
        OnTimeStatus::Late if trend => OnTimeStatus::TrendingLate,
        OnTimeStatus::OnTime if trend => OnTimeStatus::TrendingOnTime,
        last => last,
    };
    OnTime { status, difference }
}
