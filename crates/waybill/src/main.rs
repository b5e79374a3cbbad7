//! The command line: reads what is asked, runs it, and turns what went wrong into an exit code.

use std::process::ExitCode;

use clap::Parser;
use waybill::{cli::Cli, commands};

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
