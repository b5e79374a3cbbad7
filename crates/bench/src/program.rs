//! A program under measurement: started, asked by /proc what it uses, ended.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// The clock tick of /proc on Linux.
const MICROSECONDS_PER_TICK: u64 = 10_000;
/// What is in the log is copied into the database once two looks, a second apart, saw it at the same length, so up to
/// two seconds after the last write: so long, and some more, nothing may be written before a measurement counts as
/// ended, and at most so often that is waited for.
const QUIET: Duration = Duration::from_secs(3);
const QUIET_TRIES: usize = 8;

/// A server, killed when dropped.
pub struct Program {
    child: Child,
    /// `HOST:PORT`.
    pub address: String,
}

/// What processes have used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// CPU of all threads.
    pub cpu_micros: u64,
    /// Bytes sent to the disk.
    pub written: u64,
}

impl Usage {
    /// What was used since.
    pub fn since(self, before: Self) -> Self {
        Self {
            cpu_micros: self.cpu_micros - before.cpu_micros,
            written: self.written - before.written,
        }
    }
}

impl Program {
    /// Starts a program that prints `listening on http://ADDRESS`.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        match line.trim().strip_prefix("listening on http://") {
            Some(address) => Ok(Self {
                address: address.to_owned(),
                child,
            }),
            None => bail!("{command:?} said {line:?}"),
        }
    }

    /// Waybill on a database.
    pub fn waybill(binary: &Path, database: &str, roles: &str) -> Result<Self> {
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--roles", roles])
            .args(["--database", database])
            .env("WAYBILL_RATE_LIMITS__PROFILE", "off")
            .env("RUST_LOG", "error");
        Self::start(&mut command)
    }

    /// A bare program: this one, by another name.
    pub fn bare(kind: &str, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", kind]).args(arguments);
        Self::start(&mut command)
    }

    /// What it has used so far.
    pub fn usage(&self) -> Result<Usage> {
        usage_of(self.child.id())
    }

    /// Anonymous memory in KiB.
    pub fn anonymous_memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        number_in(&status, "RssAnon:")
    }

    /// Waits until nothing is written any more.
    pub async fn quiet(&self) -> Result<()> {
        let mut before = self.usage()?.written;
        for _ in 0..QUIET_TRIES {
            tokio::time::sleep(QUIET).await;
            let now = self.usage()?.written;
            if now == before {
                break;
            }
            before = now;
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.kill().is_ok() && self.child.wait().is_err() {
            eprintln!("a program could not be waited for");
        }
    }
}

/// What a process has used so far.
pub fn usage_of(process: u32) -> Result<Usage> {
    let io = fs::read_to_string(format!("/proc/{process}/io"))?;
    Ok(Usage {
        cpu_micros: cpu_micros(process, false)?,
        written: number_in(&io, "write_bytes:")?,
    })
}

/// The CPU that a process has used so far; with that of its children that have ended, if wanted.
pub fn cpu_micros(process: u32, with_children: bool) -> Result<u64> {
    let fields = if with_children { 4 } else { 2 };
    let stat = stat_of(process)?;
    let ticks = stat.iter().skip(11).take(fields);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks * MICROSECONDS_PER_TICK)
}

/// The process that started another.
pub fn parent_of(process: u32) -> Result<u32> {
    let stat = stat_of(process)?;
    Ok(stat.get(1).context("no parent")?.parse()?)
}

/// What /proc tells of a process, after its name.
fn stat_of(process: u32) -> Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').context("no stat")?.1;
    Ok(after_name.split_whitespace().map(str::to_owned).collect())
}

fn number_in(text: &str, name: &str) -> Result<u64> {
    let line = text
        .lines()
        .find(|line| line.starts_with(name))
        .context("no such line")?;
    let word = line.split_whitespace().nth(1).context("no value")?;
    Ok(word.parse()?)
}
