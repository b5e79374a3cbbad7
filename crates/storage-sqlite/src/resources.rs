//! Resources.

use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::{OrganizationId, ResourceId};
use waybill_storage::{Conflict, ResourceKind, ResourceRow};

use crate::{
    values::{Bytes, Columns, signed},
    write_set::{Step, expect},
};

const COLUMNS: &str = "organization, kind, id, revision, name, document";

/// Writes a resource.
pub fn put(connection: &Connection, organization: &Bytes, row: &ResourceRow) -> Step {
    let statement = if row.revision == 0 {
        "INSERT INTO resources (organization, kind, id, revision, name, document)
         VALUES (?1, ?2, ?3, ?4 + 1, ?5, ?6) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE resources SET revision = revision + 1, name = ?5, document = ?6
         WHERE organization = ?1 AND kind = ?2 AND id = ?3 AND revision = ?4"
    };
    let written = connection.prepare_cached(statement)?.execute(params![
        organization,
        row.kind.as_str(),
        row.id.as_uuid().into_bytes(),
        signed(row.revision),
        row.name,
        row.document,
    ])?;
    expect(written == 1, Conflict::Changed)
}

/// Deletes a resource.
pub fn delete(
    connection: &Connection,
    organization: &Bytes,
    kind: ResourceKind,
    id: ResourceId,
) -> Step {
    connection
        .prepare_cached("DELETE FROM resources WHERE organization = ?1 AND kind = ?2 AND id = ?3")?
        .execute(params![
            organization,
            kind.as_str(),
            id.as_uuid().into_bytes()
        ])?;
    Ok(())
}

/// One resource.
pub fn one(
    connection: &Connection,
    organization: &Bytes,
    kind: ResourceKind,
    id: ResourceId,
) -> rusqlite::Result<Option<ResourceRow>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM resources WHERE organization = ?1 AND kind = ?2 AND id = ?3"
        ))?
        .query_row(
            params![organization, kind.as_str(), id.as_uuid().into_bytes()],
            from_row,
        )
        .optional()
}

/// All of a kind, or those of a name, oldest first.
pub fn of_kind(
    connection: &Connection,
    organization: &Bytes,
    kind: ResourceKind,
    name: Option<&str>,
) -> rusqlite::Result<Vec<ResourceRow>> {
    let kind = kind.as_str();
    match name {
        Some(name) => connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM resources
                 WHERE organization = ?1 AND kind = ?2 AND name = ?3 ORDER BY id"
            ))?
            .query_map(params![organization, kind, name], from_row)?
            .collect(),
        None => connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM resources WHERE organization = ?1 AND kind = ?2 ORDER BY id"
            ))?
            .query_map(params![organization, kind], from_row)?
            .collect(),
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ResourceRow> {
    Ok(ResourceRow {
        organization: OrganizationId::from_uuid(row.id(0)?),
        kind: row.word(1, ResourceKind::parse)?,
        id: ResourceId::from_uuid(row.id(2)?),
        revision: row.unsigned(3)?,
        name: row.get(4)?,
        document: row.get(5)?,
    })
}
