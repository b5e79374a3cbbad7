//! The fuzz targets in `fuzz/`, built by the stable compiler: it can have LLVM count what is reached, which is
//! all that libFuzzer asks for. Only the address sanitizer needs a nightly one, and `unsafe` is forbidden here.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{execute, execute_with, works};

const TARGETS: [&str; 3] = ["read", "detect", "text"];
/// Longest input of each target: longer ones are only slower.
const MAX_BYTES: [&str; 3] = ["4096", "128", "1024"];
/// A target has to be done with an input within this.
const SECONDS_AN_INPUT: u32 = 10;
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Ccodegen-units=16 --cfg fuzzing";

/// Builds the targets, and runs each for so many seconds from the seeds in `fuzz/corpus`, the couriers' samples and
/// what earlier runs found. What breaks one is kept in `target/fuzz/artifacts`.
pub(crate) fn run(seconds: u32) -> Result<()> {
    if !works("c++", &["--version"]) {
        bail!("libFuzzer is C++: install g++ or clang++");
    }
    let host = host()?;
    let build = [
        "build",
        "--release",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
        "target/fuzz",
        "--target",
        &host,
    ];
    execute_with("cargo", &build, &[("RUSTFLAGS", FLAGS)])?;
    let programs = Path::new("target/fuzz").join(&host).join("release");
    let artifacts = Path::new("target/fuzz/artifacts");
    seed_with_samples(Path::new("target/fuzz/corpus/read"))?;
    for (target, max_bytes) in TARGETS.into_iter().zip(MAX_BYTES) {
        let found = Path::new("target/fuzz/corpus").join(target);
        let own = artifacts.join(target);
        fs::create_dir_all(&found)?;
        fs::create_dir_all(&own)?;
        execute(
            &programs.join(target).to_string_lossy(),
            &[
                &format!("-max_total_time={seconds}"),
                &format!("-timeout={SECONDS_AN_INPUT}"),
                &format!("-max_len={max_bytes}"),
                &format!("-artifact_prefix={}/", own.display()),
                "-print_final_stats=1",
                &found.to_string_lossy(),
                &format!("fuzz/corpus/{target}"),
            ],
        )?;
    }
    Ok(())
}

/// The samples of all connections, in the form of the target `read`: which courier, which status, the answer.
fn seed_with_samples(corpus: &Path) -> Result<()> {
    fs::create_dir_all(corpus)?;
    let mut folders = Vec::new();
    for entry in fs::read_dir("couriers")? {
        let folder = entry?.path();
        let definition = fs::read_to_string(folder.join("courier.toml")).unwrap_or_default();
        if definition.contains("\n[connection]\n") {
            folders.push(folder);
        }
    }
    folders.sort();
    for (which, folder) in (0_u8..).zip(&folders) {
        let Ok(samples) = fs::read_dir(folder.join("samples")) else {
            continue;
        };
        for sample in samples {
            let sample = sample?.path();
            let name = sample.file_name().unwrap_or_default().to_string_lossy();
            if name.contains(".expected.") {
                continue;
            }
            let seed = [&[which, 0], &fs::read(&sample)?[..]].concat();
            fs::write(corpus.join(format!("{which}-{name}")), seed)?;
        }
    }
    Ok(())
}

/// The triple of this machine: flags for it alone leave build scripts as they are.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}
