//! `cargo xtask safety`: what looks for faults for longer than a test may take.

use anyhow::Result;

use crate::conformance::schemas;

/// So long each version's description is worked through.
const SECONDS_A_VERSION: u32 = 300;

/// The task.
pub(crate) fn run() -> Result<()> {
    schemas::run(SECONDS_A_VERSION)
}
