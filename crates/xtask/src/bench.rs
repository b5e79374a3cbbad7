//! `cargo xtask bench`: builds Waybill and the bench for release and runs it. What follows goes to the
//! bench: `--help` lists it.

use std::{fs, path::Path};

use anyhow::Result;

use crate::execute;

/// Where the tables are written.
const DOCUMENT: &str = "docs/PERFORMANCE.md";

/// The task.
pub(crate) fn run() -> Result<()> {
    let packages = ["--package", "waybill", "--package", "waybill-bench"];
    execute("cargo", &[&["build", "--release"][..], &packages].concat())?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let built = fs::canonicalize(Path::new(&target).join("release"))?;
    let (waybill, bench) = (built.join("waybill"), built.join("waybill-bench"));
    let given: Vec<String> = std::env::args().skip(2).collect();
    let waybill = waybill.to_string_lossy();
    let mut arguments = vec!["run", "--waybill", &waybill];
    // A part of the table, or a smaller one, is shown and not written down.
    if given.is_empty() {
        arguments.extend(["--document", DOCUMENT]);
    }
    arguments.extend(given.iter().map(String::as_str));
    execute(&bench.to_string_lossy(), &arguments)
}
