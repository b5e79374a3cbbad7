//! All statements, and the promise that each of them stays on one shard.

use crate::{
    api_keys, candidates, claims, deliveries, events, jobs, migrations, names, organizations,
    polls, schedules, search, secrets, sweep, trackings, webhooks,
};

/// Statements whose every table is led by a shard, which they name as their first value.
const OF_ONE_SHARD: &[&[&str]] = &[
    candidates::STATEMENTS,
    claims::STATEMENTS,
    deliveries::STATEMENTS,
    events::STATEMENTS,
    jobs::STATEMENTS,
    names::STATEMENTS,
    polls::STATEMENTS,
    search::STATEMENTS,
    sweep::STATEMENTS,
    trackings::STATEMENTS,
    webhooks::STATEMENTS,
];

/// Statements on the directory: small tables that no organization leads.
const OF_THE_DIRECTORY: &[&[&str]] = &[
    api_keys::STATEMENTS,
    migrations::STATEMENTS,
    organizations::STATEMENTS,
    schedules::STATEMENTS,
    secrets::STATEMENTS,
];

/// Statements that ask every shard for a little (where is something due, what is old, how many) and
/// lock nothing.
const OF_ALL_SHARDS: &[&[&str]] = &[
    claims::LOOKS,
    jobs::LOOKS,
    polls::LOOKS,
    search::LOOKS,
    sweep::LOOKS,
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

    /// Tables that every key of begins with a shard.
    const SHARDED: &[&str] = &[
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
        let named = words
            .windows(3)
            .filter(|three| {
                three[0].rsplit('.').next() == Some("shard") && three[1] == "=" && three[2] == shard
            })
            .count();
        // An insert gives its row the shard: first column, first value.
        let given = words
            .windows(4)
            .filter(|four| four[0] == "INSERT" && four[3] == "shard")
            .count();
        let value = words
            .windows(2)
            .filter(|pair| ["VALUES", "SELECT"].contains(&pair[0]) && pair[1] == shard)
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

    #[test]
    fn a_forgotten_shard_is_found() {
        let (uses, shards) = uses_and_shards("SELECT 1 FROM names WHERE organization = $1", "$1");
        assert_eq!((uses, shards), (1, 0));
        let sql = "DELETE FROM names WHERE shard = $1 AND EXISTS (SELECT 1 FROM polls)";
        assert_eq!(uses_and_shards(sql, "$1"), (2, 1));
        let sql = "INSERT INTO names (shard, kind) VALUES ($1, $2)";
        assert_eq!(uses_and_shards(sql, "$1"), (1, 1));
    }
}
