//! Between Rust's values and PostgreSQL's: ids are uuid, instants microseconds, words text.

use bytes::BytesMut;
use jiff::Timestamp;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use uuid::Uuid;
use waybill_model::OrganizationId;

use crate::failure::{Failure, Result};

/// How many shards there are. Fixed for ever: it stands in every key.
pub const SHARDS: i16 = 256;

/// Where an organization's rows are: what every key begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Home {
    /// The organization's shard, from 0 to below [`SHARDS`].
    pub shard: i16,
    /// The organization.
    pub organization: Uuid,
}

impl Home {
    /// The home of an organization.
    pub fn of(organization: OrganizationId) -> Self {
        let organization = organization.as_uuid();
        Self {
            shard: shard(organization.as_bytes()),
            organization,
        }
    }
}

/// FNV-1a, 64 bits, folded: the same for ever, as it is stored.
fn shard(organization: &[u8; 16]) -> i16 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = organization.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    });
    let folded = hash
        .to_le_bytes()
        .into_iter()
        .fold(0, |folded, byte| folded ^ byte);
    i16::from(folded)
}

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

/// Stored unsigned numbers: PostgreSQL's integers have a sign.
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

/// A text from outside. PostgreSQL keeps every character but NUL, which becomes U+FFFD: a courier's
/// odd answer must not make a write fail, nor a caller's odd question a read.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a>(pub &'a str);

impl ToSql for Text<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        if memchr::memchr(0, self.0.as_bytes()).is_some() {
            self.0.replace('\0', "\u{fffd}").to_sql(kind, out)
        } else {
            self.0.to_sql(kind, out)
        }
    }

    fn accepts(kind: &Type) -> bool {
        <&str as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// Reads typed values from a row.
pub trait Columns {
    /// What PostgreSQL knows itself.
    fn value<'a, T: FromSql<'a>>(&'a self, column: usize) -> Result<T>;

    /// An instant.
    fn at(&self, column: usize) -> Result<Timestamp> {
        self.value(column).map(instant)
    }

    /// An instant that may be absent.
    fn maybe_at(&self, column: usize) -> Result<Option<Timestamp>> {
        Ok(self.value::<Option<i64>>(column)?.map(instant))
    }

    /// An unsigned number.
    fn unsigned<T: TryFrom<i64>>(&self, column: usize) -> Result<T> {
        let number: i64 = self.value(column)?;
        T::try_from(number)
            .map_err(|_| Failure::Unreadable(format!("column {column}: {number} is out of range")))
    }

    /// An unsigned number that may be absent.
    fn maybe_unsigned<T: TryFrom<i64>>(&self, column: usize) -> Result<Option<T>> {
        match self.value::<Option<i64>>(column)? {
            Some(_) => self.unsigned(column).map(Some),
            None => Ok(None),
        }
    }

    /// A word of a table.
    fn word<T>(&self, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        parse(self.value(column)?).ok_or_else(|| unknown(column))
    }

    /// A word of a table that may be absent.
    fn maybe_word<T>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.value::<Option<&str>>(column)? {
            Some(word) => parse(word).map(Some).ok_or_else(|| unknown(column)),
            None => Ok(None),
        }
    }

    /// A list of texts.
    fn list(&self, column: usize) -> Result<Vec<String>> {
        if self.value::<&str>(column)?.is_empty() {
            Ok(Vec::new())
        } else {
            self.json(column)
        }
    }

    /// What is stored as JSON.
    fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T> {
        serde_json::from_str(self.value(column)?)
            .map_err(|error| Failure::Unreadable(format!("column {column}: {error}")))
    }
}

impl Columns for Row {
    fn value<'a, T: FromSql<'a>>(&'a self, column: usize) -> Result<T> {
        Ok(self.try_get(column)?)
    }
}

fn unknown(column: usize) -> Failure {
    Failure::Unreadable(format!("column {column} holds no word of its table"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_shard_never_changes() {
        assert_eq!(shard(&[7; 16]), 16);
        assert_eq!(shard(&[8; 16]), 14);
    }

    #[test]
    fn organizations_spread_over_all_shards() {
        let mut found = [0; SHARDS as usize];
        for number in 0..25_600_u128 {
            found[shard(&(0x0a00 << 64 | number).to_be_bytes()) as usize] += 1;
        }
        assert!(
            found.iter().all(|count| (50..200).contains(count)),
            "{found:?}"
        );
    }

    #[test]
    fn a_nul_is_replaced() {
        let mut out = BytesMut::new();
        Text("a\0b").to_sql(&Type::TEXT, &mut out).unwrap();
        assert_eq!(out, "a\u{fffd}b");
    }
}
