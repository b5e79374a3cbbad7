//! What may happen once.

use waybill_model::OrganizationId;
use waybill_storage::{Conflict, OnceRow};

use crate::{
    failure::{Failure, Result},
    session::Session,
    values::{Columns, Home, micros},
    write_set::{Step, expect},
};

const PUT: &str = "INSERT INTO once (shard, organization, key, fingerprint, answer, at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (shard, organization, key) DO UPDATE
    SET fingerprint = $4, answer = $5, at = $6, expires_at = $7 WHERE once.expires_at <= $6";
const ONE: &str = "SELECT organization, key, fingerprint, answer, at, expires_at FROM once
    WHERE shard = $1 AND organization = $2 AND key = $3";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[PUT, ONE];

/// Notes that it is done, unless it was and its time is not over. Who comes at the same moment waits
/// for the other's commit.
pub async fn put(session: &Session, home: &Home, row: &OnceRow) -> Step {
    let written = session
        .change(
            PUT,
            &[
                &home.shard,
                &home.organization,
                &&row.key[..],
                &&row.fingerprint[..],
                &row.answer,
                &micros(row.at),
                &micros(row.expires_at),
            ],
        )
        .await?;
    expect(written == 1, Conflict::Done)
}

/// What was done under a key.
pub async fn one(session: &Session, home: &Home, key: &[u8; 32]) -> Result<Option<OnceRow>> {
    let row = session
        .row(ONE, &[&home.shard, &home.organization, &&key[..]])
        .await?;
    let Some(row) = row else { return Ok(None) };
    let hash = |column| {
        <[u8; 32]>::try_from(row.value::<&[u8]>(column)?)
            .map_err(|_| Failure::Unreadable(format!("column {column} holds no hash")))
    };
    Ok(Some(OnceRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        key: hash(1)?,
        fingerprint: hash(2)?,
        answer: row.value(3)?,
        at: row.at(4)?,
        expires_at: row.at(5)?,
    }))
}
