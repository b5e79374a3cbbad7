//! Check digits: one table of algorithms, and where in a number the check stands.

use serde::Deserialize;

/// How a number proves itself: an algorithm over the serial, and the character that must come out.
///
/// The serial is the number without its first `skip` characters, without the check character and
/// without the `after` characters behind that.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Which rule of the table.
    pub algorithm: Algorithm,
    /// Weights from the left, repeated as often as needed; only for the weighted algorithms.
    #[serde(default)]
    pub weights: Vec<u32>,
    /// Characters at the start that do not count.
    #[serde(default)]
    pub skip: usize,
    /// Characters behind the check character.
    #[serde(default)]
    pub after: usize,
    /// Characters that count as if they stood before the serial (an identifier the label leaves out).
    #[serde(default)]
    pub prepend: String,
}

/// The known algorithms. To add one: a variant here and its row in `rule`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// GS1: weights 3, 1, 3 … from the right, sum and check digit together a multiple of ten.
    Gs1,
    /// Weights from the left, sum and check digit together a multiple of ten.
    WeightedMod10,
    /// Weights from the left, sum modulo 11, then modulo 10.
    #[serde(rename = "weighted_mod11_mod10")]
    WeightedMod11Mod10,
    /// The serial as one integer, modulo 7.
    Mod7,
    /// Luhn: every second digit from the right doubled and digit-summed.
    Luhn,
    /// UPU S10: weights 8 6 4 2 3 5 9 7, eleven minus the sum modulo 11, with 10 → 0 and 11 → 5.
    S10,
    /// ISO 7064 MOD 37,36 over digits and letters.
    #[serde(rename = "iso7064_mod37_36")]
    Iso7064Mod37And36,
}

/// The longest serial with what is prepended: a number has at most 100 characters, a prefix a few.
const LONGEST_SERIAL: usize = 128;

impl Check {
    /// The check of S10 identifiers: two letters, eight digits, the check digit, two letters.
    pub fn s10() -> Self {
        Self {
            algorithm: Algorithm::S10,
            weights: Vec::new(),
            skip: 2,
            after: 2,
            prepend: String::new(),
        }
    }

    /// Whether the number (normalised, ASCII) carries the check character it should.
    pub fn agrees(&self, number: &[u8]) -> bool {
        let found = number
            .len()
            .checked_sub(self.after + 1)
            .and_then(|at| number.get(at));
        found.is_some() && found.copied() == self.expected(number)
    }

    /// The check character that this number should carry; `None` if it is too short or too long.
    pub fn expected(&self, number: &[u8]) -> Option<u8> {
        let end = number.len().checked_sub(self.after + 1)?;
        let serial = number
            .get(self.skip..end)
            .filter(|serial| !serial.is_empty())?;
        let rule = self.algorithm.rule();
        if self.prepend.is_empty() {
            return Some((rule.expected)(serial, &self.weights));
        }
        let mut whole = [0; LONGEST_SERIAL];
        let length = self.prepend.len() + serial.len();
        whole
            .get_mut(..self.prepend.len())?
            .copy_from_slice(self.prepend.as_bytes());
        whole
            .get_mut(self.prepend.len()..length)?
            .copy_from_slice(serial);
        Some((rule.expected)(&whole[..length], &self.weights))
    }

    /// A foreign number passes one time in this many.
    pub fn one_in(&self) -> f64 {
        f64::from(self.algorithm.rule().characters)
    }

    /// The shortest number this check can be applied to.
    pub fn shortest_number(&self) -> usize {
        self.skip.saturating_add(self.after).saturating_add(2)
    }

    /// Why this check cannot be used, if so.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.algorithm.rule().weighted == self.weights.is_empty() {
            return Some("check: `weights` belong to the weighted algorithms, and to them only");
        }
        // Sums stay far from overflow: 128 characters × 35 × 1000.
        if self.weights.iter().any(|weight| *weight > 1000) {
            return Some("check: a weight is over 1000");
        }
        if !self
            .prepend
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
        {
            return Some("check: `prepend` takes digits and letters");
        }
        None
    }
}

/// One row of the table.
struct Rule {
    /// How many different check characters there are.
    characters: u8,
    /// Whether the algorithm takes weights.
    weighted: bool,
    /// The check character of a serial.
    expected: fn(serial: &[u8], weights: &[u32]) -> u8,
}

impl Algorithm {
    /// The table.
    fn rule(self) -> Rule {
        let rule = |characters, weighted, expected| Rule {
            characters,
            weighted,
            expected,
        };
        match self {
            Self::Gs1 => rule(10, false, gs1),
            Self::WeightedMod10 => rule(10, true, weighted_mod10),
            Self::WeightedMod11Mod10 => rule(10, true, weighted_mod11_mod10),
            Self::Mod7 => rule(7, false, mod7),
            Self::Luhn => rule(10, false, luhn),
            Self::S10 => rule(10, false, s10),
            Self::Iso7064Mod37And36 => rule(36, false, iso7064_mod37_36),
        }
    }
}

fn gs1(serial: &[u8], _: &[u32]) -> u8 {
    digit(complement(serial.iter().rev().zip([3, 1].iter().cycle())))
}

