//! Polling in a simulated world: the learned cadence beside fixed ones, judged per courier.
//!
//! The world ([`couriers`], [`journeys`]) is drawn under a seed from patterns of the trade, each guess varied by up to
//! thirty percent. The policy sees what a poller sees: when it asked, and what scans with which times came.

mod contest;
mod couriers;
mod journeys;
mod judge;
mod pattern;
mod random;
mod report;
mod run;

use std::thread;

use anyhow::{Result, anyhow, bail};
use clap::Parser;

/// More would only take time.
const MOST_SEEDS: u64 = 100;

/// `cargo xtask simulate polling`.
#[derive(Parser)]
#[command(name = "cargo xtask simulate polling")]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other.
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    /// This courier alone.
    #[arg(long)]
    courier: Option<String>,
    /// Only what all seeds come to.
    #[arg(long)]
    brief: bool,
}

#[expect(clippy::print_stdout, reason = "the tables are what it is run for")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if !(1..=MOST_SEEDS).contains(&arguments.seeds) {
        bail!("--seeds must be from 1 to {MOST_SEEDS}");
    }
    let mut all = Vec::new();
    for seed in arguments.seed..arguments.seed.saturating_add(arguments.seeds) {
        let couriers = couriers::couriers(seed);
        let chosen = couriers.iter().filter(|courier| {
            let wanted = arguments.courier.as_deref();
            wanted.is_none_or(|slug| slug == courier.slug)
        });
        let contests: Result<Vec<_>> = thread::scope(|scope| {
            let begun: Vec<_> = chosen
                .map(|courier| scope.spawn(move || contest::contest(courier, seed)))
                .collect();
            begun
                .into_iter()
                .map(|contest| contest.join().map_err(|_| anyhow!("a contest broke off")))
                .collect()
        });
        let contests = contests?;
        if contests.is_empty() {
            bail!("there is no such courier in the simulated world");
        }
        if !arguments.brief {
            println!("{}", report::seed(seed, &contests));
        }
        all.push(contests);
    }
    println!("{}", report::summary(&all));
    Ok(())
}
