//! How well the rules do, and the part of `docs/classification.md` that says so.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use sha2::{Digest as _, Sha256};

use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/classification.md");
const FOLDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../couriers");
/// What stands between these is written by the test.
const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- /measured -->"];
/// The set that the folders make.
const OF_FOLDERS: &str = "Codes that are words, of all folders";
/// A checkpoint has no other tags.
const TAGS: [&str; 7] = [
    "InfoReceived",
    "InTransit",
    "OutForDelivery",
    "AttemptFail",
    "AvailableForPickup",
    "Delivered",
    "Exception",
];

/// Texts with what they mean.
type Set = Vec<(String, SubStatus)>;

#[test]
fn the_rules_alone_do_as_well_as_the_page_says() {
    let texts = Texts::parse(CONCEPTS, RULES, &[]).unwrap();
    let sets = [
        ("Phrases of events, 26 languages", table(PHRASES)),
        ("What carriers call their codes", table(CODES)),
        (OF_FOLDERS, worded_codes()),
    ];
    let mut measured =
        String::from("| Set | Half | | Tag | Sub-status |\n| --- | --- | --- | --- | --- |\n");
    let mut confusions = String::new();
    let mut asserted = Vec::new();
    for (name, set) in &sets {
        let begin = (measured.len(), confusions.len());
        let (held, seen): (Set, Set) = set.iter().cloned().partition(|(text, _)| is_held(text));
        for (half, set) in [("first", &seen), ("second", &held)] {
            let (tag, sub_status) = shares(&texts, set);
            let _ = writeln!(
                measured,
                "| {name} | {half} | {} | {tag:.3} | {sub_status:.3} |",
                set.len()
            );
        }
        let _ = write!(confusions, "\n{name}:\n\n{}", confusion(&texts, set));
        // A new folder changes the last set, and has to touch nothing but itself.
        if *name != OF_FOLDERS {
            asserted.push(measured[begin.0..].to_owned());
            asserted.push(confusions[begin.1..].to_owned());
        }
    }
    let [phrases, codes, folders] = sets.map(|(_, set)| shares(&texts, &set));
    assert!(phrases.0 >= 0.98 && phrases.1 >= 0.97, "{phrases:?}");
    assert!(codes.0 >= 0.95 && codes.1 >= 0.94, "{codes:?}");
    assert!(folders.0 >= 0.93 && folders.1 >= 0.88, "{folders:?}");

    let page = fs::read_to_string(PAGE).unwrap();
    let (head, rest) = page.split_once(MARKS[0]).unwrap();
    let (_, tail) = rest.split_once(MARKS[1]).unwrap();
    let [begin, end] = MARKS;
    let new = format!(
        "{head}{begin}\n{measured}\nRows: what it is. Columns: what it is read as.\n{confusions}\n{end}{tail}"
    );
    if std::env::var_os("WAYBILL_WRITE").is_some() {
        fs::write(PAGE, &new).unwrap();
    }
    let page = fs::read_to_string(PAGE).unwrap();
    assert!(
        asserted.iter().all(|part| page.contains(part)),
        "docs/classification.md is not what the rules do: run the tests with WAYBILL_WRITE=1"
    );
}

/// Which half a text belongs to says the hash of it, so that it never moves.
fn is_held(text: &str) -> bool {
    Sha256::digest(normal(text))[0] % 2 == 1
}

fn table(text: &str) -> Set {
    let rows = rows::<PhraseRow>("a table", text).unwrap();
    rows.iter()
        .flat_map(|row| {
            let sub_status = SubStatus::parse(&row.sub_status).unwrap();
            list(&row.phrases).map(move |phrase| (phrase.to_owned(), sub_status))
        })
        .collect()
}

/// The codes of the folders' tables that are at least two words, as `out_for_delivery` and
/// `~gone away`; each meaning of a code once.
fn worded_codes() -> Set {
    #[derive(Deserialize)]
    struct Row {
        code: String,
        sub_status: String,
    }
    let mut folders: Vec<_> = fs::read_dir(FOLDERS)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    folders.sort();
    let mut set = Set::new();
    for folder in folders.iter().filter(|it| !it.ends_with("testing-courier")) {
        let Ok(text) = fs::read_to_string(folder.join("statuses.csv")) else {
            continue;
        };
        for row in rows::<Row>("statuses.csv", &text).unwrap() {
            let words = worded(&row.code);
            let long = words.split(' ').any(|word| word.chars().count() >= 4);
            let digits = words.contains(|it: char| it.is_ascii_digit());
            let meaning = (words, SubStatus::parse(&row.sub_status).unwrap());
            if long && !digits && meaning.0.contains(' ') && !set.contains(&meaning) {
                set.push(meaning);
            }
        }
    }
    set
}

/// A code as words: `outForDelivery` and `OUT_FOR_DELIVERY` are `out for delivery`.
fn worded(code: &str) -> String {
    let mut words = String::new();
    let mut small = false;
    for letter in code.trim_start_matches('~').chars() {
        if small && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        small = letter.is_ascii_lowercase();
        words.extend(letter.to_lowercase());
    }
    normal(&words).trim().to_owned()
}

/// The shares of right tags and of right sub-statuses.
fn shares(texts: &Texts, set: &Set) -> (f64, f64) {
    let share = |right: &dyn Fn(SubStatus, SubStatus) -> bool| {
        let right = set
            .iter()
            .filter(|(text, is)| right(*is, read(texts, text)));
        right.count() as f64 / set.len() as f64
    };
    (
        share(&|is, read| is.tag() == read.tag()),
        share(&|is, read| is == read),
    )
}

fn read(texts: &Texts, text: &str) -> SubStatus {
    texts
        .by_rules(&normal(text))
        .unwrap_or(SubStatus::IN_TRANSIT_001)
}

fn confusion(texts: &Texts, set: &Set) -> String {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for (text, is) in set {
        let read = read(texts, text);
        *counts
            .entry((is.tag().as_str(), read.tag().as_str()))
            .or_default() += 1;
    }
    let mut page = format!("| is \\ read as | {} |\n", TAGS.join(" | "));
    let _ = writeln!(page, "|---|{}", "---|".repeat(TAGS.len()));
    for is in TAGS {
        let cells = TAGS.map(|read| {
            let count = counts.get(&(is, read));
            count.map_or_else(String::new, u32::to_string)
        });
        let _ = writeln!(page, "| {is} | {} |", cells.join(" | "));
    }
    page
}
