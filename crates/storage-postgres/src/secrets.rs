//! Secrets that all nodes share, made by whichever comes first.

use crate::{
    failure::{Failure, Result},
    session::Session,
    values::{Columns, Text},
};

const INSERT: &str =
    "INSERT INTO shared_secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const ONE: &str = "SELECT value FROM shared_secrets WHERE name = $1";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[INSERT, ONE];

/// The secret of this name; where there is none yet, this one becomes it. True if it did.
pub async fn keep(session: &Session, name: &str, made: &[u8]) -> Result<(Vec<u8>, bool)> {
    let name = Text(name);
    let inserted = session.change(INSERT, &[&name, &made]).await?;
    let row = session.row(ONE, &[&name]).await?;
    let row = row.ok_or_else(|| Failure::Unreadable("a secret is gone".to_owned()))?;
    Ok((row.value(0)?, inserted == 1))
}