fn weighted_mod10(serial: &[u8], weights: &[u32]) -> u8 {
    digit(complement(serial.iter().zip(weights.iter().cycle())))
}

fn weighted_mod11_mod10(serial: &[u8], weights: &[u32]) -> u8 {
    digit(sum(serial.iter().zip(weights.iter().cycle())) % 11 % 10)
}

fn mod7(serial: &[u8], _: &[u32]) -> u8 {
    digit(
        serial
            .iter()
            .fold(0, |rest, byte| (rest * 10 + value(*byte)) % 7),
    )
}

fn luhn(serial: &[u8], _: &[u32]) -> u8 {
    let doubled = |(at, byte): (usize, &u8)| {
        let product = if at % 2 == 0 {
            value(*byte) * 2
        } else {
            value(*byte)
        };
        product / 10 + product % 10
    };
    let sum: u32 = serial.iter().rev().enumerate().map(doubled).sum();
    digit((10 - sum % 10) % 10)
}

fn s10(serial: &[u8], _: &[u32]) -> u8 {
    let rest = sum(serial.iter().zip([8, 6, 4, 2, 3, 5, 9, 7].iter().cycle())) % 11;
    match 11 - rest {
        10 => b'0',
        11 => b'5',
        check => digit(check),
    }
}

fn iso7064_mod37_36(serial: &[u8], _: &[u32]) -> u8 {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let place = |byte: u8| {
        ALPHABET
            .iter()
            .position(|known| *known == byte)
            .unwrap_or(0)
    };
    let product = serial.iter().fold(36, |product, byte| {
        let sum = (product + place(*byte)) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    ALPHABET[(37 - product) % 36]
}

/// Ten minus the weighted sum modulo ten, with 10 → 0.
fn complement<'a>(weighted: impl Iterator<Item = (&'a u8, &'a u32)>) -> u32 {
    (10 - sum(weighted) % 10) % 10
}

fn sum<'a>(weighted: impl Iterator<Item = (&'a u8, &'a u32)>) -> u32 {
    weighted.map(|(byte, weight)| value(*byte) * weight).sum()
}

/// A digit counts as itself, a letter as its ASCII code minus three, modulo ten (A = 2), which is
/// how the carriers that mix letters into weighted sums do it.
fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - 3) % 10,
        _ => 0,
    }
}

/// The ASCII digit of a value below ten.
fn digit(value: u32) -> u8 {
    b'0' + (value % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(algorithm: Algorithm, weights: &[u32]) -> Check {
        Check {
            algorithm,
            weights: weights.to_vec(),
            skip: 0,
            after: 0,
            prepend: String::new(),
        }
    }

    /// Worked by hand.
    #[test]
    fn known_check_characters() {
        let cases = [
            (check(Algorithm::Gs1, &[]), "4006381333931"), // the GS1 textbook's EAN-13
            (check(Algorithm::WeightedMod10, &[4, 9]), "100000000006"), // 10 - 4
            (check(Algorithm::WeightedMod11Mod10, &[3, 1, 7]), "1110"), // 3 + 1 + 7 = 11
            (check(Algorithm::Mod7, &[]), "100000000004"), // 10^10 = 10^6 · 10^4, and 10^6 leaves 1
            (check(Algorithm::Luhn, &[]), "79927398713"),  // Luhn's own example
            (check(Algorithm::S10, &[]), "473124829"),     // the example of the UPU standard
            (
                check(Algorithm::Iso7064Mod37And36, &[]),
                "A12425GABC1234002M",
            ), // ISO 7064's example
        ];
        for (check, number) in cases {
            assert!(
                check.agrees(number.as_bytes()),
                "{number} by {:?}",
                check.algorithm
            );
        }
    }

    #[test]
    fn what_is_prepended_counts() {
        let plain = check(Algorithm::Gs1, &[]);
        let prepending = Check {
            prepend: "91".into(),
            ..plain.clone()
        };
        assert_eq!(prepending.expected(b"70460?"), plain.expected(b"9170460?"));
        assert_ne!(prepending.expected(b"70460?"), plain.expected(b"70460?"));
    }

    #[test]
    fn too_short_never_agrees() {
        for number in ["", "1", "RA", "RAGB", "RA5GB"] {
            assert!(!Check::s10().agrees(number.as_bytes()), "{number}");
        }
    }

    #[test]
    fn one_wrong_digit_is_seen() {
        // The single-digit errors that each algorithm promises to see, on a serial of our own.
        let serial = b"20460731";
        for (algorithm, weights) in [
            (Algorithm::Gs1, &[][..]),
            (Algorithm::Luhn, &[]),
            (Algorithm::Iso7064Mod37And36, &[]),
        ] {
            let check = check(algorithm, weights);
            let mut number = serial.to_vec();
            number.push(b'0');
            let right = check.expected(&number).unwrap();
            number[8] = right;
            for at in 0..8 {
                for other in b'0'..=b'9' {
                    let mut wrong = number.clone();
                    wrong[at] = other;
                    assert_eq!(check.agrees(&wrong), other == number[at], "{algorithm:?}");
                }
            }
        }
    }
}
