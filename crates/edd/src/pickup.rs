//! From an order to the pickup of its parcel.

use jiff::civil::{Date, DateTime, Time};

use crate::BusinessDays;

/// Where an order says none: the carrier comes at six.
pub const DEFAULT_CUTOFF: Time = Time::constant(18, 0, 0, 0);

/// An order as far as its pickup goes. All times are local at the origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// When it came in.
    pub at: DateTime,
    /// Orders after it are begun on the next business day; also when parcels are picked up.
    pub cutoff: Time,
    /// When orders are worked on.
    pub business_days: BusinessDays,
    /// How long it takes to be packed.
    pub processing: Processing,
}

/// How long an order takes to be packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processing {
    /// So many business days.
    Days(u32),
    /// So many hours of the clock within business days.
    Hours(u32),
}

impl Order {
    /// When the parcel is picked up: on the day the order is packed, at the cutoff. `None` beyond the
    /// calendar.
    pub fn pickup(&self) -> Option<DateTime> {
        let day = match self.processing {
            Processing::Days(days) => self.business_days.after(self.begun()?.date(), days)?,
            Processing::Hours(hours) => self.packed_after(hours)?,
        };
        Some(day.to_datetime(self.cutoff))
    }

    /// When work on it begins: at once, or on the next business day.
    fn begun(&self) -> Option<DateTime> {
        let today = self.at.date();
        if self.business_days.has(today) && self.at.time() <= self.cutoff {
            return Some(self.at);
        }
        let next = self.business_days.on_or_after(today.tomorrow().ok()?)?;
        Some(next.to_datetime(Time::midnight()))
    }

    fn packed_after(&self, hours: u32) -> Option<Date> {
        let begun = self.begun()?;
        let seconds = u64::from(hours) * 3_600 + seconds_of(begun.time());
        // The last second of a day is still that day's.
        let days = u32::try_from(seconds.saturating_sub(1) / 86_400).ok()?;
        self.business_days.after(begun.date(), days)
    }
}

fn seconds_of(time: Time) -> u64 {
    let part = |part: i8| u64::from(part.unsigned_abs());
    part(time.hour()) * 3_600 + part(time.minute()) * 60 + part(time.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pickup(at: &str, cutoff: &str, processing: Processing) -> String {
        let order = Order {
            at: at.parse().expect("a time"),
            cutoff: cutoff.parse().expect("a time"),
            business_days: BusinessDays::WEEK,
            processing,
        };
        order.pickup().expect("in the calendar").to_string()
    }

    #[test]
    fn the_documented_example() {
        let found = pickup("2021-07-01T15:04:05", "20:00:00", Processing::Days(0));
        assert_eq!(found, "2021-07-01T20:00:00");
    }

    #[test]
    fn after_the_cutoff_and_on_days_off_work_begins_on_the_next_business_day() {
        use Processing::{Days, Hours};
        // 2026-07-02 is a Thursday.
        for (at, processing, expected) in [
            ("2026-07-02T18:00:00", Days(0), "2026-07-02T18:00:00"),
            ("2026-07-02T18:00:01", Days(0), "2026-07-03T18:00:00"),
            ("2026-07-03T18:00:01", Days(0), "2026-07-06T18:00:00"),
            ("2026-07-04T09:00:00", Days(0), "2026-07-06T18:00:00"),
            ("2026-07-02T09:00:00", Days(1), "2026-07-03T18:00:00"),
            ("2026-07-02T09:00:00", Days(2), "2026-07-06T18:00:00"),
            ("2026-07-04T09:00:00", Days(1), "2026-07-07T18:00:00"),
            ("2026-07-02T09:00:00", Hours(0), "2026-07-02T18:00:00"),
            ("2026-07-02T09:00:00", Hours(15), "2026-07-02T18:00:00"),
            ("2026-07-02T09:00:00", Hours(16), "2026-07-03T18:00:00"),
            ("2026-07-03T09:00:00", Hours(24), "2026-07-06T18:00:00"),
            ("2026-07-04T09:00:00", Hours(24), "2026-07-06T18:00:00"),
            ("2026-07-04T09:00:00", Hours(25), "2026-07-07T18:00:00"),
        ] {
            assert_eq!(
                pickup(at, "18:00:00", processing),
                expected,
                "{at} {processing:?}"
            );
        }
    }

    #[test]
    fn the_calendar_ends_somewhere() {
        let order = Order {
            at: DateTime::MAX,
            cutoff: DEFAULT_CUTOFF,
            business_days: BusinessDays::WEEK,
            processing: Processing::Days(3),
        };
        assert_eq!(order.pickup(), None);
    }
}
