//! schemathesis: requests made from each version's own description, good and bad, and every answer
//! held against it.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::{
    AT_ONCE, BOOTSTRAP_KEY, FOLDER, Server, build,
    install::{home, once, pip},
    print_out,
};
use crate::execute;

/// Where the descriptions are kept, a file a version; the server publishes the same.
const DESCRIPTIONS: &str = "openapi";
/// What each answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";
/// The same requests in every run, so that a failure can be had again.
const SEED: &str = "20260709";
/// So many trackings there are before.
const SEEDED: usize = 20;
/// So much of a failing run's output is shown.
const SHOWN_LINES: usize = 120;

/// Asks every version for so many seconds.
pub(crate) fn run(seconds: u32) -> Result<()> {
    let program = install()?;
    let binary = build()?;
    let server = Server::start(
        &binary,
        &[
            ("WAYBILL_RATE_LIMITS__PROFILE", "off"),
            ("WAYBILL_SANDBOX__SECONDS_PER_MINUTE", "0.1"),
        ],
    )?;
    seed(&server)?;
    let waiting = Mutex::new(versions()?);
    let failed = Mutex::new(Vec::new());
    print_out(&format!(
        "schemathesis: seed {SEED}, {seconds} s a version\n"
    ));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(version) = waiting.lock().ok().and_then(|mut list| list.pop()) {
                    let said = ask(&program, &server, &version, seconds);
                    if let (Err(error), Ok(mut failed)) = (said, failed.lock()) {
                        failed.push(format!("{version}: {error:#}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    if !failed.is_empty() {
        bail!("{} versions fail:\n{}", failed.len(), failed.join("\n"));
    }
    Ok(())
}

/// Makes trackings with every field, so that there is something in the answers.
fn seed(server: &Server) -> Result<()> {
    let address = server.address.trim_start_matches("http://");
    let cases = fs::read_to_string(Path::new(FOLDER).join("cases.json"))?;
    let cases: Value = serde_json::from_str(&cases)?;
    let given = cases["objects"]["shipment"].as_object();
    let mut shipment: Map<String, Value> = given.into_iter().flatten().filter_map(newest).collect();
    for at in 0..SEEDED {
        let number = format!("ITOD-1-SEED{at}");
        shipment.insert("tracking_number".to_owned(), number.into());
        let body = serde_json::to_string(&shipment)?;
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "POST /tracking/2026-07/trackings HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             as-api-key: {BOOTSTRAP_KEY}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with("HTTP/1.1 201 ") {
            bail!("a tracking was not made: {answer}");
        }
    }
    Ok(())
}

/// A member of the table as the newest version has it: `name`, `name@since..`, not `name@..until`.
fn newest((name, value): (&String, &Value)) -> Option<(String, Value)> {
    let (name, versions) = name.split_once('@').unwrap_or((name, ".."));
    versions
        .ends_with("..")
        .then(|| (name.to_owned(), value.clone()))
}

/// The versions, newest first.
fn versions() -> Result<Vec<String>> {
    let files = fs::read_dir(DESCRIPTIONS).with_context(|| format!("no {DESCRIPTIONS}"))?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut versions: Vec<_> = files.filter_map(|file| stem(file.ok()?.path())).collect();
    versions.sort_unstable();
    if versions.is_empty() {
        bail!("{DESCRIPTIONS} is empty");
    }
    Ok(versions)
}

fn ask(program: &Path, server: &Server, version: &str, seconds: u32) -> Result<()> {
    let description = format!("{}/docs/openapi/{version}.json", server.address);
    let run = Command::new(program)
        .current_dir(home()?)
        .args(["run", &description, "--checks", CHECKS, "--seed", SEED])
        .args(["--max-time", &seconds.to_string()])
        .args(["--header", &format!("as-api-key: {BOOTSTRAP_KEY}")])
        .args(["--generation-database", "none", "--warnings", "off"])
        .args(["--suppress-health-check", "all", "--no-color"])
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    let said = String::from_utf8_lossy(&run.stdout);
    if !run.status.success() {
        let lines: Vec<&str> = said.lines().collect();
        let shown = lines.len().saturating_sub(SHOWN_LINES);
        bail!("{}", lines[shown..].join("\n"));
    }
    let told = said.lines().filter(|line| line.contains("generated"));
    let told: Vec<&str> = told.map(str::trim).collect();
    print_out(&format!("  {version}: {}\n", told.join(", ")));
    Ok(())
}

/// Puts schemathesis into an environment of its own and tells where its program is.
fn install() -> Result<PathBuf> {
    super::install::interpreters()?;
    let environment = home()?.join("schemathesis");
    let requirements = Path::new(FOLDER).join("schemathesis.txt");
    let wanted = fs::read_to_string(&requirements)?;
    once(&environment, &wanted, || {
        execute("python3", &["-m", "venv", &environment.to_string_lossy()])?;
        let python = environment.join("bin/python");
        pip(&python, &["--requirement", &requirements.to_string_lossy()])
    })?;
    Ok(environment.join("bin/st"))
}
