//! The bare programs: the least that answers the same request from the same rows. Each is a server of
//! its own, so that its CPU can be told from the generator's.

pub mod postgres;
mod prototype;
mod reading;
mod writing;

use std::path::PathBuf;

use anyhow::Result;
use axum::Router;
use clap::Subcommand;
use rusqlite::Connection;
use tokio::net::TcpListener;

pub use prototype::{Prototype, Snapshot, unhex};
pub use writing::{Writer, restart_if_asked, writer};

/// The page caches that Waybill gives its connections.
const WRITER_CACHE_KIB: i64 = 8 * 1024;
const READER_CACHE_KIB: i64 = 4 * 1024;

/// Which.
#[derive(Debug, Subcommand)]
pub enum Bare {
    /// axum and a body in memory
    Fixed {
        /// The body
        #[arg(long)]
        body: PathBuf,
    },
    /// axum and reads of SQLite: a tracking by its key, lists
    Read {
        /// A file that Waybill made
        #[arg(long)]
        database: PathBuf,
    },
    /// axum and group commits of the rows of a create
    Create {
        /// A file that Waybill made
        #[arg(long)]
        database: PathBuf,
        /// The rows, as learned from Waybill
        #[arg(long)]
        prototype: PathBuf,
    },
}

/// Serves until killed.
pub async fn run(bare: Bare) -> Result<()> {
    let router = match bare {
        Bare::Fixed { body } => reading::fixed(std::fs::read(body)?),
        Bare::Read { database } => reading::router(database),
        Bare::Create {
            database,
            prototype,
        } => {
            let prototype = serde_json::from_slice(&std::fs::read(prototype)?)?;
            writing::router(&database, &prototype)?
        }
    };
    serve(router).await
}

#[expect(clippy::print_stdout, reason = "tells the bench where it listens")]
async fn serve(router: Router) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

fn open(path: &std::path::Path, cache_kib: i64) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
