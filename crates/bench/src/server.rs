//! The processes of a PostgreSQL server.

use std::fs;

use anyhow::{Context, Result};
use tokio_postgres::Client;

use crate::program::{cpu_micros, parent_of};

/// A server on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// The process that all others are children of.
    first: u32,
}

impl Server {
    /// The one that a client is connected to.
    pub async fn of(client: &Client) -> Result<Self> {
        let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
        let backend = row.get::<_, i32>(0).cast_unsigned();
        let first = parent_of(backend)?;
        Ok(Self { first })
    }

    /// All of its processes.
    pub fn processes(self) -> Result<Vec<u32>> {
        let all = fs::read_dir("/proc")?.flatten();
        let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_own = |process: &u32| {
            *process == self.first || parent_of(*process).is_ok_and(|parent| parent == self.first)
        };
        Ok(all.filter(is_own).collect())
    }

    /// The CPU of all of them so far, of those that have ended too.
    pub fn cpu_micros(self) -> Result<u64> {
        let ended = cpu_micros(self.first, true).context("the server has ended")?;
        let others = self.processes()?.into_iter();
        let others = others.filter(|process| *process != self.first);
        // One may end between being listed and being read.
        let running: u64 = others
            .filter_map(|process| cpu_micros(process, false).ok())
            .sum();
        Ok(ended + running)
    }
}
