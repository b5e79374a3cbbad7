//! Long texts, packed.
//!
//! A tracking's document is two kilobytes of which all but a few hundred bytes are the same in each,
//! and every byte of a row is written twice: to the log, and when the log is copied. So documents,
//! records and bodies of events are packed against the words that they have in common.
//! Unpacking costs about as much as reading the pages that are saved.

mod words;

use std::sync::LazyLock;

use lz4_flex::block::decompress_into_with_dict;
use rusqlite::{
    Error, Row, ToSql,
    types::{ToSqlOutput, Type, Value, ValueRef},
};
use waybill_storage::Document;

use words::{Part, Words};

/// What packed texts refer to. **Never to be changed**: rows that were packed with it need it as long
/// as they stand. Better words are a second file with the next number.
static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(include_bytes!("packed/words_1.txt")));
/// The number of [`WORDS`], the first byte of what is packed.
const WORDS_NUMBER: u8 = 1;
/// The number and the length of the text, four bytes, little end first.
const HEAD_BYTES: usize = 5;
/// What an answer puts to a document that it is made of, so that there is room for it.
const ROOM_BYTES: usize = 512;
/// So much of a document's beginning is looked for where it may stand: its id is in it.
const FIRST_BYTES: usize = 40;
/// Longer texts are stored as they are, and what says that it is longer was not packed here: far more
/// than any document may have.
const LONGEST: usize = 64 * 1024 * 1024;

/// A text that is stored packed, where that is shorter.
pub struct Packed<'a>(pub &'a str);

impl ToSql for Packed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(value(packed(self.0, None), self.0))
    }
}

/// The same of one in which a document may stand that was packed: it is not packed again.
pub struct PackedAround<'a>(pub &'a str, pub Option<&'a PackedDocument<'a>>);

impl ToSql for PackedAround<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let Self(text, document) = self;
        let part = document.and_then(|document| document.part_of(text));
        Ok(value(packed(text, part), text))
    }
}

/// A document that is stored packed, where that is shorter.
pub enum PackedDocument<'a> {
    /// One that was read and not changed, as it stood.
    Read(&'a [u8]),
    /// Another, and what was packed of it.
    Written(&'a str, Option<Vec<u8>>),
}

impl<'a> PackedDocument<'a> {
    /// Packs it.
    pub fn of(document: &'a Document) -> Self {
        match document.as_text() {
            Ok(text) => Self::Written(text, packed(text, None)),
            Err(packed) => Self::Read(packed),
        }
    }

    /// Where it stands in a text, but for its end, before which answers say more.
    fn part_of(&self, text: &str) -> Option<Part<'_>> {
        let Self::Written(document, Some(packed)) = self else {
            return None;
        };
        let block = packed.get(HEAD_BYTES..)?;
        let begin = text.find(document.get(..FIRST_BYTES)?)?;
        let here = text.as_bytes().get(begin..begin + document.len())?;
        let kept = document.len().checked_sub(words::LAST_BYTES)?;
        (here[..kept] == document.as_bytes()[..kept]).then_some(Part { begin, block })
    }
}

impl ToSql for PackedDocument<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Read(packed) => ValueRef::Blob(packed),
            Self::Written(_, Some(packed)) => ValueRef::Blob(packed),
            Self::Written(text, None) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Reads a document that may be stored packed.
pub fn document(row: &Row<'_>, column: usize) -> rusqlite::Result<Document> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(packed) => Document::packed(packed, unpack),
        plain => plain.as_str()?.to_owned().into(),
    })
}

/// Reads a text that may be stored packed.
pub fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    match row.get_ref(column)? {
        ValueRef::Blob(packed) => unpack(packed)
            .map_err(|error| Error::FromSqlConversionFailure(column, Type::Blob, error.into())),
        plain => Ok(plain.as_str()?.to_owned()),
    }
}

/// A text as it is stored.
#[derive(Debug)]
pub struct StoredText {
    bytes: Box<[u8]>,
    is_packed: bool,
}

impl StoredText {
    /// One of these bytes.
    pub fn new(bytes: impl Into<Box<[u8]>>, is_packed: bool) -> Self {
        Self {
            bytes: bytes.into(),
            is_packed,
        }
    }

    /// Takes it from a row.
    pub fn from_row(row: &Row<'_>, column: usize) -> rusqlite::Result<Self> {
        Ok(match row.get_ref(column)? {
            ValueRef::Blob(packed) => Self::new(packed, true),
            plain => Self::new(plain.as_bytes()?, false),
        })
    }

