//! The shape of a number: a pattern, parsed once, and how many numbers it can make.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The longest tracking number there is, normalised.
pub const LONGEST_NUMBER: usize = 100;

/// A parsed pattern: no look-around, a bounded length, anchored at both ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub(crate) hir: Hir,
    /// How likely one given number of this shape is, by length: one shared out over the lengths
    /// the shape allows and the numbers of each length. Empty places are zero.
    likelihoods: Vec<f64>,
    prefix: String,
}

impl Shape {
    /// Parses a pattern of the `regex` crate's syntax; the error says what is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let hir = ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build()
            .parse(pattern)
            .map_err(|error| format!("pattern `{pattern}`: {error}"))?;
        let properties = hir.properties();
        if !properties.look_set().is_empty() {
            return Err(format!(
                "pattern `{pattern}`: it is anchored at both ends already; leave `^`, `$` and `\\b` out"
            ));
        }
        match (properties.minimum_len(), properties.maximum_len()) {
            (Some(1..), Some(..=LONGEST_NUMBER)) => {}
            _ => {
                return Err(format!(
                    "pattern `{pattern}`: it must fit 1 to {LONGEST_NUMBER} characters"
                ));
            }
        }
        let sizes = sizes(&hir);
        let lengths = sizes.iter().filter(|size| **size > 0.0).count() as f64;
        let likelihoods = sizes
            .iter()
            .map(|size| {
                if *size > 0.0 {
                    1.0 / (size * lengths)
                } else {
                    0.0
                }
            })
            .collect();
        let prefix = leading_literal(&hir);
        Ok(Self {
            hir,
            likelihoods,
            prefix,
        })
    }

    /// How likely this very number is among those of the shape, given its length.
    pub fn likelihood(&self, length: usize) -> f64 {
        self.likelihoods.get(length).copied().unwrap_or(0.0)
    }

    /// The characters every number of the shape begins with; may be empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The length of the shortest number.
    pub fn shortest(&self) -> usize {
        self.hir.properties().minimum_len().unwrap_or(0)
    }
}

/// How many numbers of each length the pattern can make (an alternative that overlaps another
/// counts twice, which does not matter here).
fn sizes(hir: &Hir) -> Vec<f64> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![1.0],
        HirKind::Literal(literal) => {
            let mut sizes = vec![0.0; literal.0.len()];
            sizes.push(1.0);
            sizes
        }
        HirKind::Class(class) => vec![0.0, class_size(class)],
        HirKind::Capture(capture) => sizes(&capture.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .fold(vec![1.0], |before, part| joined(&before, &sizes(part))),
        HirKind::Alternation(parts) => parts
            .iter()
            .fold(Vec::new(), |before, part| added(before, &sizes(part))),
        HirKind::Repetition(repetition) => {
            let once = sizes(&repetition.sub);
            // Both bounds are at most the longest number unless the repeated part is empty.
            let bound = |times: u32| (times as usize).min(LONGEST_NUMBER);
            let mut power = vec![1.0];
            let mut all = Vec::new();
            for times in 0..=bound(repetition.max.unwrap_or(0)) {
                if times >= bound(repetition.min) {
                    all = added(all, &power);
                }
                power = joined(&power, &once);
            }
            all
        }
    }
}

/// Where digits and letters may both stand, numbers in life have a digit half of the time: such a
/// place counts as twice its digits, so that a long free part does not drown a telling prefix.
fn class_size(class: &Class) -> f64 {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(bytes) => bytes
            .iter()
            .map(|range| (u32::from(range.start()), u32::from(range.end())))
            .collect(),
        Class::Unicode(scalars) => scalars
            .iter()
            .map(|range| (u32::from(range.start()), u32::from(range.end())))
            .collect(),
    };
    let count = |wanted: std::ops::RangeInclusive<u8>| {
        let has = |byte: &u8| {
            ranges
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&u32::from(*byte)))
        };
        wanted.filter(has).count() as f64
    };
    match (count(b'0'..=b'9'), count(b'A'..=b'Z')) {
        (0.0, letters) => letters,
        (digits, 0.0) => digits,
        (digits, _) => 2.0 * digits,
    }
}

/// Sizes of one part followed by another.
fn joined(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut sizes = vec![
        0.0;
        (left.len() + right.len())
            .saturating_sub(1)
            .min(LONGEST_NUMBER + 1)
    ];
    for (i, a) in left.iter().enumerate() {
        for (size, b) in sizes.iter_mut().skip(i).zip(right) {
            *size += a * b;
        }
    }
    sizes
}

/// Sizes of one part or another.
fn added(mut left: Vec<f64>, right: &[f64]) -> Vec<f64> {
    left.resize(left.len().max(right.len()), 0.0);
    for (size, more) in left.iter_mut().zip(right) {
        *size += more;
    }
    left
}

fn leading_literal(hir: &Hir) -> String {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).into_owned(),
        HirKind::Capture(capture) => leading_literal(&capture.sub),
        HirKind::Concat(parts) => parts.first().map(leading_literal).unwrap_or_default(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihood_is_one_over_the_numbers_of_that_length() {
        let near = |pattern: &str, length: usize, expected: f64| {
            let found = Shape::parse(pattern).unwrap().likelihood(length);
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "{pattern} at {length}: {found:e}"
            );
        };
        near(r"\d{10}", 10, 1e-10);
        near(r"82\d{8}", 10, 1e-8);
        near(r"\d{9}[0-6]", 10, 1.0 / 7e9);
        near(r"[A-Z]{2}", 2, 1.0 / 676.0);
        near(r"(?:00)?37[03]\d", 6, 1.0 / 20.0 / 2.0);
        near(r"A(?:\d|\d{3})", 4, 1.0 / 1000.0 / 2.0);
        near(r"X[0-9A-Z]{2}", 3, 1.0 / 400.0);
        near(r"X\d{2,4}", 4, 1.0 / 1000.0 / 3.0);
        assert!(Shape::parse(r"\d{10}").unwrap().likelihood(11) == 0.0);
    }

    #[test]
    fn prefix_is_what_every_number_begins_with() {
        let prefix = |pattern: &str| Shape::parse(pattern).unwrap().prefix().to_owned();
        assert_eq!(prefix(r"1Z[0-9A-Z]{15}\d"), "1Z");
        assert_eq!(prefix(r"[AB]\d"), "");
        assert_eq!(prefix(r"(?:420\d{5})?92\d"), "");
    }

    #[test]
    fn refuses_what_cannot_be_a_number() {
        for pattern in [
            r"\d+",
            r"^\d{4}$",
            r"\d{4}\b",
            r"(?=1)\d",
            "",
            r"\d?",
            r"\d{101}",
            "[",
            r"[0-9]{5,}",
        ] {
            let error = Shape::parse(pattern).unwrap_err();
            assert!(error.starts_with("pattern `"), "{error}");
        }
    }
}
