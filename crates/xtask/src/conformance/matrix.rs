//! The table of what holds: an SDK a column, a call a row.

use std::fmt::Write;

use super::{sdk::Sdk, telling::Told};

/// The table as text.
pub(crate) fn table(rows: &[(&Sdk, Vec<Told>)]) -> String {
    let mut calls: Vec<&str> = Vec::new();
    for case in rows.iter().flat_map(|(_, cases)| cases) {
        if !calls.contains(&case.call.as_str()) {
            calls.push(&case.call);
        }
    }
    let mut text = String::new();
    for line in 0..3 {
        line_of(&mut text, "", rows, |sdk, _| {
            let (package, release) = sdk.heading();
            [package, release, &sdk.version][line].to_owned()
        });
    }
    for call in calls {
        line_of(&mut text, call, rows, |_, cases| {
            cell(cases, call).to_owned()
        });
    }
    text
}

/// Every case that misses, a line each.
pub(crate) fn misses(rows: &[(&Sdk, Vec<Told>)]) -> Vec<String> {
    let line = |sdk: &Sdk, case: &Told| {
        let why = case.why.as_deref()?;
        let Told {
            mode, call, case, ..
        } = case;
        let label = sdk.label();
        Some(format!("  {label} {mode}: {call}, {case}: {why}"))
    };
    let cases = rows
        .iter()
        .flat_map(|(sdk, cases)| cases.iter().map(move |case| (sdk, case)));
    cases.filter_map(|(sdk, case)| line(sdk, case)).collect()
}

/// Holds in every way, does not, or the SDK has no such method.
fn cell(cases: &[Told], call: &str) -> &'static str {
    let of_call: Vec<&Told> = cases.iter().filter(|case| case.call == call).collect();
    if of_call.is_empty() {
        "-"
    } else if of_call.iter().all(|case| case.why.is_none()) {
        "ok"
    } else {
        "MISS"
    }
}

fn line_of(
    text: &mut String,
    head: &str,
    rows: &[(&Sdk, Vec<Told>)],
    cell: impl Fn(&Sdk, &[Told]) -> String,
) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{head:<29}");
    for (sdk, cases) in rows {
        let _ = write!(text, " {:>7}", cell(sdk, cases));
    }
    text.push('\n');
}
