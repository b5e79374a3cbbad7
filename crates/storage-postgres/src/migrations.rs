//! The schema, as numbered steps that are only ever appended to.
//!
//! A step is additive, so that nodes one release older can live beside it. Many nodes may start at
//! once: the version is a row, and who locks it first does the work.

use crate::{
    OpenError,
    failure::{Failure, Result},
    session::Session,
    values::{Columns, signed},
};

/// Every step, in order; a database of version `n` has had the first `n`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_search.sql"),
    include_str!("migrations/0003_nodes.sql"),
    include_str!("migrations/0004_resources.sql"),
    include_str!("migrations/0005_number_counts.sql"),
    include_str!("migrations/0006_unclassified.sql"),
    include_str!("migrations/0007_polling.sql"),
    include_str!("migrations/0008_words.sql"),
];
/// How often making the version's table is tried: nodes that start at once may collide.
const TRIES: usize = 10;

const IS_OURS: &str = "SELECT to_regclass('schema_version') IS NOT NULL";
/// What an extension brought is nobody's data.
const IS_EMPTY: &str = "SELECT NOT EXISTS (
    SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e'))";
const MAKE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), version bigint NOT NULL);
    INSERT INTO schema_version (version) VALUES (0) ON CONFLICT DO NOTHING";
const VERSION: &str = "SELECT version FROM schema_version";
const LOCK: &str = "SELECT version FROM schema_version FOR UPDATE";
const SET: &str = "UPDATE schema_version SET version = $1";

/// Whether the server is one of Citus, which hands statements on.
const IS_DISTRIBUTED: &str = "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL";

/// All statements of this module that are prepared.
pub const STATEMENTS: &[&str] = &[IS_OURS, IS_EMPTY, VERSION, LOCK, SET, IS_DISTRIBUTED];

/// The version this program makes and understands.
pub fn newest_version() -> usize {
    MIGRATIONS.len()
}

/// Brings the database to the newest version, or refuses one that is not ours or newer. The session
/// is a patient one: a node that waits for another's long step must not give up.
pub async fn migrate(session: &Session) -> std::result::Result<(), OpenError> {
    make(session).await?;
    session.begin().await?;
    let found = version_by(session, LOCK).await?;
    if found > newest_version() {
        return Err(OpenError::Newer {
            found,
            known: newest_version(),
        });
    }
    for step in &MIGRATIONS[found..] {
        session.run(step).await?;
    }
    if found < newest_version() {
        session
            .change(SET, &[&signed(newest_version() as u64)])
            .await?;
    }
    session.commit().await?;
    Ok(())
}

/// Whether the tables may be spread over several servers.
pub async fn is_distributed(session: &Session) -> Result<bool> {
    is(session, IS_DISTRIBUTED).await
}

/// The version the database is at.
pub async fn version(session: &Session) -> Result<usize> {
    version_by(session, VERSION).await
}

/// Waits until nobody else changes tables; holds to the end of the transaction.
pub async fn hold(session: &Session) -> Result<()> {
    version_by(session, LOCK).await.map(drop)
}

/// Makes the table of the version where there is nothing yet.
async fn make(session: &Session) -> std::result::Result<(), OpenError> {
    let mut tries = 0;
    loop {
        if is(session, IS_OURS).await? {
            // A node that was stopped between the two statements left no row.
            return Ok(session.run(MAKE).await?);
        }
        if !is(session, IS_EMPTY).await? && !is(session, IS_OURS).await? {
            return Err(OpenError::Foreign);
        }
        tries += 1;
        match session.run(MAKE).await {
            Ok(()) => return Ok(()),
            // Another node made it at the same moment.
            Err(failure) if failure.is_of_the_write() && tries < TRIES => {}
            Err(failure) => return Err(failure.into()),
        }
    }
}

async fn is(session: &Session, statement: &'static str) -> Result<bool> {
    let row = session.row(statement, &[]).await?;
    row.map_or(Ok(false), |row| row.value(0))
}

async fn version_by(session: &Session, statement: &'static str) -> Result<usize> {
    match session.row(statement, &[]).await? {
        Some(row) => row.unsigned(0),
        None => Err(Failure::Unreadable("no schema version".to_owned())),
    }
}
