//! API keys.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::{ApiKeyId, OrganizationId};
use waybill_storage::{ApiKeyRow, Authentication, Conflict};

use crate::{
    values::{Bytes, Columns, list_to_text, maybe_micros, micros, signed},
    write_set::{Step, expect},
};

const COLUMNS: &str = "id, organization, revision, name, hash, prefix, authentication, proof, scopes, \
                       created_at, last_used_at, revoked_at";

/// Writes a key; its hash must be free. When it was last seen never goes back.
pub fn put(connection: &Connection, organization: &Bytes, row: &ApiKeyRow) -> Step {
    let id = row.id.as_uuid().into_bytes();
    let taken = connection
        .prepare_cached("SELECT 1 FROM api_keys WHERE hash = ?1 AND id <> ?2")?
        .exists(params![row.hash, id])?;
    expect(!taken, Conflict::Taken)?;
    let statement = if row.revision == 0 {
        "INSERT INTO api_keys (id, organization, revision, name, hash, prefix, authentication, proof,
                               scopes, created_at, last_used_at, revoked_at)
         VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE api_keys SET revision = revision + 1, name = ?4, hash = ?5, prefix = ?6,
                authentication = ?7, proof = ?8, scopes = ?9, created_at = ?10,
                last_used_at = coalesce(max(last_used_at, ?11), last_used_at, ?11), revoked_at = ?12
         WHERE id = ?1 AND organization = ?2 AND revision = ?3"
    };
    let written = connection.prepare_cached(statement)?.execute(params![
        id,
        organization,
        signed(row.revision),
        row.name,
        row.hash,
        row.prefix,
        row.authentication.as_str(),
        row.proof,
        list_to_text(&row.scopes),
        micros(row.created_at),
        maybe_micros(row.last_used_at),
        maybe_micros(row.revoked_at),
    ])?;
    expect(written == 1, Conflict::Changed)
}

/// Notes that a key was used.
pub fn touch(connection: &Connection, id: ApiKeyId, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE api_keys SET last_used_at = ?2
             WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)",
        )?
        .execute(params![id.as_uuid().into_bytes(), micros(at)])
        .map(drop)
}

/// The key with this hash.
pub fn by_hash(connection: &Connection, hash: &[u8; 32]) -> rusqlite::Result<Option<ApiKeyRow>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM api_keys WHERE hash = ?1"))?
        .query_row([hash], from_row)
        .optional()
}

/// All keys of an organization, oldest first.
pub fn of_organization(
    connection: &Connection,
    organization: &Bytes,
) -> rusqlite::Result<Vec<ApiKeyRow>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM api_keys WHERE organization = ?1 ORDER BY row"
        ))?
        .query_map([organization], from_row)?
        .collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKeyRow> {
    Ok(ApiKeyRow {
        id: ApiKeyId::from_uuid(row.id(0)?),
        organization: OrganizationId::from_uuid(row.id(1)?),
        revision: row.unsigned(2)?,
        name: row.get(3)?,
        hash: row.get(4)?,
        prefix: row.get(5)?,
        authentication: row.word(6, Authentication::parse)?,
        proof: row.get(7)?,
        scopes: row.list(8)?,
        created_at: row.at(9)?,
        last_used_at: row.maybe_at(10)?,
        revoked_at: row.maybe_at(11)?,
    })
}
