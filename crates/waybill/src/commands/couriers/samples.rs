//! `waybill couriers check --samples`

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use waybill_couriers::{Courier, Couriers, HttpAnswer, Outcome, Reading, Told, compare_texts};

use crate::{failure::Failure, terminal::say};

/// The list of codes that may lie beside the folders.
const CODES: &str = "status_map.csv";
/// What answers are called.
const ANSWERS: [&str; 2] = ["json", "xml"];
/// An answer with this in its name sells a token; no number was asked for.
const TOKEN: &str = "token";

pub(super) fn run(dir: &Path, couriers: &Couriers) -> Result<ExitCode, Failure> {
    let (mut read, mut unread) = (0, 0);
    for folder in entries(dir)?.into_iter().filter(|it| it.is_dir()) {
        let name = name_of(&folder);
        let Some(courier) = couriers.behind(&name) else {
            say(format_args!("{name}: no courier with a connection"));
            continue;
        };
        for file in entries(&folder)? {
            let extension = file.extension().unwrap_or_default().to_string_lossy();
            if !ANSWERS.contains(&extension.as_ref()) {
                continue;
            }
            let body = fs::read(&file).map_err(|error| failure(&file, &error))?;
            let file = name_of(&file);
            if file.contains(TOKEN) {
                read += 1;
                say(format_args!("{name}/{file}: {}", token(courier, &body)));
                continue;
            }
            for told in courier.read_file(&file, &body) {
                if matches!(told.outcome, Outcome::CouldNotRead { .. }) {
                    unread += 1;
                } else {
                    read += 1;
                }
                say(format_args!("{name}/{file}: {}", line(&told)));
            }
        }
    }
    let codes = dir.join(CODES);
    if codes.is_file() {
        let list = fs::read_to_string(&codes).map_err(|error| failure(&codes, &error))?;
        compare(couriers, &list)?;
    }
    say(format_args!(
        "{read} outcomes read, {unread} could not be read"
    ));
    Ok(ExitCode::from(u8::from(unread > 0)))
}

fn compare(couriers: &Couriers, list: &str) -> Result<(), Failure> {
    let agreements = couriers
        .compare(list)
        .map_err(|error| Failure::usage(format!("{CODES}: {error}")))?;
    for it in agreements {
        say(format_args!(
            "codes of {}: {} agree, {} differ, {} not in our table{}{}",
            it.carrier,
            it.agree,
            it.differ.len(),
            it.missing.len(),
            listed(" (", &it.missing, ")"),
            listed(", no checkpoint, so in no table: ", &it.no_checkpoint, "")
        ));
        for (code, theirs, ours) in it.differ {
            say(format_args!(
                "  {code}: the list says {theirs}, we say {ours}"
            ));
        }
    }
    let texts = compare_texts(list).map_err(|error| Failure::usage(format!("{CODES}: {error}")))?;
    say(format_args!(
        "texts of these codes: {}, {} read as the same tag, {} as the same sub-status",
        texts.texts, texts.same_tag, texts.same_sub_status
    ));
    for it in texts.differ {
        let why = it.why.map_or_else(String::new, |why| format!(": {why}"));
        say(format_args!(
            "  {}: the list says {}, we read {}{why}",
            it.text, it.theirs, it.ours
        ));
    }
    Ok(())
}

fn token(courier: &Courier, body: &[u8]) -> String {
    let answer = HttpAnswer {
        status: 200,
        headers: &[],
        body,
    };
    match courier.read_token(&answer) {
        Ok(_) => "a token".to_owned(),
        Err(trouble) => format!("no token: {}", trouble.reason),
    }
}

fn listed(before: &str, codes: &[String], behind: &str) -> String {
    if codes.is_empty() {
        return String::new();
    }
    format!("{before}{}{behind}", codes.join(", "))
}

fn line(told: &Told) -> String {
    let number = told
        .number
        .as_ref()
        .map_or_else(String::new, |number| format!("{number}: "));
    let outcome = match &told.outcome {
        Outcome::Reading(reading) => shown(reading),
        Outcome::UnknownToCourier { reason } => format!("unknown to the courier: {reason}"),
        Outcome::NoDataYet { reason, .. } => format!("no data yet: {reason}"),
        Outcome::CouldNotAsk(trouble) => format!("{:?}: {}", trouble.kind, trouble.reason),
        Outcome::CouldNotRead { reason, .. } => format!("COULD NOT READ: {reason}"),
    };
    number + &outcome
}

fn shown(reading: &Reading) -> String {
    let newest = reading
        .checkpoints
        .iter()
        .max_by_key(|it| it.time.instant(it.country, true));
    let unclassified: BTreeSet<&str> = reading
        .checkpoints
        .iter()
        .filter(|it| !it.classified)
        .map(|it| it.code.as_deref().unwrap_or(&it.message))
        .collect();
    let mut line = format!(
        "{} checkpoints, newest {}",
        reading.checkpoints.len(),
        newest.map_or("none", |it| it.sub_status.code())
    );
    let also = [
        (reading.estimated_delivery.is_some(), "delivery date"),
        (reading.last_mile.is_some(), "last mile"),
        (!reading.pieces.is_empty(), "pieces"),
        (!reading.proof_of_delivery.is_empty(), "proof of delivery"),
        (reading.pickup_location.is_some(), "pick-up point"),
    ];
    for (_, what) in also.iter().filter(|(there, _)| *there) {
        line.push_str(", ");
        line.push_str(what);
    }
    if !unclassified.is_empty() {
        let codes: Vec<&str> = unclassified.into_iter().collect();
        line.push_str(", not classified: ");
        line.push_str(&codes.join(" · "));
    }
    line
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| failure(dir, &error))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read {}: {error}", path.display()))
}
