//! Names: by what a tracking is found.

use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;
use waybill_model::TrackingKey;
use waybill_storage::{Conflict, Name, NameQuery, NameRow};

use crate::{
    failure::Result,
    rows::{self, Homes, Of, Refusal},
    session::Session,
    values::{Columns, Home, Text},
    write_set::Step,
};

/// The kinds of names, as stored.
const NUMBER: i16 = 0;
const OWN_ID: i16 = 1;

const INSERT: &str =
    "INSERT INTO names (shard, organization, kind, name, slug, discriminator, tracking)
    SELECT shards.shard, given.organization, given.kind, given.name, given.slug, given.discriminator, given.tracking
    FROM unnest($2::smallint[], $3::uuid[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::uuid[])
        AS given (shard, organization, kind, name, slug, discriminator, tracking)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT DO NOTHING";
const HOLDERS: &str = "SELECT given.place, names.tracking
    FROM unnest($2::smallint[], $3::uuid[], $4::smallint[], $5::text[], $6::text[], $7::text[])
        WITH ORDINALITY AS given (shard, organization, kind, name, slug, discriminator, place)
    JOIN names ON names.shard = given.shard AND names.organization = given.organization
        AND names.kind = given.kind AND names.name = given.name AND names.slug = given.slug
        AND names.discriminator = given.discriminator
    WHERE names.shard = ANY ($1)";
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
    HOLDERS,
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

/// Where a name stands in the order in which all nodes write names.
pub fn place(row: &NameRow) -> (i16, &str, &str, &str) {
    let parts = Parts::from(&row.name);
    (
        parts.kind,
        parts.name.0,
        parts.slug.0,
        parts.discriminator.0,
    )
}

/// Writes names; each must be free, or its tracking's already.
pub async fn put(session: &Session, rows: &[Of<&NameRow>]) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let parts = rows::column(part, |of| Parts::from(&of.row.name));
        let kinds: Vec<i16> = parts.iter().map(|parts| parts.kind).collect();
        let names: Vec<Text<'_>> = parts.iter().map(|parts| parts.name).collect();
        let slugs: Vec<Text<'_>> = parts.iter().map(|parts| parts.slug).collect();
        let discriminators: Vec<Text<'_>> = parts.iter().map(|parts| parts.discriminator).collect();
        let trackings = rows::column(part, |of| of.row.tracking.as_uuid());
        let values: [&(dyn ToSql + Sync); 8] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &kinds,
            &names,
            &slugs,
            &discriminators,
            &trackings,
        ];
        let written = session.change(INSERT, &values).await?;
        if written < part.len() as u64 {
            let holders = session.rows(HOLDERS, &values[..7]).await?;
            refusals.extend(refuse_taken(part, &holders)?);
        }
    }
    Ok(refusals)
}

/// Refusals of the names that others hold.
fn refuse_taken(rows: &[Of<&NameRow>], holders: &[Row]) -> Result<Vec<Refusal>> {
    let mut held_by = vec![None; rows.len()];
    for holder in holders {
        let place: usize = holder.unsigned(0)?;
        if let Some(held_by) = held_by.get_mut(place - 1) {
            *held_by = Some(TrackingKey::from_uuid(holder.value(1)?));
        }
    }
    let mut refusals = Vec::new();
    for (of, holder) in rows.iter().zip(held_by) {
        match holder {
            Some(holder) if holder == of.row.tracking => {}
            Some(holder) => refusals.push(of.refused(&Conflict::NameTaken(holder))),
            // Released by another node between the two statements: who reads again will see it free.
            None => refusals.push(of.refused(&Conflict::Changed)),
        }
    }
    Ok(refusals)
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
