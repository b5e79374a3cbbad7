//! Resources.

use tokio_postgres::Row;
use waybill_model::{OrganizationId, ResourceId};
use waybill_storage::{Conflict, ResourceKind, ResourceRow};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Home, Text, signed},
    write_set::{Step, expect},
};

const INSERT: &str =
    "INSERT INTO resources (shard, organization, kind, id, revision, name, document)
    VALUES ($1, $2, $3, $4, $5 + 1::bigint, $6, $7) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE resources SET revision = revision + 1, name = $6, document = $7
    WHERE shard = $1 AND organization = $2 AND kind = $3 AND id = $4 AND revision = $5";
const DELETE: &str =
    "DELETE FROM resources WHERE shard = $1 AND organization = $2 AND kind = $3 AND id = $4";
const ONE: &str = "SELECT organization, kind, id, revision, name, document FROM resources
    WHERE shard = $1 AND organization = $2 AND kind = $3 AND id = $4";
/// Ids are time-ordered.
const OF_KIND: &str = "SELECT organization, kind, id, revision, name, document FROM resources
    WHERE shard = $1 AND organization = $2 AND kind = $3 ORDER BY id";
const NAMED: &str = "SELECT organization, kind, id, revision, name, document FROM resources
    WHERE shard = $1 AND organization = $2 AND kind = $3 AND name = $4 ORDER BY id";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[INSERT, UPDATE, DELETE, ONE, OF_KIND, NAMED];

/// Writes a resource.
pub async fn put(session: &Session, home: &Home, row: &ResourceRow) -> Step {
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let written = session
        .change(
            statement,
            &[
                &home.shard,
                &home.organization,
                &row.kind.as_str(),
                &row.id.as_uuid(),
                &signed(row.revision),
                &Text(&row.name),
                &Text(&row.document),
            ],
        )
        .await?;
    expect(written == 1, Conflict::Changed)
}

/// Deletes a resource.
pub async fn delete(session: &Session, home: &Home, kind: ResourceKind, id: ResourceId) -> Step {
    session
        .change(
            DELETE,
            &[
                &home.shard,
                &home.organization,
                &kind.as_str(),
                &id.as_uuid(),
            ],
        )
        .await?;
    Ok(())
}

/// One resource.
pub async fn one(
    session: &Session,
    home: &Home,
    kind: ResourceKind,
    id: ResourceId,
) -> Result<Option<ResourceRow>> {
    let row = session
        .row(
            ONE,
            &[
                &home.shard,
                &home.organization,
                &kind.as_str(),
                &id.as_uuid(),
            ],
        )
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// All of a kind, or those of a name, oldest first.
pub async fn of_kind(
    session: &Session,
    home: &Home,
    kind: ResourceKind,
    name: Option<&str>,
) -> Result<Vec<ResourceRow>> {
    let kind = kind.as_str();
    let rows = match name {
        Some(name) => {
            let name = Text(name);
            session
                .rows(NAMED, &[&home.shard, &home.organization, &kind, &name])
                .await?
        }
        None => {
            session
                .rows(OF_KIND, &[&home.shard, &home.organization, &kind])
                .await?
        }
    };
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<ResourceRow> {
    Ok(ResourceRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        kind: row.word(1, ResourceKind::parse)?,
        id: ResourceId::from_uuid(row.value(2)?),
        revision: row.unsigned(3)?,
        name: row.value(4)?,
        document: row.value(5)?,
    })
}
