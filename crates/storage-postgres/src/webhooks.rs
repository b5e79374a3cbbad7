//! Webhooks.

use tokio_postgres::Row;
use waybill_model::{OrganizationId, WebhookId};
use waybill_storage::{Conflict, WebhookRow};

use crate::{
    deliveries,
    failure::Result,
    session::Session,
    values::{Columns, Home, Text, maybe_micros, signed},
    write_set::{Step, expect},
};

const INSERT: &str = "INSERT INTO webhooks
        (shard, organization, id, revision, document, last_success_at, failing_since)
    VALUES ($1, $2, $3, $4 + 1::bigint, $5, $6, $7) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE webhooks
    SET revision = revision + 1, document = $5, last_success_at = $6, failing_since = $7
    WHERE shard = $1 AND organization = $2 AND id = $3 AND revision = $4";
const DELETE: &str = "DELETE FROM webhooks WHERE shard = $1 AND organization = $2 AND id = $3";
/// Ids are time-ordered.
const OF_ORGANIZATION: &str =
    "SELECT organization, id, revision, document, last_success_at, failing_since
    FROM webhooks WHERE shard = $1 AND organization = $2 ORDER BY id";
const ONE: &str = "SELECT organization, id, revision, document, last_success_at, failing_since
    FROM webhooks WHERE shard = $1 AND organization = $2 AND id = $3";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[INSERT, UPDATE, DELETE, OF_ORGANIZATION, ONE];

/// Writes a webhook.
pub async fn put(session: &Session, home: &Home, row: &WebhookRow) -> Step {
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let written = session
        .change(
            statement,
            &[
                &home.shard,
                &home.organization,
                &row.id.as_uuid(),
                &signed(row.revision),
                &Text(&row.document),
                &maybe_micros(row.last_success_at),
                &maybe_micros(row.failing_since),
            ],
        )
        .await?;
    expect(written == 1, Conflict::Changed)
}

/// Deletes a webhook with its pending deliveries; what was delivered stays until it is old.
pub async fn delete(session: &Session, home: &Home, id: WebhookId) -> Step {
    let deleted = session
        .change(DELETE, &[&home.shard, &home.organization, &id.as_uuid()])
        .await?;
    if deleted == 1 {
        deliveries::delete_pending(session, home, id).await?;
    }
    Ok(())
}

/// All webhooks of an organization, oldest first.
pub async fn of_organization(session: &Session, home: &Home) -> Result<Vec<WebhookRow>> {
    let rows = session
        .rows(OF_ORGANIZATION, &[&home.shard, &home.organization])
        .await?;
    rows.iter().map(from_row).collect()
}

/// One webhook.
pub async fn one(session: &Session, home: &Home, id: WebhookId) -> Result<Option<WebhookRow>> {
    let row = session
        .row(ONE, &[&home.shard, &home.organization, &id.as_uuid()])
        .await?;
    row.as_ref().map(from_row).transpose()
}

fn from_row(row: &Row) -> Result<WebhookRow> {
    Ok(WebhookRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        id: WebhookId::from_uuid(row.value(1)?),
        revision: row.unsigned(2)?,
        document: row.value(3)?,
        last_success_at: row.maybe_at(4)?,
        failing_since: row.maybe_at(5)?,
    })
}
