//! The bare batching writer: of creates, and of changes.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{On, meter::Meter};
use crate::{
    bare,
    contest::Round,
    world::{mixed, number_of},
};

/// Rows in a transaction.
const GROUP: u64 = 256;

/// A tracking that is changed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    /// Its key.
    pub key: Vec<u8>,
    /// What its organization is numbered.
    pub organization_number: i64,
}

/// Groups, each waiting for the disk; creates, or, on SQLite, changes of the trackings in a file.
pub async fn bare(on: &On, prototype: &Path, changed: Option<&Path>) -> Result<Round> {
    let prototype = std::fs::read(prototype)?;
    let Some(file) = on.database.strip_prefix("sqlite:") else {
        let prototype = serde_json::from_slice(&prototype)?;
        let meter = Meter::start(None)?;
        let length = Duration::from_secs(on.seconds);
        let written = bare::postgres::write(&on.database, prototype, length).await?;
        return meter.stop(written).await;
    };
    let prototype: bare::Prototype = serde_json::from_slice(&prototype)?;
    let (connection, restart) = bare::writer(Path::new(file))?;
    let mut writer = bare::Writer::new(&connection, &prototype)?;
    let changed: Vec<Changed> = match changed {
        Some(file) => serde_json::from_slice(&std::fs::read(file)?)?,
        None => Vec::new(),
    };
    let begin = Instant::now();
    let first = u64::from(std::process::id()) << 32;
    let mut written = 0;
    let meter = Meter::start(None)?;
    while begin.elapsed() < Duration::from_secs(on.seconds) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..GROUP {
            if changed.is_empty() {
                writer.write(&connection, &number_of(first + written))?;
            } else {
                let one = &changed[(mixed(first + written) % changed.len() as u64) as usize];
                writer.change(&connection, &one.key, one.organization_number)?;
            }
            written += 1;
        }
        connection.execute_batch("COMMIT")?;
        bare::restart_if_asked(&connection, &restart)?;
    }
    meter.stop(written).await
}
