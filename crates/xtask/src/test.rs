//! `cargo xtask test`: what is missing is installed, then form, lints, documents and all tests.

use anyhow::{Result, bail};

use crate::{execute, execute_with, works};

/// The task.
pub(crate) fn run() -> Result<()> {
    install()?;
    execute("cargo", &["fmt", "--all", "--check"])?;
    execute(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    let documents = [("RUSTDOCFLAGS", "-D warnings")];
    execute_with(
        "cargo",
        &["doc", "--workspace", "--no-deps", "--quiet"],
        &documents,
    )?;
    execute("cargo", &["test", "--workspace"])
}

/// Components of the toolchain, and Python: an independent language that checks our signatures.
fn install() -> Result<()> {
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !works("cargo", &[probe, "--version"]) {
            execute("rustup", &["component", "add", component])?;
        }
    }
    if !works("python3", &["-c", "import hashlib, hmac, base64"]) {
        if !works("apt-get", &["--version"]) {
            bail!("the tests need python3; install it and try again");
        }
        execute("apt-get", &["update"])?;
        execute(
            "apt-get",
            &[
                "install",
                "--yes",
                "--no-install-recommends",
                "python3-minimal",
                "python3",
            ],
        )?;
    }
    Ok(())
}
