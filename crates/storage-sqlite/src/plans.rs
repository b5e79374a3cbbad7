//! How SQLite goes about the statements that read lists: each is a look-up in the list and one among the
//! young, merged as far as is read. None passes a whole table, and but for the few young nothing is sorted.
//! And about those that write: none of the frequent ones has SQLite set up a table of its own.

use rusqlite::Connection;

use crate::{events, jobs, migrations, names, sweep, trackings, walk};

/// The steps of a plan, each with the one that it is part of.
fn plan(connection: &Connection, sql: &str) -> Vec<(i64, String)> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let steps = statement
        .raw_query()
        .mapped(|row| Ok((row.get("parent")?, row.get("detail")?)));
    steps.collect::<rusqlite::Result<_>>().unwrap()
}

/// Whether each step is a look-up, or sorts what was looked up among the young.
fn is_short(steps: &[(i64, String)]) -> bool {
    let is_of_the_young = |part: i64| {
        let mut beside = steps.iter().filter(|(parent, _)| *parent == part);
        beside.any(|(_, step)| step.starts_with("SEARCH young"))
    };
    steps.iter().all(|(parent, step)| {
        let passed = step.strip_prefix("SCAN ");
        let is_table = |name: &str| !name.starts_with("(subquery") && name != "CONSTANT ROW";
        !passed.is_some_and(is_table) && (!step.contains("TEMP B-TREE") || is_of_the_young(*parent))
    })
}

#[test]
fn what_reads_a_list_looks_up_and_sorts_nothing() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    let statements = walk::statements().into_iter().chain(events::STATEMENTS);
    for sql in statements {
        let steps = plan(&connection, sql);
        assert!(is_short(&steps), "{sql}\n{steps:#?}");
    }
    // A sweep looks at webhooks, which are few, one by one.
    let mut steps = plan(&connection, sweep::SWEEP_EVENTS);
    steps.retain(|(_, step)| step.contains("events") || step.contains("young"));
    assert!(is_short(&steps), "{steps:#?}");
    assert!(steps.len() > 1, "{steps:#?}");
}

/// Whether SQLite sets up a table of its own for a statement.
fn needs_a_table(connection: &Connection, sql: &str) -> bool {
    let mut statement = connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
    let steps = statement
        .raw_query()
        .mapped(|row| row.get::<_, String>("opcode"));
    let steps: Vec<_> = steps.collect::<rusqlite::Result<_>>().unwrap();
    steps.iter().any(|step| step.starts_with("OpenEphemeral"))
}

#[test]
fn what_every_create_and_every_piece_of_news_writes_needs_no_table_of_its_own() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    let statements = names::STATEMENTS
        .into_iter()
        .chain(jobs::STATEMENTS)
        .chain(trackings::STATEMENTS);
    for sql in statements {
        assert!(!needs_a_table(&connection, sql), "{sql}");
    }
    let gives_back = "UPDATE job_keys SET last = last + 1 RETURNING last";
    assert!(needs_a_table(&connection, gives_back));
}

#[test]
fn a_statement_that_sorts_is_found() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrations::migrate(&mut connection).unwrap();
    let sql = "SELECT tag FROM trackings_by_tag WHERE organization = 1 ORDER BY key";
    assert!(!is_short(&plan(&connection, sql)));
    let sql = "SELECT row FROM trackings_by_tag WHERE key = 1";
    assert!(!is_short(&plan(&connection, sql)));
}
