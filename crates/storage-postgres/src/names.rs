//! Names: by what a tracking is found.

use tokio_postgres::Row;
use uuid::Uuid;
use waybill_model::TrackingKey;
use waybill_storage::{Conflict, Name, NameQuery, NameRow};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Home, Text},
    write_set::{Step, Stop},
};

/// The kinds of names, as stored.
const NUMBER: i16 = 0;
const OWN_ID: i16 = 1;

const INSERT: &str =
    "INSERT INTO names (shard, organization, kind, name, slug, discriminator, tracking)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const HOLDER: &str = "SELECT tracking FROM names
    WHERE shard = $1 AND organization = $2 AND kind = $3 AND name = $4 AND slug = $5 AND discriminator = $6";
const DELETE: &str = "DELETE FROM names
    WHERE shard = $1 AND organization = $2 AND kind = $3 AND name = $4 AND slug = $5 AND discriminator = $6
    AND tracking = $7";
const DELETE_ALL: &str =
    "DELETE FROM names WHERE shard = $1 AND organization = $2 AND tracking = $3";
const FIND: &str = "SELECT kind, name, slug, discriminator, tracking FROM names
    WHERE shard = $1 AND organization = $2 AND kind = $3 AND name = $4
    AND ($5::text IS NULL OR slug = $5) AND ($6::text IS NULL OR discriminator = $6)
    ORDER BY tracking DESC";
/// The offset makes the planner look up each number, whatever it thinks of the table.
const NUMBERED: &str = "SELECT DISTINCT found.tracking
    FROM unnest($4::text[]) AS wanted (name) CROSS JOIN LATERAL (
        SELECT tracking FROM names
        WHERE shard = $1 AND organization = $2 AND kind = $3 AND name = wanted.name
        AND tracking < $5 AND tracking >= $6 OFFSET 0) AS found";
const OF_TRACKING: &str = "SELECT kind, name, slug, discriminator, tracking FROM names
    WHERE shard = $1 AND organization = $2 AND tracking = $3 ORDER BY kind, name, slug, discriminator";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[
    INSERT,
    HOLDER,
    DELETE,
    DELETE_ALL,
    FIND,
    NUMBERED,
    OF_TRACKING,
];

/// A name as its columns.
struct Parts<'a> {
    kind: i16,
    name: Text<'a>,
    slug: Text<'a>,
    discriminator: Text<'a>,
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
                name: Text(number),
                slug: Text(slug),
                discriminator: Text(discriminator),
            },
            Name::OwnId(id) => Self {
                kind: OWN_ID,
                name: Text(id),
                slug: Text(""),
                discriminator: Text(""),
            },
        }
    }
}

/// Writes a name; it must be free, or the tracking's already.
pub async fn put(session: &Session, home: &Home, row: &NameRow) -> Step {
    let Parts {
        kind,
        name,
        slug,
        discriminator,
    } = Parts::from(&row.name);
    let written = session
        .change(
            INSERT,
            &[
                &home.shard,
                &home.organization,
                &kind,
                &name,
                &slug,
                &discriminator,
                &row.tracking.as_uuid(),
            ],
        )
        .await?;
    if written == 1 {
        return Ok(());
    }
    let holder = session
        .row(
            HOLDER,
            &[
                &home.shard,
                &home.organization,
                &kind,
                &name,
                &slug,
                &discriminator,
            ],
        )
        .await?;
    let Some(holder) = holder else {
        // Released by another node between the two statements: who reads again will see it free.
        return Err(Stop::Conflict(Conflict::Changed));
    };
    let holder = TrackingKey::from_uuid(holder.value(0)?);
    if holder == row.tracking {
        Ok(())
    } else {
        Err(Stop::Conflict(Conflict::NameTaken(holder)))
    }
}

/// Releases a name, if it is this tracking's.
pub async fn delete(session: &Session, home: &Home, row: &NameRow) -> Step {
    let Parts {
        kind,
        name,
        slug,
        discriminator,
    } = Parts::from(&row.name);
    session
        .change(
            DELETE,
            &[
                &home.shard,
                &home.organization,
                &kind,
                &name,
                &slug,
                &discriminator,
                &row.tracking.as_uuid(),
            ],
        )
        .await?;
    Ok(())
}

/// Releases all names of a tracking.
pub async fn delete_all(session: &Session, home: &Home, tracking: TrackingKey) -> Result<()> {
    session
        .change(
            DELETE_ALL,
            &[&home.shard, &home.organization, &tracking.as_uuid()],
        )
        .await
        .map(drop)
}

/// The trackings that a name means, newest first.
pub async fn find(session: &Session, home: &Home, query: &NameQuery) -> Result<Vec<NameRow>> {
    let (kind, name, slug, discriminator) = match query {
        NameQuery::Number {
            number,
            slug,
            discriminator,
        } => (NUMBER, number, slug.as_deref(), discriminator.as_deref()),
        NameQuery::OwnId(id) => (OWN_ID, id, None, None),
    };
    let rows = session
        .rows(
            FIND,
            &[
                &home.shard,
                &home.organization,
                &kind,
                &Text(name),
                &slug.map(Text),
                &discriminator.map(Text),
            ],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// The trackings from one key to below another that any of these numbers means, in no order.
pub async fn numbered(
    session: &Session,
    home: &Home,
    numbers: &[String],
    below: Uuid,
    from: Uuid,
) -> Result<Vec<Uuid>> {
    let numbers: Vec<Text<'_>> = numbers.iter().map(|number| Text(number)).collect();
    let rows = session
        .rows(
            NUMBERED,
            &[
                &home.shard,
                &home.organization,
                &NUMBER,
                &numbers,
                &below,
                &from,
            ],
        )
        .await?;
    rows.iter().map(|row| row.value(0)).collect()
}

/// All names of a tracking.
pub async fn of_tracking(session: &Session, home: &Home, key: TrackingKey) -> Result<Vec<NameRow>> {
    let rows = session
        .rows(
            OF_TRACKING,
            &[&home.shard, &home.organization, &key.as_uuid()],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<NameRow> {
    let name = if row.value::<i16>(0)? == OWN_ID {
        Name::OwnId(row.value(1)?)
    } else {
        Name::Number {
            number: row.value(1)?,
            slug: row.value(2)?,
            discriminator: row.value(3)?,
        }
    };
    Ok(NameRow {
        name,
        tracking: TrackingKey::from_uuid(row.value(4)?),
    })
}
