//! A text with places for what differs between trackings.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
};

/// Length of `2026-01-15`.
const DATE: usize = 10;
/// Length of `2026-01-15T12:00:00`.
const DATE_TIME: usize = 19;

/// What the template says where each tracking says something of its own.
#[derive(Debug, Clone, Copy)]
pub struct Marks<'a> {
    /// 32 hex digits; their first 24 are the legacy id.
    pub id: &'a str,
    /// The tracking number.
    pub number: &'a str,
    /// The order.
    pub order: &'a str,
}

/// A text cut at its places.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    places: Vec<(std::ops::Range<usize>, Place)>,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Id,
    LegacyId,
    Number,
    Order,
    /// A civil date and time; what follows (a fraction, an offset) stays.
    DateTime(DateTime),
    Date(Date),
}

impl Pattern {
    /// Finds the places of a template's text.
    pub fn new(text: String, marks: &Marks<'_>) -> Self {
        let legacy = marks.id.get(..24).unwrap_or(marks.id);
        let words = [
            (marks.id, Place::Id),
            (legacy, Place::LegacyId),
            (marks.number, Place::Number),
            (marks.order, Place::Order),
        ];
        let mut places = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            if rest.is_empty() {
                break;
            }
            let found = words
                .iter()
                .find(|(word, _)| rest.starts_with(word))
                .map(|(word, place)| (at..at + word.len(), *place))
                .or_else(|| time_at(rest).map(|(length, place)| (at..at + length, place)));
            at = match found {
                Some((range, place)) => {
                    let end = range.end;
                    places.push((range, place));
                    end
                }
                None => at + rest.chars().next().map_or(1, char::len_utf8),
            };
        }
        Self { text, places }
    }

    /// The text with these marks, its times moved.
    pub fn print(&self, marks: &Marks<'_>, moved: &mut Moved) -> String {
        let mut printed = String::with_capacity(self.text.len() + 64);
        let mut at = 0;
        for (range, place) in &self.places {
            printed.push_str(&self.text[at..range.start]);
            match place {
                Place::Id => printed.push_str(marks.id),
                Place::LegacyId => printed.push_str(&marks.id[..24]),
                Place::Number => printed.push_str(marks.number),
                Place::Order => printed.push_str(marks.order),
                Place::DateTime(time) => printed.push_str(moved.text(*time)),
                Place::Date(date) => printed.push_str(&moved.text(date.at(12, 0, 0, 0))[..DATE]),
            }
            at = range.end;
        }
        printed.push_str(&self.text[at..]);
        printed
    }
}

/// Civil times moved by one duration, each printed once.
#[derive(Debug, Default)]
pub struct Moved {
    by: SignedDuration,
    known: Vec<(DateTime, String)>,
}

impl Moved {
    /// Moves all times by so much from here on.
    pub fn by(&mut self, by: SignedDuration) {
        self.by = by;
        self.known.clear();
    }

    /// An instant of the template, moved.
    pub fn instant(&self, at: Timestamp) -> Timestamp {
        at.saturating_add(self.by).unwrap_or(at)
    }

    fn text(&mut self, time: DateTime) -> &str {
        let position = self.known.iter().position(|(known, _)| *known == time);
        let position = position.unwrap_or_else(|| {
            let moved = time.saturating_add(self.by);
            self.known.push((time, format_time(moved)));
            self.known.len() - 1
        });
        &self.known[position].1
    }
}

/// Printed by hand: it is most of what making a tracking costs.
fn format_time(time: DateTime) -> String {
    let mut text = String::with_capacity(DATE_TIME);
    let century = (time.year() / 100) as i8;
    let parts = [
        (None, century),
        (None, (time.year() % 100) as i8),
        (Some('-'), time.month()),
        (Some('-'), time.day()),
        (Some('T'), time.hour()),
        (Some(':'), time.minute()),
        (Some(':'), time.second()),
    ];
    for (sign, value) in parts {
        text.extend(sign);
        for digit in [value / 10, value % 10] {
            text.push(char::from(b'0' + digit.unsigned_abs()));
        }
    }
    text
}

fn time_at(rest: &str) -> Option<(usize, Place)> {
    // Most positions fail here: the templates are of this century.
    if !rest.starts_with("20") {
        return None;
    }
    let date: Date = rest.get(..DATE)?.parse().ok()?;
    let time = rest
        .get(..DATE_TIME)
        .filter(|text| text.as_bytes()[DATE] == b'T')
        .and_then(|text| text.parse().ok());
    Some(match time {
        Some(time) => (DATE_TIME, Place::DateTime(time)),
        None => (DATE, Place::Date(date)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_replaced_and_times_move() {
        let id = "0123456789abcdef0123456789abcdef";
        let text = format!(
            r#"{{"id":"{id}","legacy":"{}","slug":"ups","at":"2026-01-31T23:59:58+02:00","due":"2026-01-31","url":"https://x/N1?o=O1"}}"#,
            &id[..24]
        );
        let marks = Marks {
            id,
            number: "N1",
            order: "O1",
        };
        let pattern = Pattern::new(text, &marks);
        let mut moved = Moved::default();
        moved.by(SignedDuration::from_secs(24 * 3600 + 2));
        let other = "ffffffffffffffffffffffffffffffff";
        let printed = pattern.print(
            &Marks {
                id: other,
                number: "N22",
                order: "O22",
            },
            &mut moved,
        );
        assert_eq!(
            printed,
            format!(
                r#"{{"id":"{other}","legacy":"{}","slug":"ups","at":"2026-02-02T00:00:00+02:00","due":"2026-02-01","url":"https://x/N22?o=O22"}}"#,
                &other[..24]
            )
        );
    }
}
