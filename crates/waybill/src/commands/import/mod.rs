//! `waybill import`

mod columns;

use std::{
    io::{IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use waybill_service::UNRECOGNIZED;
use waybill_versions::{CreateTracking, Problem};

use super::{open, organization};
use crate::{cli::Import, failure::Failure, terminal::say};
use columns::Columns;

/// Bytes of a file.
const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Rows of a file, without its header.
const MAX_ROWS: usize = 20_000;
/// Rows made together; after each such part the progress is shown.
const PART: usize = 500;

/// A row of the file.
struct Row {
    /// Its line, the header being line 1.
    line: u64,
    number: String,
    request: Result<CreateTracking, Problem>,
}

pub(super) async fn run(command: Import) -> Result<ExitCode, Failure> {
    let rows = read(&command.file)?;
    let node = open(&command.of.common).await?;
    let organization = organization(&node, &command.of).await?;
    let (all, mut done) = (rows.len(), 0);
    let (mut made, mut unrecognized, mut refused) = (0, 0, 0);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut places = Vec::new();
        let mut requests = Vec::new();
        for row in rows.by_ref().take(PART) {
            places.push((row.line, row.number));
            requests.push(row.request);
        }
        let results = node.service.import_trackings(organization.id, requests);
        for ((line, number), result) in places.into_iter().zip(results.await?) {
            done += 1;
            match result {
                Ok(tracking) => {
                    made += 1;
                    unrecognized += usize::from(is_unrecognized(&tracking));
                }
                Err(problem) => {
                    refused += 1;
                    let (code, message) = (problem.code.entry().meta_code, problem.message);
                    say(format_args!("line {line}: {number}: {code} {message}"));
                }
            }
        }
        progress(done, all);
    }
    say(format_args!(
        "{made} of {all} rows made, {unrecognized} of them of no courier that is known; {refused} refused"
    ));
    Ok(ExitCode::from(u8::from(refused > 0)))
}

fn is_unrecognized(tracking: &str) -> bool {
    let tracking: serde_json::Value = serde_json::from_str(tracking).unwrap_or_default();
    tracking["slug"] == UNRECOGNIZED
}

/// A bar for whoever watches.
fn progress(done: usize, all: usize) {
    const WIDTH: usize = 30;
    let mut stderr = std::io::stderr();
    if !stderr.is_terminal() {
        return;
    }
    let full = WIDTH * done / all.max(1);
    let bar = format!("{}{}", "█".repeat(full), "·".repeat(WIDTH - full));
    let end = if done == all { "\n" } else { "" };
    // Nobody misses a bar that cannot be drawn.
    let _ = write!(stderr, "\r{bar} {done} of {all}{end}").and_then(|()| stderr.flush());
}

fn read(file: &Path) -> Result<Vec<Row>, Failure> {
    let name = file.display();
    let failure = |error: &dyn std::fmt::Display| Failure::usage(format!("{name}: {error}"));
    let size = std::fs::metadata(file).map_err(|error| failure(&error))?;
    if size.len() > MAX_BYTES {
        return Err(failure(&format!(
            "is longer than {MAX_BYTES} bytes; divide it"
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|error| failure(&error))?;
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(header))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| failure(&error))?;
    let columns = Columns::of(header).map_err(|error| failure(&error))?;
    for ignored in &columns.ignored {
        eprintln!("the column `{ignored}` is not known and is ignored");
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failure(&error))?;
        if rows.len() >= MAX_ROWS {
            return Err(failure(&format!(
                "has more than {MAX_ROWS} rows; divide it"
            )));
        }
        let body = columns.body(&record);
        let number = body["tracking_number"].as_str().unwrap_or("-").to_owned();
        rows.push(Row {
            line: record.position().map_or(0, csv::Position::line),
            number,
            request: CreateTracking::parse(body),
        });
    }
    Ok(rows)
}

/// What stands between the columns: most often in the header.
fn separator(header: &str) -> u8 {
    let count = |separator: &u8| header.bytes().filter(|byte| byte == separator).count();
    let separators = [b'\t', b';', b','];
    separators.into_iter().max_by_key(count).unwrap_or(b',')
}
