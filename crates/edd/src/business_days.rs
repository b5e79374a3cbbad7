//! The days of the week on which work is done.

use jiff::civil::{Date, Weekday};

/// Days of the week, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BusinessDays([bool; 7]);

impl BusinessDays {
    /// Monday to Friday.
    pub const WEEK: Self = Self([true, true, true, true, true, false, false]);
    /// Monday to Saturday.
    pub const WITH_SATURDAY: Self = Self([true, true, true, true, true, true, false]);

    /// By their numbers, 1 for Monday to 7; others are ignored. `None` where that leaves none.
    pub fn of(numbers: impl IntoIterator<Item = i64>) -> Option<Self> {
        let mut days = [false; 7];
        for number in numbers {
            let place = usize::try_from(number - 1).ok();
            if let Some(day) = place.and_then(|place| days.get_mut(place)) {
                *day = true;
            }
        }
        days.contains(&true).then_some(Self(days))
    }

    /// Whether work is done on this day.
    pub fn has(self, date: Date) -> bool {
        self.has_weekday(date.weekday())
    }

    fn has_weekday(self, day: Weekday) -> bool {
        let place = usize::from(day.to_monday_zero_offset().unsigned_abs());
        self.0.get(place).copied().unwrap_or(false)
    }

    /// This day if work is done on it, else the next on which it is. `None` beyond the calendar.
    pub fn on_or_after(self, mut date: Date) -> Option<Date> {
        while !self.has(date) {
            date = date.tomorrow().ok()?;
        }
        Some(date)
    }

    /// The business day so many after this day. `None` beyond the calendar.
    pub fn after(self, date: Date, days: u32) -> Option<Date> {
        let mut date = self.on_or_after(date)?;
        for _ in 0..days {
            date = self.on_or_after(date.tomorrow().ok()?)?;
        }
        Some(date)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_off_are_left_out() {
        // 2026-07-03 is a Friday.
        let friday = date(2026, 7, 3);
        let week = BusinessDays::WEEK;
        assert_eq!(week.after(friday, 0), Some(friday));
        assert_eq!(week.after(friday, 1), Some(date(2026, 7, 6)));
        assert_eq!(week.after(friday, 6), Some(date(2026, 7, 13)));
        assert_eq!(week.after(date(2026, 7, 4), 0), Some(date(2026, 7, 6)));
        let saturday = BusinessDays::WITH_SATURDAY;
        assert_eq!(saturday.after(friday, 1), Some(date(2026, 7, 4)));
        assert_eq!(week.after(Date::MAX, 5), None);
    }

    #[test]
    fn numbers_begin_with_monday() {
        let sunday = BusinessDays::of([7]).expect("a day");
        assert!(sunday.has(date(2026, 7, 5)) && !sunday.has(date(2026, 7, 6)));
        assert_eq!(BusinessDays::of([1, 2, 3, 4, 5]), Some(BusinessDays::WEEK));
        assert_eq!(BusinessDays::of([0, 8, -1]), None);
    }
}
