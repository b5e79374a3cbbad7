//! What may happen once.

use rusqlite::{Connection, OptionalExtension, params};
use waybill_model::OrganizationId;
use waybill_storage::{Conflict, OnceRow};

use crate::{
    values::{Bytes, Columns, micros},
    write_set::{Step, expect},
};

/// Notes that it is done, unless it was and its time is not over.
pub fn put(connection: &Connection, organization: &Bytes, row: &OnceRow) -> Step {
    let written = connection
        .prepare_cached(
            "INSERT INTO once (organization, key, fingerprint, answer, at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (organization, key) DO UPDATE
             SET fingerprint = ?3, answer = ?4, at = ?5, expires_at = ?6 WHERE expires_at <= ?5",
        )?
        .execute(params![
            organization,
            row.key,
            row.fingerprint,
            row.answer,
            micros(row.at),
            micros(row.expires_at),
        ])?;
    expect(written == 1, Conflict::Done)
}

/// What was done under a key.
pub fn one(
    connection: &Connection,
    organization: &Bytes,
    key: &[u8; 32],
) -> rusqlite::Result<Option<OnceRow>> {
    connection
        .prepare_cached(
            "SELECT organization, key, fingerprint, answer, at, expires_at FROM once
             WHERE organization = ?1 AND key = ?2",
        )?
        .query_row(params![organization, key], |row| {
            Ok(OnceRow {
                organization: OrganizationId::from_uuid(row.id(0)?),
                key: row.get(1)?,
                fingerprint: row.get(2)?,
                answer: row.get(3)?,
                at: row.at(4)?,
                expires_at: row.at(5)?,
            })
        })
        .optional()
}
