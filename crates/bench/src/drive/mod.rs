//! Work without HTTP: a process of its own does it for some seconds and prints what it cost.

mod claims;
mod creates;
mod meter;
mod writer;

use std::{path::PathBuf, process::Command, sync::Arc};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use waybill_model::Clock;
use waybill_storage::Storage;
use waybill_storage_postgres::PostgresStorage;
use waybill_storage_sqlite::SqliteStorage;

use self::meter::Meter;
pub use self::writer::Changed;
use crate::{contest::Round, server::Server};

/// What is done.
#[derive(Debug, Subcommand)]
pub enum Drive {
    /// Add due jobs of many organizations
    AddJobs {
        #[command(flatten)]
        on: On,
        /// How many
        #[arg(long)]
        jobs: u64,
        /// Of how many organizations
        #[arg(long, default_value_t = 100)]
        organizations: u64,
    },
    /// Claim and finish jobs through the runner
    Claims(On),
    /// Claim and finish jobs by the least statements
    BareClaims(On),
    /// How long one job waits behind a crowd of another organization's, in seconds
    Fairness(On),
    /// Make trackings through the storage, many callers at once
    Creates {
        #[command(flatten)]
        on: On,
        /// For so many organizations
        #[arg(long, default_value_t = 1)]
        organizations: u64,
        /// Callers, each of which waits for its commit
        #[arg(long, default_value_t = 64)]
        callers: u64,
    },
    /// Write the rows of creates in groups: SQLite by one thread, PostgreSQL on a few connections
    BareWriter {
        #[command(flatten)]
        on: On,
        /// The rows, as learned from Waybill
        #[arg(long)]
        prototype: PathBuf,
        /// Change these trackings instead
        #[arg(long)]
        changed: Option<PathBuf>,
    },
}

/// Where, and how long.
#[derive(Debug, Args)]
pub struct On {
    /// `sqlite:FILE` or `postgres://…`
    #[arg(long)]
    pub database: String,
    /// For so long
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
}

/// Does it, and prints a [`Round`].
#[expect(clippy::print_stdout, reason = "the bench reads it")]
pub async fn run(drive: Drive) -> Result<()> {
    let round = match drive {
        Drive::AddJobs {
            on,
            jobs,
            organizations,
        } => claims::add(&on, jobs, organizations).await?,
        Drive::Claims(on) => claims::waybill(&on).await?,
        Drive::BareClaims(on) => claims::bare(&on).await?,
        Drive::Fairness(on) => claims::fairness(&on).await?,
        Drive::Creates {
            on,
            organizations,
            callers,
        } => creates::creates(&on, organizations, callers).await?,
        Drive::BareWriter {
            on,
            prototype,
            changed,
        } => writer::bare(&on, &prototype, changed.as_deref()).await?,
    };
    println!("{}", serde_json::to_string(&round)?);
    Ok(())
}

/// Runs a drive in a process of its own.
pub fn drive(arguments: &[&str]) -> Result<Round> {
    let output = Command::new(std::env::current_exe()?)
        .arg("drive")
        .args(arguments)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        bail!("{arguments:?} failed: {}", output.status);
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{arguments:?} printed no round"))
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "this is the clock of the bench")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

fn machine_now() -> Timestamp {
    Machine.now()
}

async fn open(on: &On) -> Result<Arc<dyn Storage>> {
    Ok(match on.database.strip_prefix("sqlite:") {
        Some(file) => Arc::new(SqliteStorage::open(file.as_ref())?),
        None => Arc::new(PostgresStorage::connect(&on.database).await?),
    })
}

/// Counts this process, and the server's where there is one.
async fn meter(on: &On) -> Result<Meter> {
    if on.database.starts_with("sqlite:") {
        return Meter::start(None);
    }
    let client = client(&on.database).await?;
    Meter::start(Some(Server::of(&client).await?))
}

/// A bare connection.
pub async fn client(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}
