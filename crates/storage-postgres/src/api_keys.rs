//! API keys.

use jiff::Timestamp;
use tokio_postgres::Row;
use waybill_model::{ApiKeyId, OrganizationId};
use waybill_storage::{ApiKeyRow, Authentication, Conflict};

use crate::{
    failure::{Failure, Result},
    session::Session,
    values::{Columns, Home, Text, list_to_text, maybe_micros, micros, signed},
    write_set::{Step, expect},
};

/// The columns of a row, in the order [`from_row`] reads them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, organization, revision, name, hash, prefix, authentication, proof, scopes,
                    created_at, last_used_at, revoked_at
             FROM api_keys ",
            $rest
        )
    };
}

const TAKEN: &str = "SELECT 1 FROM api_keys WHERE hash = $1 AND id <> $2";
const INSERT: &str = "INSERT INTO api_keys
        (id, organization, revision, name, hash, prefix, authentication, proof, scopes, created_at,
         last_used_at, revoked_at)
    VALUES ($1, $2, $3 + 1::bigint, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE api_keys
    SET revision = revision + 1, name = $4, hash = $5, prefix = $6, authentication = $7, proof = $8,
        scopes = $9, created_at = $10, last_used_at = greatest(last_used_at, $11), revoked_at = $12
    WHERE id = $1 AND organization = $2 AND revision = $3";
const TOUCH: &str = "UPDATE api_keys SET last_used_at = $2
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
const BY_HASH: &str = select!("WHERE hash = $1");
const OF_ORGANIZATION: &str = select!("WHERE organization = $1 ORDER BY created_at, id");

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[TAKEN, INSERT, UPDATE, TOUCH, BY_HASH, OF_ORGANIZATION];

/// Writes a key; its hash must be free. When it was last seen never goes back.
pub async fn put(session: &Session, home: &Home, row: &ApiKeyRow) -> Step {
    let (id, hash) = (row.id.as_uuid(), &row.hash[..]);
    let taken = session.row(TAKEN, &[&hash, &id]).await?.is_some();
    expect(!taken, Conflict::Taken)?;
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let written = session
        .change(
            statement,
            &[
                &id,
                &home.organization,
                &signed(row.revision),
                &Text(&row.name),
                &hash,
                &Text(&row.prefix),
                &row.authentication.as_str(),
                &row.proof.as_deref().map(Text),
                &Text(&list_to_text(&row.scopes)),
                &micros(row.created_at),
                &maybe_micros(row.last_used_at),
                &maybe_micros(row.revoked_at),
            ],
        )
        .await?;
    expect(written == 1, Conflict::Changed)
}

/// Notes that a key was used.
pub async fn touch(session: &Session, id: ApiKeyId, at: Timestamp) -> Result<()> {
    session
        .change(TOUCH, &[&id.as_uuid(), &micros(at)])
        .await
        .map(drop)
}

/// The key with this hash.
pub async fn by_hash(session: &Session, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>> {
    let row = session.row(BY_HASH, &[&&hash[..]]).await?;
    row.as_ref().map(from_row).transpose()
}

/// All keys of an organization, oldest first.
pub async fn of_organization(session: &Session, home: &Home) -> Result<Vec<ApiKeyRow>> {
    let rows = session.rows(OF_ORGANIZATION, &[&home.organization]).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<ApiKeyRow> {
    let hash: &[u8] = row.value(4)?;
    let hash = hash
        .try_into()
        .map_err(|_| Failure::Unreadable("a hash of another length".to_owned()))?;
    Ok(ApiKeyRow {
        id: ApiKeyId::from_uuid(row.value(0)?),
        organization: OrganizationId::from_uuid(row.value(1)?),
        revision: row.unsigned(2)?,
        name: row.value(3)?,
        hash,
        prefix: row.value(5)?,
        authentication: row.word(6, Authentication::parse)?,
        proof: row.value(7)?,
        scopes: row.list(8)?,
        created_at: row.at(9)?,
        last_used_at: row.maybe_at(10)?,
        revoked_at: row.maybe_at(11)?,
    })
}
