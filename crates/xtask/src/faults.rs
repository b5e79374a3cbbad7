//! `cargo xtask faults`: builds Waybill and the drills, and runs them. What follows goes to the drills,
//! `--help` lists it; `--release` as the first word builds for release.

use std::{fs, path::Path};

use anyhow::Result;

use crate::{execute, test, works};

/// The task.
pub(crate) fn run() -> Result<()> {
    test::install_postgres_if_missing()?;
    if !works("strace", &["-V"]) && works("apt-get", &["--version"]) {
        execute("apt-get", &["update"])?;
        let install = ["install", "--yes", "--no-install-recommends", "strace"];
        execute("apt-get", &install)?;
    }
    let mut given: Vec<String> = std::env::args().skip(2).collect();
    let is_release = given.first().is_some_and(|word| word == "--release");
    let mut words = vec![
        "build",
        "--package",
        "waybill",
        "--package",
        "waybill-drill",
    ];
    if is_release {
        given.remove(0);
        words.push("--release");
    }
    execute("cargo", &words)?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let profile = if is_release { "release" } else { "debug" };
    let folder = fs::canonicalize(Path::new(&target).join(profile))?;
    let (waybill, drill) = (folder.join("waybill"), folder.join("waybill-drill"));
    let waybill = waybill.to_string_lossy();
    let mut arguments = vec!["--waybill", &waybill];
    arguments.extend(given.iter().map(String::as_str));
    execute(&drill.to_string_lossy(), &arguments)
}
