//! The command line: reads what is asked, runs it, and turns what went wrong into an exit code.

use std::process::ExitCode;

use clap::Parser;
use waybill::{cli::Cli, commands};

/// A request makes hundreds of small texts on one thread and frees them on another, which the system's
/// allocator takes a fifth of its time for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("waybill: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
