//! One connection, with its prepared statements.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_postgres::{
    Client, Row, Statement,
    error::SqlState,
    types::{ToSql, Type},
};

use crate::{
    failure::{Failure, Result},
    rows::{self, Of},
    setup::Setup,
    statements,
    values::Columns,
};

/// How long a new connection may take: longer than a name takes to resolve and a server to fork.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The server gives up a statement after this; the longest of ours takes a second.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// What a server that has vanished cannot say for itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// A migration may rewrite a large table, and other nodes wait for it.
const MIGRATION_WITHIN: Duration = Duration::from_hours(6);
/// A transaction whose client has vanished must not hold its locks for longer.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(15);

/// As the sequence is made.
const NUMBERS_AT_ONCE: i64 = 1_000;
const NEXT_NUMBERS: &str = "SELECT nextval('numbers')";

/// All statements of this module that are prepared.
pub const STATEMENTS: &[&str] = &[NEXT_NUMBERS];

/// Values of a statement.
pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection. Calls may be made at once: the server takes them one by one, without a pause
/// between them.
pub struct Session {
    client: Client,
    prepared: Mutex<HashMap<&'static str, Statement>>,
    /// In a transaction, or in a state unknown: of no use to anyone else.
    is_taken: AtomicBool,
    answer_within: Duration,
    is_distributed: bool,
    /// Numbers that it has taken and not given yet.
    numbers: Mutex<std::ops::Range<i64>>,
}

impl Session {
    /// Connects. The connection's own work is a task that ends with it.
    pub async fn connect(setup: &Setup) -> Result<Self> {
        let connecting = async {
            let client = setup.connect().await?;
            // Every statement is made of look-ups in its indexes. A table that was just filled has no
            // statistics yet, and the planner might read all of it; nor is compiling worth it.
            client
                .batch_execute(&format!(
                    "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {};
                     SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
                     SET jit = off; SET synchronous_commit = on",
                    STATEMENT_TIMEOUT.as_millis(),
                    IDLE_IN_TRANSACTION.as_millis()
                ))
                .await?;
            Ok(client)
        };
        let client = tokio::time::timeout(CONNECT_WITHIN, connecting)
            .await
            .unwrap_or(Err(Failure::Late))?;
        Ok(Self {
            client,
            prepared: Mutex::default(),
            is_taken: AtomicBool::new(false),
            answer_within: ANSWER_WITHIN,
            is_distributed: setup.is_distributed,
            numbers: Mutex::default(),
        })
    }

    /// For statements of many rows.
    pub async fn for_batches(self) -> Result<Self> {
        // On one server a plan is made once and always looks up row by row: that must not depend on how
        // large a table was then, or on statistics that are still to come. So all that counts is how many
        // rows a plan passes. A server that hands statements on must see their values.
        if !self.is_distributed {
            let settings =
                "SET plan_cache_mode = force_generic_plan; SET random_page_cost = 0.0001;
                 SET cpu_operator_cost = 0.00001; SET cpu_index_tuple_cost = 0.00001";
            self.run(settings).await?;
        }
        Ok(self)
    }

    /// For what is done once and may take long: migrations.
    pub async fn patiently(mut self) -> Result<Self> {
        self.answer_within = MIGRATION_WITHIN;
        let patience = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
        self.run(patience).await?;
        Ok(self)
    }