    /// The text; an error where this was never packed.
    pub fn text(self) -> Result<String, String> {
        if self.is_packed {
            return unpack(&self.bytes);
        }
        String::from_utf8(self.bytes.into_vec()).map_err(|error| error.to_string())
    }

    /// Its bytes as they are stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether they are packed.
    pub fn is_packed(&self) -> bool {
        self.is_packed
    }
}

/// What is stored of a text.
fn value(packed: Option<Vec<u8>>, text: &str) -> ToSqlOutput<'_> {
    packed.map_or_else(
        || ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        |packed| ToSqlOutput::Owned(Value::Blob(packed)),
    )
}

/// `None` where it would not be shorter.
fn packed(text: &str, part: Option<Part<'_>>) -> Option<Vec<u8>> {
    let packed = (text.len() <= LONGEST).then(|| pack(text, part));
    packed.filter(|packed| packed.len() < text.len())
}

fn pack(text: &str, part: Option<Part<'_>>) -> Vec<u8> {
    let mut packed = Vec::with_capacity(HEAD_BYTES + text.len() / 3);
    packed.push(WORDS_NUMBER);
    packed.extend_from_slice(&(text.len() as u32).to_le_bytes());
    WORDS.pack(text.as_bytes(), part, &mut packed);
    packed
}

/// The text that was packed; an error where these are other bytes.
pub fn unpack(packed: &[u8]) -> Result<String, String> {
    let (head, block) = packed.split_at_checked(HEAD_BYTES).ok_or("cut short")?;
    let [WORDS_NUMBER, length @ ..] = head else {
        return Err("packed with words that this version does not have".to_owned());
    };
    let length = length.try_into().map_or(0, u32::from_le_bytes) as usize;
    if length > LONGEST {
        return Err(format!("{length} bytes are more than were ever packed"));
    }
    let mut bytes = Vec::with_capacity(length + ROOM_BYTES);
    bytes.resize(length, 0);
    let written = decompress_into_with_dict(block, &mut bytes, WORDS.text());
    let written = written.map_err(|error| error.to_string())?;
    if written != length {
        return Err(format!("{written} bytes where {length} were packed"));
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("packed/words_1.txt");

    #[test]
    fn what_was_packed_comes_back() {
        let long = "zu groß für Wörter, zu verschieden für sich selbst: ".repeat(1_000);
        for text in ["", "a", "ß", DOCUMENT, &long] {
            assert_eq!(unpack(&pack(text, None)).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_document_is_not_packed_again_within_another_text() {
        let text = format!(r#"{{"id":"0198c8f2a4b17d32","n":[{DOCUMENT}]}}"#);
        let document = Document::from(text.clone());
        let document = PackedDocument::of(&document);
        let live = format!(r#"{},"day":3}}"#, text.trim_end_matches('}'));
        let body = format!(r#"{{"event":"tracking_update","msg":{live},"ts":1}}"#);
        let part = document.part_of(&body).unwrap();
        assert_eq!(part.begin, 33);
        assert_eq!(unpack(&pack(&body, Some(part))).as_ref(), Ok(&body));
        for other in [
            &body.replace("checkpoint", "Checkpoint"),
            &body[..text.len()],
            "",
        ] {
            assert!(document.part_of(other).is_none());
        }
    }

    #[test]
    fn known_words_cost_little() {
        let packed = pack(&DOCUMENT[DOCUMENT.len() - 2_000..], None);
        assert!(packed.len() < 100, "{}", packed.len());
    }

    #[test]
    fn what_was_never_packed_is_refused() {
        let good = pack(DOCUMENT, None);
        let with = |at: usize, byte: u8| {
            let mut bad = good.clone();
            bad[at] = byte;
            bad
        };
        for bad in [vec![], vec![1, 0, 0], with(0, 2), with(4, 255), with(1, 0)] {
            assert!(unpack(&bad).is_err(), "{bad:?}");
        }
    }

    /// A broken disk must be an error, whatever it made of the bytes.
    #[test]
    fn what_was_damaged_is_refused_or_is_another_text() {
        let good = pack(DOCUMENT, None);
        for at in 0..good.len() {
            for flipped in [0x01, 0x0f, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flipped;
                let is_another = unpack(&bad).is_ok_and(|text| text.len() == DOCUMENT.len());
                assert!(is_another || unpack(&bad).is_err(), "{at}");
            }
            assert!(unpack(&good[..at]).is_err(), "{at}");
        }
    }

    /// Stored rows stand on them.
    #[test]
    fn the_words_are_the_ones_they_always_were() {
        let sum = WORDS.text().iter().fold(0u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
        });
        assert_eq!(
            (WORDS.text().len(), sum),
            (3_984, 15_976_157_037_231_633_197)
        );
    }
}
