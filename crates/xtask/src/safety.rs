//! `cargo xtask safety`: what looks for faults for longer than a test may take. `cargo xtask safety fuzz [SECONDS]`
//! runs the fuzz targets alone, `safety schemas [SECONDS]` the versions' descriptions.

mod fuzz;

use anyhow::{Context, Result};

use crate::conformance::schemas;

/// So long each version's description is worked through.
const SECONDS_A_VERSION: u32 = 300;
/// So long each fuzz target runs, if nothing else is said.
const SECONDS_A_TARGET: u32 = 300;

/// The task.
pub(crate) fn run() -> Result<()> {
    let mut given = std::env::args().skip(2);
    let only = given.next();
    let seconds = given.next().map(|it| it.parse()).transpose();
    let seconds = seconds.context("SECONDS is a number")?;
    match only.as_deref() {
        Some("fuzz") => return fuzz::run(seconds.unwrap_or(SECONDS_A_TARGET)),
        Some("schemas") => return schemas::run(seconds.unwrap_or(SECONDS_A_VERSION)),
        _ => {}
    }
    fuzz::run(SECONDS_A_TARGET)?;
    schemas::run(SECONDS_A_VERSION)
}
