//! Organizations.

use rusqlite::{Connection, Row, params};
use waybill_model::OrganizationId;
use waybill_storage::{Conflict, OrganizationRow};

use crate::{
    values::{Columns, micros, signed},
    write_set::{Step, expect},
};

/// Writes an organization; its name must be free.
pub fn put(connection: &Connection, row: &OrganizationRow) -> Step {
    let id = row.id.as_uuid().into_bytes();
    let taken = connection
        .prepare_cached("SELECT 1 FROM organizations WHERE name = ?1 AND id <> ?2")?
        .exists(params![row.name, id])?;
    expect(!taken, Conflict::Taken)?;
    let written = if row.revision == 0 {
        connection
            .prepare_cached(
                "INSERT INTO organizations (id, revision, name, created_at, settings)
                 VALUES (?1, 1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?
            .execute(params![id, row.name, micros(row.created_at), row.settings])?
    } else {
        connection
            .prepare_cached(
                "UPDATE organizations SET revision = revision + 1, name = ?3, created_at = ?4, settings = ?5
                 WHERE id = ?1 AND revision = ?2",
            )?
            .execute(params![id, signed(row.revision), row.name, micros(row.created_at), row.settings])?
    };
    expect(written == 1, Conflict::Changed)
}

/// All of them, oldest first.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<OrganizationRow>> {
    connection
        .prepare_cached(
            "SELECT id, revision, name, created_at, settings FROM organizations ORDER BY row",
        )?
        .query_map([], from_row)?
        .collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OrganizationRow> {
    Ok(OrganizationRow {
        id: OrganizationId::from_uuid(row.id(0)?),
        revision: row.unsigned(1)?,
        name: row.get(2)?,
        created_at: row.at(3)?,
        settings: row.get(4)?,
    })
}
