//! Tables, and the document they are put into.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    Options,
    contest::{Contest, Round, median, spread},
};

/// What is between these is written by the bench.
const BEGIN: &str = "<!-- bench: begin -->";
const END: &str = "<!-- bench: end -->";

/// The rows as a table.
pub fn table(contests: &[Contest]) -> String {
    let mut table = String::from(
        "| Work | Beside | Wanted | By CPU | By rate | CPU µs: Waybill / bare | Rate /s | KB written | p50 ms | p99 ms | Spread |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for contest in contests {
        table.push_str(&row(contest));
        table.push('\n');
    }
    table
}

/// A row of the table, without the end of its line.
pub fn row(contest: &Contest) -> String {
    let figure = |figure: fn(&Round) -> f64| {
        (
            median(&contest.waybill, figure),
            median(&contest.bare, figure),
        )
    };
    let cpu = figure(|round| round.cpu_micros);
    let rate = figure(|round| round.rate);
    let written = figure(|round| round.written_kb);
    let (p50, p99) = (figure(|round| round.p50), figure(|round| round.p99));
    let apart = (
        spread(&contest.waybill, |round| round.rate),
        spread(&contest.bare, |round| round.rate),
    );
    format!(
        "| {} | {} | {} | {:.2} | {:.2} | {:.0} / {:.0} | {:.0} / {:.0} | {:.1} / {:.1} | {:.2} / {:.2} | {:.1} / {:.1} | {:.0} % / {:.0} % |",
        contest.work,
        contest.against,
        contest.goal,
        cpu.1 / cpu.0.max(f64::MIN_POSITIVE),
        rate.0 / rate.1.max(f64::MIN_POSITIVE),
        cpu.0,
        cpu.1,
        rate.0,
        rate.1,
        written.0,
        written.1,
        p50.0,
        p50.1,
        p99.0,
        p99.1,
        apart.0,
        apart.1,
    )
}

/// Puts the tables into the document.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let document =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (head, rest) = document
        .split_once(BEGIN)
        .context("the document has no begin mark")?;
    let (_, tail) = rest
        .split_once(END)
        .context("the document has no end mark")?;
    fs::write(path, format!("{head}{BEGIN}\n\n{text}\n{END}{tail}"))?;
    Ok(())
}

/// The machine, the day and how the run was made.
#[expect(clippy::disallowed_methods, reason = "a report has the day on it")]
pub fn facts(options: &Options) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split_once(':')
            .map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let processor = read("/proc/cpuinfo");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "Measured on {}: {cores} cores ({}), {}, Linux {}. {} rounds of {} s each, {} connections, {} trackings.\n",
        jiff::Timestamp::now().strftime("%Y-%m-%d"),
        value(&processor, "model name"),
        value(&read("/proc/meminfo"), "MemTotal"),
        read("/proc/sys/kernel/osrelease").trim(),
        options.rounds,
        options.seconds,
        options.connections,
        options.rows,
    )
}
