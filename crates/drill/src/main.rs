//! `cargo xtask faults`: the real binary under faults, and what must hold whatever happens.
//!
//! Every drill is bounded, ends only processes that it started, and speaks to loopback alone. What
//! does not hold ends it with a message.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a drill that goes wrong ends, and tells its story"
)]

mod drills;
mod random;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::{Parser, ValueEnum};

use crate::random::Random;

/// Rehearse faults on the real binary
#[derive(Debug, Parser)]
struct Cli {
    /// The binary
    #[arg(long)]
    waybill: PathBuf,
    /// Crashes on each engine; the other drills take their share of it
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// What chance is drawn from (default: another one each time)
    #[arg(long)]
    seed: Option<u64>,
    /// Only these drills
    #[arg(long, value_delimiter = ',')]
    only: Vec<Name>,
}

/// The drills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// kill -9 under load, on the embedded engine
    KillSqlite,
    /// kill -9 under load, on PostgreSQL
    KillPostgres,
    /// PostgreSQL stopped and started under load
    Outage,
    /// The disk is full for a while
    DiskFull,
    /// A node frozen past its lease
    Frozen,
    /// Nodes whose clocks jump
    Clocks,
    /// A power cut anywhere in what was written to the file
    PowerCut,
}

/// What a drill may use.
struct Drill {
    rounds: u32,
    random: Random,
}

/// How a drill ended.
enum Ended {
    /// All held; the figures.
    Held(String),
    /// This machine cannot do it; why.
    Skipped(String),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    waybill_drill::use_binary(&std::fs::canonicalize(&cli.waybill).unwrap());
    let seed = cli.seed.unwrap_or_else(random::any_seed);
    eprintln!("seed {seed}");
    let mut all_held = true;
    for name in Name::value_variants() {
        if !cli.only.is_empty() && !cli.only.contains(name) {
            continue;
        }
        let title = name.to_possible_value().unwrap().get_name().to_owned();
        eprintln!("{title} …");
        let begun = Instant::now();
        let mut drill = Drill {
            rounds: cli.rounds,
            random: Random::new(seed),
        };
        // A drill ends where something does not hold; the others still run.
        let run = || match name {
            Name::KillSqlite => drills::kill::sqlite(&mut drill),
            Name::KillPostgres => drills::kill::postgres(&mut drill),
            Name::Outage => drills::outage::run(&mut drill),
            Name::DiskFull => drills::disk_full::run(&drill),
            Name::Frozen => drills::frozen::run(&mut drill),
            Name::Clocks => drills::clocks::run(&mut drill),
            Name::PowerCut => drills::power_cut::run(&mut drill),
        };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        let seconds = begun.elapsed().as_secs();
        match ended {
            Ok(Ended::Held(figures)) => eprintln!("{title}: held after {seconds} s: {figures}"),
            Ok(Ended::Skipped(why)) => eprintln!("{title}: SKIPPED: {why}"),
            Err(_) => {
                all_held = false;
                eprintln!("{title}: FAILED after {seconds} s; again with --seed {seed}");
            }
        }
    }
    if all_held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