    /// The rows of each statement of many.
    pub fn parts<'r, T>(
        &self,
        rows: &'r [Of<T>],
    ) -> impl Iterator<Item = &'r [Of<T>]> + use<'r, T> {
        rows::parts(rows, self.is_distributed)
    }

    /// Numbers that are given once and never again.
    pub async fn numbers(&self, count: usize) -> Result<Vec<i64>> {
        let mut numbers = Vec::with_capacity(count);
        loop {
            numbers.extend(self.lock_numbers().by_ref().take(count - numbers.len()));
            if numbers.len() == count {
                return Ok(numbers);
            }
            if let Some(row) = self.row(NEXT_NUMBERS, &[]).await? {
                let first = row.value(0)?;
                *self.lock_numbers() = first..first + NUMBERS_AT_ONCE;
            }
        }
    }

    /// Whether another may use it.
    pub fn is_free(&self) -> bool {
        !self.client.is_closed() && !self.is_taken.load(Ordering::Relaxed)
    }

    /// All rows of a statement.
    pub async fn rows(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>> {
        let statement = self.statement(sql).await?;
        self.in_time(self.client.query(&statement, values)).await
    }

    /// All rows of a statement that is planned anew for its values: which plan is good depends on how
    /// common they are.
    pub async fn planned(
        &self,
        sql: &'static str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>> {
        debug_assert!(
            statements::is_listed(sql),
            "not in its module's list: {sql}"
        );
        self.in_time(self.client.query_typed(sql, values)).await
    }

    /// The first row of a statement.
    pub async fn row(&self, sql: &'static str, values: Values<'_>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// How many rows a statement changed.
    pub async fn change(&self, sql: &'static str, values: Values<'_>) -> Result<u64> {
        let statement = self.statement(sql).await?;
        self.in_time(self.client.execute(&statement, values)).await
    }

    /// Statements without values, answered as one.
    pub async fn run(&self, sql: &str) -> Result<()> {
        self.in_time(self.client.batch_execute(sql)).await
    }

    /// Begins a transaction; until it ends nobody else may use the connection.
    pub async fn begin(&self) -> Result<()> {
        self.is_taken.store(true, Ordering::Relaxed);
        self.run("BEGIN").await
    }

    /// Begins a transaction whose end does not wait for the disk.
    pub async fn begin_lightly(&self) -> Result<()> {
        self.is_taken.store(true, Ordering::Relaxed);
        self.run("BEGIN; SET LOCAL synchronous_commit = off").await
    }

    /// Commits; where no answer comes nobody knows what happened.
    pub async fn commit(&self) -> Result<()> {
        self.run("COMMIT").await.map_err(|failure| {
            if failure.is_transient() || failure.is_of_the_write() {
                failure
            } else {
                Failure::Unknown(Box::new(failure))
            }
        })?;
        self.is_taken.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Takes the transaction back.
    pub async fn roll_back(&self) -> Result<()> {
        self.run("ROLLBACK").await?;
        self.is_taken.store(false, Ordering::Relaxed);
        Ok(())
    }

    async fn statement(&self, sql: &'static str) -> Result<Statement> {
        debug_assert!(
            statements::is_listed(sql),
            "not in its module's list: {sql}"
        );
        let known = self.prepared().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let text = self.text(sql);
        let statement = self.in_time(self.client.prepare(&text)).await?;
        self.prepared().insert(sql, statement.clone());
        Ok(statement)
    }

    /// A statement as this server is to read it.
    fn text(&self, sql: &'static str) -> Cow<'static, str> {
        if self.is_distributed {
            sql.into()
        } else {
            rows::on_one_server(sql)
        }
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        match tokio::time::timeout(self.answer_within, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                // Another node may have changed a table that a prepared statement was made for.
                if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) {
                    self.prepared().clear();
                }
                Err(error.into())
            }
            Err(_) => {
                self.is_taken.store(true, Ordering::Relaxed);
                Err(Failure::Late)
            }
        }
    }

    fn lock_numbers(&self) -> std::sync::MutexGuard<'_, std::ops::Range<i64>> {
        // A range is whole at every moment.
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        // A map of what was prepared is whole at every moment.
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of a statement with values of the right kind.
    #[cfg(test)]
    pub async fn explain(&self, sql: &'static str) -> String {
        self.run(&format!("PREPARE explained AS {}", self.text(sql)))
            .await
            .unwrap();
        let types =
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'explained'";
        let types: Vec<String> = self.client.query_one(types, &[]).await.unwrap().get(0);
        let values: Vec<String> = types.iter().map(|kind| value_of(kind)).collect();
        let values = match values.join(", ") {
            values if values.is_empty() => values,
            values => format!("({values})"),
        };
        let explain =
            format!("EXPLAIN (COSTS OFF) EXECUTE explained{values}; DEALLOCATE explained");
        let messages = self.client.simple_query(&explain).await;
        let messages = messages.unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
        let lines = messages.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
fn value_of(kind: &str) -> String {
    let element = kind.trim_end_matches("[]");
    let value = match element {
        "uuid" => "00000000-0000-0000-0000-000000000001",
        "boolean" => "true",
        _ => "5",
    };
    if element == kind {
        format!("'{value}'::{kind}")
    } else {
        format!("'{{{value}}}'::{kind}")
    }
}
