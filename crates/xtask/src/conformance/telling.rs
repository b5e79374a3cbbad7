//! A driver runs: what it is given, what it says.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    BOOTSTRAP_KEY, FOLDER, Server, Tools, install,
    sdk::{Registry, Sdk},
};

/// A driver that says nothing for ever must not hang the tests.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// Where the story is told, and with which keys.
pub(crate) struct Job {
    /// A server without limits and with a quick testing courier.
    pub server: Server,
    /// A server with the documented limits.
    pub limited: Server,
    /// A key of every kind.
    pub ways: Vec<Way>,
    /// A key that opens the couriers alone.
    pub scoped: String,
    /// A private key that nobody knows.
    pub stranger: String,
}

impl Job {
    /// What stands in a snippet for a key or a secret.
    pub fn words(&self) -> Vec<(&'static str, &str)> {
        let mut words = Vec::new();
        for way in &self.ways {
            match way.kind {
                "API_KEY" => words.push(("YOUR_KEY", way.key.as_str())),
                "AES" => {
                    words.push(("YOUR_AES_KEY", way.key.as_str()));
                    words.push(("YOUR_SECRET", way.secret.as_deref().unwrap_or_default()));
                }
                _ => {}
            }
        }
        words
    }
}

/// A way to authenticate.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Way {
    kind: &'static str,
    key: String,
    secret: Option<String>,
}

/// What became of a case.
#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    /// The way to authenticate.
    pub mode: String,
    /// What was called.
    pub call: String,
    /// The name of the case.
    pub case: String,
    /// Why it misses.
    pub why: Option<String>,
}

impl Told {
    /// A driver that broke off.
    pub fn broken(error: &anyhow::Error) -> Self {
        Self {
            mode: "-".to_owned(),
            call: "driver".to_owned(),
            case: "runs".to_owned(),
            why: Some(format!("{error:#}")),
        }
    }
}

impl Way {
    /// One.
    pub fn new(kind: &'static str, key: String, secret: Option<String>) -> Self {
        Self { kind, key, secret }
    }
}

/// Runs the driver of an SDK.
pub(crate) fn tell(tools: &Tools, sdk: &Sdk, job: &Job) -> Result<Vec<Told>> {
    let mut command = install::interpreter(tools, sdk);
    command.arg(Path::new(FOLDER).join(match sdk.registry {
        Registry::Pypi => "python/driver.py",
        Registry::Npm => "node/driver.js",
    }));
    let ways = job.ways.iter();
    let modes: Vec<_> = ways
        .filter(|way| sdk.modes.iter().any(|mode| mode == way.kind))
        .collect();
    let given = json!({
        "sdk": sdk,
        "label": sdk.label(),
        "modes": modes,
        "server": job.server.address,
        "limited": {"server": job.limited.address, "key": BOOTSTRAP_KEY},
        "keys": {"scoped": job.scoped, "stranger": job.stranger},
    });
    let name = format!("{} {}", sdk.package, sdk.release);
    let said = converse(&mut command, &given.to_string()).context(name.clone())?;
    let cases: Result<Vec<Told>, _> = said.lines().map(serde_json::from_str).collect();
    let cases = cases.with_context(|| format!("{name} said {said}"))?;
    if cases.is_empty() {
        bail!("{name} was told nothing");
    }
    Ok(cases)
}

/// Gives a program its input and takes what it says, within the time limit.
fn converse(command: &mut Command, given: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {command:?}"))?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(given.as_bytes())?;
    drop(stdin);
    let mut stdout = child.stdout.take().context("no stdout")?;
    let reading = thread::spawn(move || {
        let mut said = String::new();
        stdout.read_to_string(&mut said).map(|_| said)
    });
    let status = ended(&mut child)?;
    let said = reading.join().ok().context("the reader broke")??;
    if !status {
        bail!("the driver failed after {said}");
    }
    Ok(said)
}

/// Waits for the end; whether it was a good one.
fn ended(child: &mut Child) -> Result<bool> {
    let end = Instant::now() + TIME_LIMIT;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() > end {
            child.kill()?;
            bail!("not done in {} s", TIME_LIMIT.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}
