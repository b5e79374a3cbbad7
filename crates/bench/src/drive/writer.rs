//! The bare batching writer.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{On, meter::Meter};
use crate::{bare, contest::Round, world::number_of};

/// Rows in a transaction.
const GROUP: u64 = 256;

/// Groups on SQLite, each waiting for the disk.
pub fn bare(on: &On, prototype: &Path) -> Result<Round> {
    let file = on
        .database
        .strip_prefix("sqlite:")
        .context("only SQLite can be written so")?;
    let prototype: bare::Prototype = serde_json::from_slice(&std::fs::read(prototype)?)?;
    let (connection, restart) = bare::writer(Path::new(file))?;
    let mut writer = bare::Writer::new(&connection, &prototype)?;
    let begin = Instant::now();
    let first = u64::from(std::process::id()) << 32;
    let mut written = 0;
    let meter = Meter::start(None)?;
    while begin.elapsed() < Duration::from_secs(on.seconds) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..GROUP {
            writer.write(&connection, &number_of(first + written))?;
            written += 1;
        }
        connection.execute_batch("COMMIT")?;
        bare::restart_if_asked(&connection, &restart)?;
    }
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meter.stop(written)))
}
