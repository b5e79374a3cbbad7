//! `cargo xtask test`: what is missing is installed, then form, lints, documents, all tests, the
//! published SDKs, and every version's description.

use std::fs;

use anyhow::{Result, bail};

use crate::{
    conformance::{self, Choice, schemas},
    execute, execute_with, works,
};

/// Where the distribution puts PostgreSQL's programs, a folder a version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";
/// What is read before the package makes a cluster.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.d";

/// So long each version's description is worked through; `cargo xtask safety` takes longer.
const SECONDS_A_VERSION: u32 = 30;

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
    execute("cargo", &["test", "--workspace"])?;
    conformance::run(&Choice::Ends)?;
    schemas::run(SECONDS_A_VERSION)
}

/// Components of the toolchain; Python, an independent language that checks our signatures; and a
/// PostgreSQL server, which the tests start for themselves.
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
    install_postgres_if_missing()
}

/// A PostgreSQL server, unless there is one or another is named.
pub(crate) fn install_postgres_if_missing() -> Result<()> {
    if std::env::var_os("WAYBILL_TEST_POSTGRES").is_none() && !has_postgres() {
        install_postgres()?;
    }
    Ok(())
}

/// Whether the distribution's PostgreSQL server is there, as the tests look for it.
fn has_postgres() -> bool {
    let versions = fs::read_dir(POSTGRES_VERSIONS)
        .into_iter()
        .flatten()
        .flatten();
    versions
        .map(|version| version.path().join("bin/initdb"))
        .any(|initdb| initdb.exists())
}

/// Installs it without the cluster that the package would make and start.
fn install_postgres() -> Result<()> {
    if !works("apt-get", &["--version"]) {
        bail!(
            "the tests need a PostgreSQL server below {POSTGRES_VERSIONS}; install it and try again"
        );
    }
    let install = |package| {
        execute(
            "apt-get",
            &["install", "--yes", "--no-install-recommends", package],
        )
    };
    execute("apt-get", &["update"])?;
    install("postgresql-common")?;
    fs::create_dir_all(CLUSTER_SETTINGS)?;
    fs::write(
        format!("{CLUSTER_SETTINGS}/waybill.conf"),
        "create_main_cluster = false\n",
    )?;
    install("postgresql")
}
