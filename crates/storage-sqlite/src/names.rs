//! Names: by what a tracking is found.

use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::TrackingKey;
use waybill_storage::{Conflict, Name, NameQuery, NameRow};

use crate::{
    organization_numbers::Organization,
    values::{Bytes, Columns},
    write_set::{Step, Stop, expect},
};

/// The kinds of names, as stored.
const NUMBER: u8 = 0;
const OWN_ID: u8 = 1;

/// A name as its columns.
struct Parts<'a> {
    kind: u8,
    name: &'a str,
    slug: &'a str,
    discriminator: &'a str,
}

impl<'a> From<&'a Name> for Parts<'a> {
    fn from(name: &'a Name) -> Self {
        match name {
            Name::Number {
                number,
                slug,
                discriminator,
            } => Self {
                kind: NUMBER,
                name: number,
                slug,
                discriminator,
            },
            Name::OwnId(id) => Self {
                kind: OWN_ID,
                name: id,
                slug: "",
                discriminator: "",
            },
        }
    }
}

/// Who has a name, and its row. One statement that looked before it wrote would read the table it writes to:
/// SQLite copies what such a statement reads into a table of its own, which costs more than both.
const HOLDER: &str =
    "SELECT tracking FROM names WHERE hash = ?1 AND organization = ?2 AND kind = ?3
    AND name = ?4 AND slug = ?5 AND discriminator = ?6";
const INSERT: &str =
    "INSERT INTO names (hash, organization, kind, name, slug, discriminator, tracking)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// For the test of plans.
#[cfg(test)]
pub const STATEMENTS: [&str; 2] = [HOLDER, INSERT];

/// Writes a name; it must be free, or the tracking's already.
pub fn put(connection: &Connection, organization: &Organization, row: &NameRow) -> Step {
    let Parts {
        kind,
        name,
        slug,
        discriminator,
    } = Parts::from(&row.name);
    let hash = hash(&organization.id, kind, name);
    let holder = connection
        .prepare_cached(HOLDER)?
        .query_row(
            params![hash, organization.number, kind, name, slug, discriminator],
            |row| row.id(0).map(TrackingKey::from_uuid),
        )
        .optional()?;
    match holder {
        Some(holder) => expect(holder == row.tracking, Conflict::NameTaken(holder)),
        None => connection
            .prepare_cached(INSERT)?
            .execute(params![
                hash,
                organization.number,
                kind,
                name,
                slug,
                discriminator,
                row.tracking.as_uuid().into_bytes(),
            ])
            .map(drop)
            .map_err(Stop::Failed),
    }
}

/// Releases a name, if it is this tracking's.
pub fn delete(connection: &Connection, organization: &Organization, row: &NameRow) -> Step {
    let Parts {
        kind,
        name,
        slug,
        discriminator,
    } = Parts::from(&row.name);
    connection
        .prepare_cached(
            "DELETE FROM names WHERE hash = ?1 AND organization = ?2 AND kind = ?3 AND name = ?4
             AND slug = ?5 AND discriminator = ?6 AND tracking = ?7",
        )?
        .execute(params![
            hash(&organization.id, kind, name),
            organization.number,
            kind,
            name,
            slug,
            discriminator,
            row.tracking.as_uuid().into_bytes(),
        ])?;
    Ok(())
}

/// Releases all names of a tracking.
pub fn delete_all(
    connection: &Connection,
    organization: &Organization,
    tracking: &Bytes,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM names WHERE tracking = ?1 AND organization = ?2")?
        .execute(params![tracking, organization.number])
        .map(drop)
}

/// The trackings that a name means, newest first.
pub fn find(
    connection: &Connection,
    organization: &Organization,
    query: &NameQuery,
) -> rusqlite::Result<Vec<NameRow>> {
    let (kind, name, slug, discriminator) = match query {
        NameQuery::Number {
            number,
            slug,
            discriminator,
        } => (NUMBER, number, slug.as_deref(), discriminator.as_deref()),
        NameQuery::OwnId(id) => (OWN_ID, id, None, None),
    };
    connection
        .prepare_cached(
            "SELECT kind, name, slug, discriminator, tracking FROM names
             WHERE hash = ?1 AND organization = ?2 AND kind = ?3 AND name = ?4
             AND (?5 IS NULL OR slug = ?5) AND (?6 IS NULL OR discriminator = ?6)
             ORDER BY tracking DESC",
        )?
        .query_map(
            params![
                hash(&organization.id, kind, name),
                organization.number,
                kind,
                name,
                slug,
                discriminator
            ],
            from_row,
        )?
        .collect()
}

/// All names of a tracking.
pub fn of_tracking(
    connection: &Connection,
    organization: &Organization,
    key: TrackingKey,
) -> rusqlite::Result<Vec<NameRow>> {
    connection
        .prepare_cached(
            "SELECT kind, name, slug, discriminator, tracking FROM names
             WHERE tracking = ?1 AND organization = ?2 ORDER BY kind, name, slug, discriminator",
        )?
        .query_map(
            params![key.as_uuid().into_bytes(), organization.number],
            from_row,
        )?
        .collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<NameRow> {
    let name = if row.get::<_, u8>(0)? == OWN_ID {
        Name::OwnId(row.get(1)?)
    } else {
        Name::Number {
            number: row.get(1)?,
            slug: row.get(2)?,
            discriminator: row.get(3)?,
        }
    };
    Ok(NameRow {
        name,
        tracking: TrackingKey::from_uuid(row.id(4)?),
    })
}

/// FNV-1a, 64 bits: the same for ever, as it is stored. It only spreads the names; two that share it
/// are told apart by their columns.
fn hash(organization: &Bytes, kind: u8, name: &str) -> i64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = organization
        .iter()
        .chain(std::iter::once(&kind))
        .chain(name.as_bytes());
    bytes
        .fold(OFFSET, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
        })
        .cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_hash_never_changes() {
        assert_eq!(hash(&[7; 16], NUMBER, "1Z999"), 3_191_009_008_976_662_861);
        assert_ne!(
            hash(&[7; 16], NUMBER, "1Z999"),
            hash(&[7; 16], OWN_ID, "1Z999")
        );
        assert_ne!(
            hash(&[7; 16], NUMBER, "1Z999"),
            hash(&[8; 16], NUMBER, "1Z999")
        );
    }
}
