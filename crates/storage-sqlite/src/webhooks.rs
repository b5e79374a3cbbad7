//! Webhooks.

use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::{OrganizationId, WebhookId};
use waybill_storage::{Conflict, WebhookRow};

use crate::{
    deliveries,
    values::{Bytes, Columns, maybe_micros, signed},
    write_set::{Step, expect},
};

const COLUMNS: &str = "organization, id, revision, document, last_success_at, failing_since";

/// Writes a webhook.
pub fn put(connection: &Connection, organization: &Bytes, row: &WebhookRow) -> Step {
    let statement = if row.revision == 0 {
        "INSERT INTO webhooks (id, organization, revision, document, last_success_at, failing_since)
         VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE webhooks SET revision = revision + 1, document = ?4, last_success_at = ?5, failing_since = ?6
         WHERE id = ?1 AND organization = ?2 AND revision = ?3"
    };
    let written = connection.prepare_cached(statement)?.execute(params![
        row.id.as_uuid().into_bytes(),
        organization,
        signed(row.revision),
        row.document,
        maybe_micros(row.last_success_at),
        maybe_micros(row.failing_since),
    ])?;
    expect(written == 1, Conflict::Changed)
}

/// Deletes a webhook with its pending deliveries; what was delivered stays until it is old.
pub fn delete(connection: &Connection, organization: &Bytes, id: WebhookId) -> Step {
    let id = id.as_uuid().into_bytes();
    let deleted = connection
        .prepare_cached("DELETE FROM webhooks WHERE id = ?1 AND organization = ?2")?
        .execute(params![id, organization])?;
    if deleted == 1 {
        deliveries::delete_pending(connection, organization, &id)?;
    }
    Ok(())
}

/// All webhooks of an organization, oldest first.
pub fn of_organization(
    connection: &Connection,
    organization: &Bytes,
) -> rusqlite::Result<Vec<WebhookRow>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM webhooks WHERE organization = ?1 ORDER BY row"
        ))?
        .query_map([organization], from_row)?
        .collect()
}

/// One webhook.
pub fn one(
    connection: &Connection,
    organization: &Bytes,
    id: WebhookId,
) -> rusqlite::Result<Option<WebhookRow>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM webhooks WHERE id = ?1 AND organization = ?2"
        ))?
        .query_row(params![id.as_uuid().into_bytes(), organization], from_row)
        .optional()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<WebhookRow> {
    Ok(WebhookRow {
        organization: OrganizationId::from_uuid(row.id(0)?),
        id: WebhookId::from_uuid(row.id(1)?),
        revision: row.unsigned(2)?,
        document: row.get(3)?,
        last_success_at: row.maybe_at(4)?,
        failing_since: row.maybe_at(5)?,
    })
}
