//! What a drive uses: its own process, and those of a PostgreSQL server.

use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    contest::Round,
    program::{Usage, usage_of},
};

/// An idle log is copied within this time.
const LOG_COPIED: Duration = Duration::from_secs(3);

/// Counts from when it is made.
pub struct Meter {
    begin: Instant,
    /// The server's first process, where there is a server.
    server: Option<u32>,
    before: HashMap<u32, Usage>,
}

impl Meter {
    /// Begins to count. A backend of the server leads to all of its processes.
    pub fn start(backend: Option<u32>) -> Result<Self> {
        let server = backend.map(parent_of).transpose()?;
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

fn usages(server: Option<u32>) -> Result<HashMap<u32, Usage>> {
    let mut processes = vec![std::process::id()];
    if let Some(server) = server {
        processes.push(server);
        for entry in fs::read_dir("/proc")?.flatten() {
            let process = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(process) = process
                && parent_of(process).is_ok_and(|parent| parent == server)
            {
                processes.push(process);
            }
        }
    }
    // One may end between being listed and being read.
    let usages = processes
        .into_iter()
        .filter_map(|process| Some((process, usage_of(process).ok()?)));
    Ok(usages.collect())
}

fn parent_of(process: u32) -> Result<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').context("no stat")?.1;
    let parent = after_name.split_whitespace().nth(1).context("no parent")?;
    Ok(parent.parse()?)
}
