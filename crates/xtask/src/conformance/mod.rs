//! Conformance: the published SDKs, in their own languages, against the real binary.
//!
//! `conformance/sdks.json` lists the SDKs and `conformance/cases.json` tells the story that each of
//! them is told, method by method; the drivers beside them are a program a language. Here the SDKs
//! are installed, a server is started, the drivers run, and the matrix is printed.
//!
//! To add a release: a row in `sdks.json`. To add a case: a line in `cases.json`.

mod install;
mod matrix;
pub(crate) mod schemas;
mod sdk;
mod server;
mod snippets;
mod telling;

use std::{path::Path, sync::Mutex, thread};

use anyhow::{Result, bail};

pub(crate) use install::{Tools, install_tools};
pub(crate) use sdk::Choice;
pub(crate) use server::{BOOTSTRAP_KEY, Server, build};

use crate::conformance::{
    sdk::Sdk,
    telling::{Job, Told, Way},
};

/// The drivers and their tables.
pub(crate) const FOLDER: &str = "conformance";
/// So many drivers run at once: the machine has two cores, and the server needs some of them.
const AT_ONCE: usize = 2;

/// Tells the story to the SDKs of this choice.
pub(crate) fn run(choice: &Choice) -> Result<()> {
    let sdks = sdk::read(choice)?;
    let tools = install_tools()?;
    for sdk in &sdks {
        install::sdk(&tools, sdk)?;
    }
    let binary = build()?;
    let job = start(&tools, &binary)?;

    let waiting = Mutex::new(sdks.iter().enumerate().collect::<Vec<_>>());
    let told = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((at, sdk)) = take(&waiting) {
                    let cases = telling::tell(&tools, sdk, &job);
                    if let Ok(mut told) = told.lock() {
                        told.push((at, cases));
                    }
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap_or_default();
    told.sort_by_key(|(at, _)| *at);

    let mut rows: Vec<(&Sdk, Vec<Told>)> = Vec::new();
    for (at, cases) in told {
        let broken = |error| vec![Told::broken(&error)];
        rows.push((&sdks[at], cases.unwrap_or_else(broken)));
    }
    print_out(&matrix::table(&rows));
    let misses = matrix::misses(&rows);
    if !misses.is_empty() {
        bail!("{} cases miss:\n{}", misses.len(), misses.join("\n"));
    }
    let snippets = snippets::run(&tools, &sdks, &job)?;
    let cases: usize = rows.iter().map(|(_, cases)| cases.len()).sum();
    let sdks = rows.len();
    print_out(&format!(
        "conformance: {cases} cases of {sdks} SDKs and {snippets} snippets hold\n"
    ));
    Ok(())
}

fn take<'a>(waiting: &Mutex<Vec<(usize, &'a Sdk)>>) -> Option<(usize, &'a Sdk)> {
    waiting.lock().ok()?.pop()
}

/// Two servers, one of them with the documented limits, and keys of every kind.
fn start(tools: &Tools, binary: &Path) -> Result<Job> {
    let pair = install::key_pair(tools, "caller")?;
    let stranger = install::key_pair(tools, "stranger")?;
    let limited = Server::start(binary, &[("WAYBILL_RATE_LIMITS__PROFILE", "aftership")])?;
    let server = Server::start(
        binary,
        &[
            ("WAYBILL_RATE_LIMITS__PROFILE", "off"),
            ("WAYBILL_SANDBOX__SECONDS_PER_MINUTE", "0.1"),
        ],
    )?;
    let aes = server.key(binary, &["--auth", "aes"])?;
    let public = pair.public.to_string_lossy().into_owned();
    let rsa = server.key(binary, &["--auth", "rsa", "--public-key", &public])?;
    let scoped = server.key(binary, &["--scopes", "aftership:courier:read"])?;
    let ways = vec![
        Way::new("API_KEY", BOOTSTRAP_KEY.to_owned(), None),
        Way::new("AES", aes.key, aes.secret),
        Way::new("RSA", rsa.key, Some(pair.private)),
    ];
    Ok(Job {
        server,
        limited,
        ways,
        scoped: scoped.key,
        stranger: stranger.private,
    })
}

#[expect(clippy::print_stdout, reason = "the matrix is the result of the task")]
fn print_out(text: &str) {
    print!("{text}");
}
