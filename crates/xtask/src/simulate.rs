//! `cargo xtask simulate polling`: builds the simulated world for release and lives through it. What follows goes
//! to the simulation: `--help` lists it.

use anyhow::{Result, bail};

use crate::execute;

/// The task.
pub(crate) fn run() -> Result<()> {
    let mut given = std::env::args().skip(2);
    let world = given.next();
    if world.as_deref() != Some("polling") {
        bail!("what is simulated is `polling`");
    }
    let given: Vec<String> = given.collect();
    let mut arguments = vec![
        "run",
        "--quiet",
        "--release",
        "--package",
        "waybill-simulate",
        "--",
    ];
    arguments.extend(given.iter().map(String::as_str));
    execute("cargo", &arguments)
}
