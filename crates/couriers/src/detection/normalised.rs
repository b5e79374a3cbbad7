//! A number as detection reads it, on the stack.

use crate::numbers::LONGEST_NUMBER;

/// Upper case, without blanks and invisible characters; once with hyphens and once without.
pub(super) struct Normalised {
    kept: Text,
    compact: Text,
}

struct Text {
    bytes: [u8; LONGEST_NUMBER],
    length: usize,
}

impl Normalised {
    /// `None` for what cannot be a number: too long, or characters that no format has.
    pub(super) fn new(number: &str) -> Option<Self> {
        let mut normalised = Self {
            kept: Text::empty(),
            compact: Text::empty(),
        };
        for character in number.chars() {
            if character.is_whitespace() || is_invisible(character) {
                continue;
            }
            let byte = u8::try_from(character)
                .ok()
                .filter(u8::is_ascii_graphic)?
                .to_ascii_uppercase();
            normalised.kept.push(byte)?;
            if byte != b'-' {
                normalised.compact.push(byte)?;
            }
        }
        Some(normalised)
    }

    /// Without hyphens.
    pub(super) fn compact(&self) -> &[u8] {
        self.compact.as_bytes()
    }

    /// With its hyphens, if it has any.
    pub(super) fn hyphenated(&self) -> Option<&[u8]> {
        (self.kept.length > self.compact.length).then(|| self.kept.as_bytes())
    }
}

impl Text {
    fn empty() -> Self {
        Self {
            bytes: [0; LONGEST_NUMBER],
            length: 0,
        }
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Characters without width that come along when a number is copied from a page.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_hyphens_and_invisible_characters() {
        let number = Normalised::new(" 1z 99-9\u{200b}aa\u{a0}1 ").unwrap();
        assert_eq!(number.compact(), b"1Z999AA1");
        assert_eq!(number.hyphenated(), Some(&b"1Z99-9AA1"[..]));
        assert_eq!(Normalised::new("1z99").unwrap().hyphenated(), None);
    }

    #[test]
    fn what_cannot_be_a_number() {
        assert!(Normalised::new(&"1".repeat(LONGEST_NUMBER)).is_some());
        assert!(Normalised::new(&"1".repeat(LONGEST_NUMBER + 1)).is_none());
        assert!(Normalised::new("12é4").is_none());
    }
}
