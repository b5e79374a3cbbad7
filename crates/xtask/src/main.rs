//! Developer tasks.
//!
//! `cargo xtask test` installs what the tests need and passes everything; `cargo xtask test sdk` tells
//! the published SDKs the conformance story; `cargo xtask safety` does what takes longer; `cargo xtask
//! bench` measures a release build beside bare programs; `cargo xtask faults` rehearses crashes, outages,
//! full disks and power cuts; `cargo xtask simulate polling` judges the cadence in a simulated world. To
//! add a task: a module and its line in `main`.

mod bench;
mod conformance;
mod faults;
mod safety;
mod simulate;
mod test;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::conformance::Choice;

const USAGE: &str = "usage: cargo xtask test [sdk [LABEL]] | safety [fuzz | schemas [SECONDS]] | bench [FLAGS] | faults [FLAGS] | simulate polling [FLAGS]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next();
    let done = match task.as_deref() {
        Some("test") if arguments.next().as_deref() == Some("sdk") => {
            conformance::run(&Choice::of(&arguments.next().unwrap_or_default()))
        }
        Some("test") => test::run(),
        Some("safety") => safety::run(),
        Some("bench") => bench::run(),
        Some("faults") => faults::run(),
        Some("simulate") => simulate::run(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command, shown first; fails if it does.
pub(crate) fn execute(program: &str, arguments: &[&str]) -> Result<()> {
    execute_with(program, arguments, &[])
}

/// The same with variables of the environment.
pub(crate) fn execute_with(
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    eprintln!("+ {program} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        bail!("{program} {} failed: {status}", arguments.join(" "));
    }
    Ok(())
}

/// Whether a command can be run.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}
