//! The real binary on a database of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tempfile::TempDir;

use crate::execute;

/// The first key of the organization; it opens everything.
pub(crate) const BOOTSTRAP_KEY: &str = "conformance";

/// A server, ended when dropped.
pub(crate) struct Server {
    /// `http://HOST:PORT`.
    pub address: String,
    child: Child,
    folder: TempDir,
}

/// A key as `waybill keys create --json` prints it.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    /// The key.
    pub key: String,
    /// The secret of an AES key.
    pub secret: Option<String>,
}

/// Builds the binary and tells where it is; `WAYBILL_BINARY` names one that is there.
pub(crate) fn build() -> Result<PathBuf> {
    if let Some(binary) = std::env::var_os("WAYBILL_BINARY") {
        return Ok(binary.into());
    }
    execute("cargo", &["build", "--quiet", "--package", "waybill"])?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let binary = Path::new(&target).join("debug/waybill");
    fs::canonicalize(&binary).with_context(|| format!("{} was not built", binary.display()))
}

impl Server {
    /// Starts it on a free port; its log goes to a file that is shown when it does not start.
    pub fn start(binary: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut child = command(binary, folder.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("WAYBILL_BOOTSTRAP_API_KEY", BOOTSTRAP_KEY)
            .env("RUST_LOG", "warn")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("cannot start the server")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            let log = fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            bail!("the server did not start: {log}");
        };
        Ok(Self {
            address: address.to_owned(),
            child,
            folder,
        })
    }

    /// Makes a key.
    pub fn key(&self, binary: &Path, flags: &[&str]) -> Result<Key> {
        let made = command(binary, self.folder.path())
            .args(["keys", "create", "--json"])
            .args(flags)
            .output()?;
        serde_json::from_slice(&made.stdout)
            .with_context(|| format!("no key: {}", String::from_utf8_lossy(&made.stderr)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary in a folder, where it keeps its database.
fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder);
    command
}
