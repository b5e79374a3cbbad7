//! All statements, and the promise that each of them stays on one shard.

use crate::{
    api_keys, candidates, claims, deliveries, events, jobs, learned, migrations, names, nodes,
    numbers, once, organizations, partitions, polls, resources, schedules, search, secrets,
    session, sweep, trackings, unclassified, webhooks,
};

/// Statements whose every table is led by a shard, which they name as their first value.
const OF_ONE_SHARD: &[&[&str]] = &[
    candidates::STATEMENTS,
    claims::STATEMENTS,
    deliveries::STATEMENTS,
    events::STATEMENTS,
    jobs::STATEMENTS,
    names::STATEMENTS,
    numbers::STATEMENTS,
    once::STATEMENTS,
    partitions::STATEMENTS,
    polls::STATEMENTS,
    resources::STATEMENTS,
    search::STATEMENTS,
    sweep::STATEMENTS,
    trackings::STATEMENTS,
    unclassified::STATEMENTS,
    webhooks::STATEMENTS,
];

/// Statements on the directory: small tables that no organization leads.
const OF_THE_DIRECTORY: &[&[&str]] = &[
    api_keys::STATEMENTS,
    learned::STATEMENTS,
    migrations::STATEMENTS,
    nodes::STATEMENTS,
    organizations::STATEMENTS,
    partitions::OF_THE_CATALOGUE,
    schedules::STATEMENTS,
    secrets::STATEMENTS,
    session::STATEMENTS,
];

/// Statements that ask every shard for a little (where is something due, what is old, how many) and
/// lock nothing.
const OF_ALL_SHARDS: &[&[&str]] = &[
    claims::LOOKS,
    jobs::LOOKS,
    polls::LOOKS,
    search::LOOKS,
    sweep::LOOKS,
    unclassified::LOOKS,
];

/// Whether a statement is in its module's list, and so known to the tests.
pub fn is_listed(sql: &str) -> bool {
    [OF_ONE_SHARD, OF_THE_DIRECTORY, OF_ALL_SHARDS]
        .into_iter()
        .flatten()
        .any(|statements| statements.contains(&sql))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PostgresStorage, session::Session, setup::Setup};

    /// Tables that every key of begins with a shard.
    const SHARDED: &[&str] = &[
        "shards",
        "trackings",
        "tracking_counts",
        "names",
        "polls",
        "poll_attempts",
        "poll_counts",
        "event_counters",
        "events",
        "webhooks",
        "deliveries",
        "delivery_attempts",
        "jobs",
        "search",
        "unsearchable",
        "resources",
        "once",
        "number_counts",
        "unclassified",
    ];

    fn words(sql: &str) -> Vec<&str> {
        sql.split(|letter: char| !(letter.is_alphanumeric() || "_.$=<>".contains(letter)))
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// How often a sharded table is read or written, and how often a shard is named.
    fn uses_and_shards(sql: &str, shard: &str) -> (usize, usize) {
        let words = words(sql);
        let uses = words
            .windows(2)
            .filter(|pair| {
                ["FROM", "JOIN", "UPDATE", "INTO", "USING"].contains(&pair[0])
                    && SHARDED.contains(&pair[1])
            })
            .count();
        let is_shard = |word: &str| word.rsplit('.').next() == Some("shard");
        let one = words
            .windows(3)
            .filter(|three| is_shard(three[0]) && three[1] == "=" && three[2] == shard);
        // Many rows at once: the shards they are on are one value, which has one of them where it must.
        let several = words
            .windows(4)
            .filter(|four| is_shard(four[0]) && four[1..3] == ["=", "ANY"] && four[3] == shard);
        let named = one.count() + several.count();
        // An insert gives its rows the shard: first column, first value.
        let given = words
            .windows(4)
            .filter(|four| four[0] == "INSERT" && four[3] == "shard")
            .count();
        let value = words
            .windows(2)
            .filter(|pair| {
                ["VALUES", "SELECT"].contains(&pair[0])
                    && (pair[1] == shard || pair[1] != "shard" && is_shard(pair[1]))
            })
            .count();
        (uses, named + given.min(value))
    }

    #[test]
    fn every_statement_names_one_shard_for_each_table() {
        for sql in OF_ONE_SHARD.iter().copied().flatten() {
            let (uses, shards) = uses_and_shards(sql, "$1");
            assert!(uses > 0, "{sql}");
            assert!(shards >= uses, "{shards} shards for {uses} tables: {sql}");
        }
    }

    #[test]
    fn the_directory_is_not_sharded() {
        for sql in OF_THE_DIRECTORY.iter().copied().flatten() {
            assert_eq!(uses_and_shards(sql, "$1").0, 0, "{sql}");
        }
    }

    #[test]
    fn looks_over_all_shards_lock_nothing() {
        for sql in OF_ALL_SHARDS.iter().copied().flatten() {
            assert!(sql.starts_with("SELECT"), "{sql}");
            assert!(
                !words(sql).windows(2).any(|pair| pair == ["FOR", "UPDATE"]),
                "{sql}"
            );
        }
    }

    /// Statements are made of look-ups whatever a table holds and whether its statistics are there; on
    /// a distributed server each concerns one other.
    #[tokio::test]
    async fn every_statement_is_planned_well() {
        let url = waybill_test_postgres::empty().await;
        drop(PostgresStorage::connect(&url).await.unwrap());
        let mut setup = Setup::parse(&url).unwrap();
        setup.is_distributed = waybill_test_postgres::distribute(&url).await;
        let reader = Session::connect(&setup).await.unwrap();
        let writer = Session::connect(&setup).await.unwrap();
        let writer = writer.for_batches().await.unwrap();
        for sql in OF_ONE_SHARD.iter().copied().flatten() {
            let is_read = sql.starts_with("SELECT") && !sql.contains("ANY ($1)");
            let session = if is_read { &reader } else { &writer };
            let plan = session.explain(sql).await;
            assert!(!plan.contains("Seq Scan on"), "{sql}\n{plan}");
            if setup.is_distributed {
                assert!(plan.contains("Task Count: 1"), "{sql}\n{plan}");
                assert_eq!(plan.matches("Task Count").count(), 1, "{sql}\n{plan}");
            } else {
                assert!(!plan.contains("Join Filter"), "{sql}\n{plan}");
            }
        }
        for sql in OF_ALL_SHARDS.iter().copied().flatten() {
            let plan = reader.explain(sql).await;
            assert!(!plan.contains("Seq Scan on jobs"), "{sql}\n{plan}");
        }
    }

    #[test]
    fn a_forgotten_shard_is_found() {
        let (uses, shards) = uses_and_shards("SELECT 1 FROM names WHERE organization = $1", "$1");
        assert_eq!((uses, shards), (1, 0));
        let sql = "DELETE FROM names WHERE shard = $1 AND EXISTS (SELECT 1 FROM polls)";
        assert_eq!(uses_and_shards(sql, "$1"), (2, 1));
        let sql = "INSERT INTO names (shard, kind) VALUES ($1, $2)";
        assert_eq!(uses_and_shards(sql, "$1"), (1, 1));
        let sql = "INSERT INTO names (shard) SELECT shards.shard FROM shards WHERE shards.shard = ANY ($1)";
        assert_eq!(uses_and_shards(sql, "$1"), (2, 2));
        let sql = "UPDATE polls SET leg = 1 FROM names WHERE polls.shard = ANY ($1)";
        assert_eq!(uses_and_shards(sql, "$1"), (2, 1));
    }
}
