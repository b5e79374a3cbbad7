//! Organizations.

use tokio_postgres::Row;
use waybill_model::OrganizationId;
use waybill_storage::{Conflict, OrganizationRow};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Text, micros, signed},
    write_set::{Step, expect},
};

const TAKEN: &str = "SELECT 1 FROM organizations WHERE name = $1 AND id <> $2";
const INSERT: &str = "INSERT INTO organizations (id, revision, name, created_at, settings)
    VALUES ($1, $2 + 1::bigint, $3, $4, $5) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE organizations
    SET revision = revision + 1, name = $3, created_at = $4, settings = $5
    WHERE id = $1 AND revision = $2";
const ALL: &str = "SELECT id, revision, name, created_at, settings FROM organizations
    ORDER BY created_at, id";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[TAKEN, INSERT, UPDATE, ALL];

/// Writes an organization; its name must be free.
pub async fn put(session: &Session, row: &OrganizationRow) -> Step {
    let (id, name) = (row.id.as_uuid(), Text(&row.name));
    let taken = session.row(TAKEN, &[&name, &id]).await?.is_some();
    expect(!taken, Conflict::Taken)?;
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let written = session
        .change(
            statement,
            &[
                &id,
                &signed(row.revision),
                &name,
                &micros(row.created_at),
                &Text(&row.settings),
            ],
        )
        .await?;
    expect(written == 1, Conflict::Changed)
}

/// All of them, oldest first.
pub async fn all(session: &Session) -> Result<Vec<OrganizationRow>> {
    session.rows(ALL, &[]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<OrganizationRow> {
    Ok(OrganizationRow {
        id: OrganizationId::from_uuid(row.value(0)?),
        revision: row.unsigned(1)?,
        name: row.value(2)?,
        created_at: row.at(3)?,
        settings: row.value(4)?,
    })
}
