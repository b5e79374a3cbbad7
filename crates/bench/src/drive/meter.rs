//! What a drive uses: its own process, and those of a PostgreSQL server.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    contest::Round,
    program::{Usage, usage_of},
    server::Server,
};

/// An idle log is copied within this time.
const LOG_COPIED: Duration = Duration::from_secs(3);

/// Counts from when it is made.
pub struct Meter {
    begin: Instant,
    server: Option<Server>,
    before: HashMap<u32, Usage>,
}

impl Meter {
    /// Begins to count, the server's processes too where there is one.
    pub fn start(server: Option<Server>) -> Result<Self> {
        Ok(Self {
            begin: Instant::now(),
            before: usages(server)?,
            server,
        })
    }

    /// What so many operations took. Waits for the log to be copied, which counts for the bytes.
    pub async fn stop(self, operations: u64) -> Result<Round> {
        let elapsed = self.begin.elapsed();
        tokio::time::sleep(LOG_COPIED).await;
        let mut used = Usage::default();
        for (process, now) in usages(self.server)? {
            let before = self.before.get(&process).copied().unwrap_or_default();
            let since = now.since(before);
            used.cpu_micros += since.cpu_micros;
            used.written += since.written;
        }
        let operations = operations.max(1) as f64;
        Ok(Round {
            rate: operations / elapsed.as_secs_f64(),
            cpu_micros: used.cpu_micros as f64 / operations,
            written_kb: used.written as f64 / 1_024.0 / operations,
            p50: 0.0,
            p99: 0.0,
        })
    }
}

fn usages(server: Option<Server>) -> Result<HashMap<u32, Usage>> {
    let mut processes = vec![std::process::id()];
    if let Some(server) = server {
        processes.extend(server.processes()?);
    }
    // One may end between being listed and being read.
    let usages = processes
        .into_iter()
        .filter_map(|process| Some((process, usage_of(process).ok()?)));
    Ok(usages.collect())
}
