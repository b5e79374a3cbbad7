//! One connection, with its prepared statements.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_postgres::{
    Client, Config, NoTls, Row, Statement,
    error::SqlState,
    types::{ToSql, Type},
};

use crate::{
    failure::{Failure, Result},
    statements,
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
}

impl Session {
    /// Connects. The connection's own work is a task that ends with it.
    pub async fn connect(config: &Config) -> Result<Self> {
        let connecting = async {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(error = %Failure::from(error), "a connection to the database ended");
                }
            });
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
        })
    }

    /// For what is done once and may take long: migrations.
    pub async fn patiently(mut self) -> Result<Self> {
        self.answer_within = MIGRATION_WITHIN;
        let patience = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
        self.run(patience).await?;
        Ok(self)
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
        let statement = self.in_time(self.client.prepare(sql)).await?;
        self.prepared().insert(sql, statement.clone());
        Ok(statement)
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

    fn prepared(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        // A map of what was prepared is whole at every moment.
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
