//! `cargo xtask bench`: Waybill beside bare programs, on the same rows, in alternated rounds.
//!
//! A row of the table is a [`contest::Contest`]: two programs that do the same work, the one that is
//! bare and Waybill. To add one: a function in `rows/` and its line in [`rows::ROWS`].
#![expect(
    clippy::print_stderr,
    reason = "progress and results are what a bench is for"
)]

mod bare;
mod contest;
mod drive;
mod load;
mod program;
mod report;
mod rows;
mod server;
mod world;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// As Waybill's, for all that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure
    Run(Options),
    /// Be a bare program
    #[command(subcommand)]
    Bare(bare::Bare),
    /// Do work without HTTP
    #[command(subcommand)]
    Drive(drive::Drive),
}

/// What is measured, and how long.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The release build of Waybill
    #[arg(long)]
    pub waybill: PathBuf,
    /// Only these rows (default: all)
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Trackings in the filled database
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// Trackings in the large database of the rows about growth
    #[arg(long, default_value_t = 1_000_000)]
    pub large: u64,
    /// Engines of the rows about growth
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    pub engines: Vec<String>,
    /// Organizations
    #[arg(long, value_delimiter = ',', default_value = "1,1000")]
    pub organizations: Vec<u32>,
    /// Rounds of each program
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// Seconds a round
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// Minutes of the load under which memory is watched
    #[arg(long, default_value_t = 10)]
    pub minutes: u32,
    /// Connections
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Where databases are made, and kept for the next run (default: a folder that is deleted)
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// The document whose tables are replaced
    #[arg(long)]
    pub document: Option<PathBuf>,
}

impl Options {
    /// How long a round lasts.
    pub fn round(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether a row is wanted.
    pub fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Run(options) => rows::run(options).await,
        Command::Bare(bare) => bare::run(bare).await,
        Command::Drive(drive) => drive::run(drive).await,
    }
}
