//! The schema, as numbered steps that are only ever appended to.
//!
//! A step is additive, so that a program one release older can live beside it.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::OpenError;

/// Every step, in order; a database of version `n` has had the first `n`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_search.sql"),
    include_str!("migrations/0003_nodes.sql"),
    include_str!("migrations/0004_resources.sql"),
    include_str!("migrations/0005_number_counts.sql"),
    include_str!("migrations/0006_unclassified.sql"),
    include_str!("migrations/0007_polling.sql"),
    include_str!("migrations/0008_organization_numbers.sql"),
    include_str!("migrations/0009_young_entries.sql"),
    include_str!("migrations/0010_event_changes.sql"),
];

/// The version this program makes and understands.
pub fn newest_version() -> usize {
    MIGRATIONS.len()
}

/// Refuses a database that is not ours, or of a newer program, before anything of it is changed; the
/// version of one that is ours.
pub fn check(connection: &Connection) -> Result<Option<usize>, OpenError> {
    match version(connection)? {
        Some(found) if found > newest_version() => Err(OpenError::Newer {
            found,
            known: newest_version(),
        }),
        Some(found) => Ok(Some(found)),
        None if is_empty(connection)? => Ok(None),
        None => Err(OpenError::Foreign),
    }
}

/// Brings the database to the newest version. Many programs may do so at once: the first to get the
/// write lock does it, the others find it done.
pub fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = check(&transaction)?;
    if found.is_none() {
        transaction.execute_batch(
            "CREATE TABLE schema_version (version INTEGER NOT NULL);
             INSERT INTO schema_version (version) VALUES (0);",
        )?;
    }
    if let Some(from) = found.filter(|found| *found < newest_version()) {
        let to = newest_version();
        tracing::info!(
            from,
            to,
            "the database is brought to a newer schema; large ones take minutes"
        );
    }
    let found = found.unwrap_or_default();
    for step in &MIGRATIONS[found..] {
        transaction.execute_batch(step)?;
    }
    if found < newest_version() {
        transaction.execute(
            "UPDATE schema_version SET version = ?1",
            [newest_version() as i64],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// The version the database is at; `None` where it never was one of ours.
pub fn version(connection: &Connection) -> rusqlite::Result<Option<usize>> {
    let ours = connection
        .prepare_cached(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'",
        )?
        .exists([])?;
    if !ours {
        return Ok(None);
    }
    connection
        .prepare_cached("SELECT version FROM schema_version")?
        .query_row([], |row| row.get::<_, i64>(0))
        .optional()
        .map(|version| version.map(|version| version.max(0) as usize))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        Ok(row.get::<_, i64>(0)? == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_database_is_brought_to_the_newest_version_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), Some(newest_version()));
    }

    #[test]
    fn what_was_written_before_organizations_had_numbers_is_found_after() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (7);")
            .unwrap();
        for step in &MIGRATIONS[..7] {
            connection.execute_batch(step).unwrap();
        }
        connection
            .execute_batch(
                "INSERT INTO organizations (id, revision, name, created_at, settings) VALUES
                     (zeroblob(16), 1, 'first', 0, ''), (x'0102030405060708090a0b0c0d0e0f10', 1, 'second', 0, '');
                 INSERT INTO trackings (key, organization, revision, slug, tag, sub_status, active, return_to_sender,
                     created_at, updated_at, shipment_tags, clock, number, document, record)
                     SELECT id, id, 1, 'ups', 'Pending', 'Pending_001', 1, 0, 0, 0, '', '{}', '1Z', '{}', '{}'
                     FROM organizations;
                 INSERT INTO tracking_counts SELECT id, 'Pending', row FROM organizations;
                 INSERT INTO events (organization, sequence, id, kind, tracking, at, body)
                     SELECT id, row, id, 'tracking_created', id, 0, '' FROM organizations;
                 INSERT INTO names SELECT row, id, 0, '1Z', 'ups', '', id FROM organizations;",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        for table in ["trackings", "tracking_counts", "events", "names"] {
            let numbers: String = connection
                .query_row(
                    &format!("SELECT group_concat(organization) FROM (SELECT organization FROM {table} ORDER BY 1)"),
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(numbers, "1,2", "{table}");
        }
        let second: (i64, Vec<u8>) = connection
            .query_row(
                "SELECT count, tracking FROM tracking_counts JOIN names USING (organization)
                 JOIN organization_numbers ON number = organization WHERE id = tracking AND number = 2",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!(second.0, 2);
        assert_eq!(second.1[..2], [1, 2]);
    }

    #[test]
    fn what_was_indexed_before_lists_is_listed_after() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (8);")
            .unwrap();
        for step in &MIGRATIONS[..8] {
            connection.execute_batch(step).unwrap();
        }
        connection
            .execute_batch(
                "WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
                 INSERT INTO trackings (key, organization, revision, slug, tag, order_id, sub_status, active,
                     return_to_sender, created_at, updated_at, shipment_tags, clock, number, document, record)
                     SELECT CAST(printf('%016d', n) AS BLOB), n % 3, 1, iif(n % 2, 'ups', 'dhl'),
                         iif(n % 5, 'Pending', 'Delivered'), iif(n % 7, NULL, 'order'), '', 1, 0, 0, 0, '', '{}',
                         '1Z', '{}', '{}' FROM numbers;
                 INSERT INTO events (organization, sequence, id, kind, tracking, at, body)
                     SELECT organization, row, key, 'tracking_created', key, row, '' FROM trackings;",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        for (list, entries, of) in [
            (
                "trackings_by_tag",
                "organization, tag, key, row",
                "trackings",
            ),
            (
                "trackings_by_slug",
                "organization, slug, key, row",
                "trackings",
            ),
            (
                "trackings_by_order",
                "organization, order_id, key, row",
                "trackings WHERE order_id = 'order'",
            ),
            (
                "events_by_sequence",
                "organization, sequence, at, tracking, row",
                "events",
            ),
        ] {
            let (there, missing): (i64, i64) = connection
                .query_row(
                    &format!(
                        "SELECT count(*), (SELECT count(*) FROM (SELECT {entries} FROM {of} EXCEPT SELECT {entries} FROM {list}))
                         FROM {list}"
                    ),
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .unwrap();
            let expected = if list == "trackings_by_order" { 5 } else { 40 };
            assert_eq!((there, missing), (expected, 0), "{list}");
        }
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute("UPDATE schema_version SET version = 9999", [])
            .unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(
            matches!(error, OpenError::Newer { found: 9999, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute("CREATE TABLE theirs (a)", []).unwrap();
        assert!(matches!(
            migrate(&mut connection).unwrap_err(),
            OpenError::Foreign
        ));
        assert_eq!(version(&connection).unwrap(), None);
    }
}
