//! Between Rust's values and SQLite's: ids are 16 bytes, instants microseconds, words text.

use jiff::Timestamp;
use rusqlite::{Error, Row, types::Type};
use uuid::Uuid;

/// An id as it is stored.
pub type Bytes = [u8; 16];

/// An instant as it is stored.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// An instant that may be absent.
pub fn maybe_micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(micros)
}

/// A stored instant; what no calendar reaches becomes the nearest instant it does.
pub fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// Stored unsigned numbers: SQLite's integers have a sign.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A list of texts as one text; nothing for none, which most rows have.
pub fn list_to_text(list: &[String]) -> String {
    if list.is_empty() {
        String::new()
    } else {
        serde_json::Value::from(list).to_string()
    }
}

/// Reads typed values from a row.
pub trait Columns {
    /// An id.
    fn id(&self, column: usize) -> rusqlite::Result<Uuid>;
    /// An instant.
    fn at(&self, column: usize) -> rusqlite::Result<Timestamp>;
    /// An instant that may be absent.
    fn maybe_at(&self, column: usize) -> rusqlite::Result<Option<Timestamp>>;
    /// An unsigned number.
    fn unsigned<T: TryFrom<i64>>(&self, column: usize) -> rusqlite::Result<T>;
    /// A word of a table.
    fn word<T>(&self, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T>;
    /// A word of a table that may be absent.
    fn maybe_word<T>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> rusqlite::Result<Option<T>>;
    /// A list of texts.
    fn list(&self, column: usize) -> rusqlite::Result<Vec<String>>;
    /// What is stored as JSON.
    fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> rusqlite::Result<T>;
}

impl Columns for Row<'_> {
    fn id(&self, column: usize) -> rusqlite::Result<Uuid> {
        self.get::<_, Bytes>(column).map(Uuid::from_bytes)
    }

    fn at(&self, column: usize) -> rusqlite::Result<Timestamp> {
        self.get(column).map(instant)
    }

    fn maybe_at(&self, column: usize) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.get::<_, Option<i64>>(column)?.map(instant))
    }

    fn unsigned<T: TryFrom<i64>>(&self, column: usize) -> rusqlite::Result<T> {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|_| Error::IntegralValueOutOfRange(column, number))
    }

    fn word<T>(&self, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
        let word = self.get_ref(column)?.as_str()?;
        parse(word).ok_or_else(|| unknown(column, word))
    }

    fn maybe_word<T>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> rusqlite::Result<Option<T>> {
        match self.get_ref(column)?.as_str_or_null()? {
            Some(word) => parse(word).map(Some).ok_or_else(|| unknown(column, word)),
            None => Ok(None),
        }
    }

    fn list(&self, column: usize) -> rusqlite::Result<Vec<String>> {
        if self.get_ref(column)?.as_str()?.is_empty() {
            Ok(Vec::new())
        } else {
            self.json(column)
        }
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> rusqlite::Result<T> {
        serde_json::from_str(self.get_ref(column)?.as_str()?)
            .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
    }
}

fn unknown(column: usize, word: &str) -> Error {
    let error = format!("`{word}` is no word of this table");
    Error::FromSqlConversionFailure(column, Type::Text, error.into())
}
