//! How well texts are understood, and the part of `docs/classification.md` that says so.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use sha2::{Digest as _, Sha256};
use waybill_model::Tag;

use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/classification.md");
const FOLDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../couriers");
/// What stands between these is written by the test.
const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- /measured -->"];
/// Texts that couriers show, each courier's together: `tests/texts/README.md`.
const OF_COURIERS: &str = include_str!("../../tests/texts/couriers.csv");
/// More of them, gathered when those had been learned from.
const OF_MORE_COURIERS: &str = include_str!("../../tests/texts/more_couriers.csv");
/// Phrases and names of codes that were written down by who had not seen the tables; nothing was learned from them.
const WRITTEN_PHRASES: &str = include_str!("../../tests/texts/written_phrases.csv");
const WRITTEN_CODES: &str = include_str!("../../tests/texts/written_codes.csv");
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

/// A text with what it means.
struct Case {
    text: String,
    tag: Tag,
    /// `None` where the text says no more than its tag.
    sub_status: Option<SubStatus>,
    /// Whether it is of the half that is only measured.
    held: bool,
    /// Whether it is of a courier that taught nothing.
    strange: bool,
}

/// Who reads a case: of texts from the tables, who learned from the other half only.
struct Readers {
    all: Texts,
    halves: [Texts; 2],
}

impl Readers {
    fn new() -> Self {
        let cases: Vec<Case> = [PHRASES, CODES, WAYS].into_iter().flat_map(table).collect();
        let learned = |from: &dyn Fn(&&Case) -> bool| {
            let mut texts = Texts::parse(CONCEPTS, RULES, &[]).unwrap();
            let known: Vec<_> = cases
                .iter()
                .filter(from)
                .filter_map(|it| Some((normal(&apart(&it.text)), it.sub_status?)))
                .collect();
            texts.likely = Likely::learn(known.iter().map(|(text, is)| (text.as_str(), *is)));
            texts
        };
        Self {
            all: learned(&|_| true),
            halves: [learned(&|it| it.held), learned(&|it| !it.held)],
        }
    }

    fn read(&self, case: &Case) -> SubStatus {
        let texts = if case.strange {
            &self.all
        } else {
            &self.halves[usize::from(case.held)]
        };
        texts
            .understand(&normal(&apart(&case.text)))
            .unwrap_or(SubStatus::IN_TRANSIT_001)
    }
}

#[test]
fn texts_are_understood_as_well_as_the_page_says() {
    let texts = Readers::new();
    let sets = [
        ("Phrases of events, 26 languages", table(PHRASES)),
        ("What carriers call their codes", table(CODES)),
        ("Further ways of saying it", table(WAYS)),
        (
            "Texts of couriers never read before",
            of_couriers(OF_COURIERS),
        ),
        ("Texts of further couriers", of_couriers(OF_MORE_COURIERS)),
        ("Phrases, held back", written(WRITTEN_PHRASES)),
        ("Texts of codes, held back", written(WRITTEN_CODES)),
        (OF_FOLDERS, worded_codes()),
    ];
    let mut measured =
        String::from("| Set | Half | | Tag | Sub-status |\n| --- | --- | --- | --- | --- |\n");
    let mut confusions = String::new();
    let mut asserted = Vec::new();
    for (name, set) in &sets {
        let begin = (measured.len(), confusions.len());
        for (half, is_held) in [("first", false), ("second", true)] {
            let set: Vec<&Case> = set.iter().filter(|it| it.held == is_held).collect();
            let (tag, sub_status) = shares(&texts, &set);
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
        "docs/classification.md is not how texts are read: run the tests with WAYBILL_WRITE=1"
    );
    let least = [
        (0.98, 0.97),
        (0.95, 0.94),
        (0.95, 0.93),
        (0.93, 0.88),
        (0.94, 0.89),
        (0.95, 0.90),
        (0.95, 0.90),
        (0.93, 0.88),
    ];
    for ((name, set), least) in sets.iter().zip(least) {
        let shares = shares(&texts, &set.iter().collect::<Vec<_>>());
        assert!(
            shares.0 >= least.0 && shares.1 >= least.1,
            "{name}: {shares:?}"
        );
    }
}

/// Which half something belongs to says the hash of it, so that it never moves.
fn is_held(it: &str) -> bool {
    Sha256::digest(it)[0] % 2 == 1
}

fn case(text: &str, meaning: SubStatus) -> Case {
    Case {
        held: is_held(&normal(text)),
        strange: false,
        text: text.to_owned(),
        tag: meaning.tag(),
        sub_status: Some(meaning),
    }
}

fn table(text: &str) -> Vec<Case> {
    let rows = rows::<PhraseRow>("a table", text).unwrap();
    rows.iter()
        .flat_map(|row| {
            let sub_status = SubStatus::parse(&row.sub_status).unwrap();
            list(&row.phrases).map(move |phrase| case(phrase, sub_status))
        })
        .collect()
}

/// A courier's texts are all of one half: what was learned from some would help with the others.
fn of_couriers(text: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Row {
        courier: String,
        meaning: String,
        texts: String,
    }
    let rows = rows::<Row>("a table of couriers", text).unwrap();
    rows.iter()
        .flat_map(|row| {
            list(&row.texts).map(|text| Case {
                text: text.to_owned(),
                tag: Tag::parse(row.meaning.split('_').next().unwrap()).unwrap(),
                sub_status: SubStatus::parse(&row.meaning),
                held: is_held(&row.courier),
                strange: true,
            })
        })
        .collect()
}

/// Texts that nothing was learned from.
fn written(text: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Row {
        sub_status: String,
        texts: String,
    }
    let rows = rows::<Row>("a table of written texts", text).unwrap();
    rows.iter()
        .flat_map(|row| {
            let sub_status = SubStatus::parse(&row.sub_status).unwrap();
            list(&row.texts).map(move |text| Case {
                strange: true,
                ..case(text, sub_status)
            })
        })
        .collect()
}

/// The codes of the folders' tables that are at least two words, as `out_for_delivery` and
/// `~gone away`; each meaning of a code once.
fn worded_codes() -> Vec<Case> {
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
    let mut set = Vec::new();
    for folder in folders.iter().filter(|it| !it.ends_with("testing-courier")) {
        let Ok(text) = fs::read_to_string(folder.join("statuses.csv")) else {
            continue;
        };
        for row in rows::<Row>("statuses.csv", &text).unwrap() {
            let words = normal(&apart(row.code.trim_start_matches('~')));
            let words = words.trim().to_owned();
            let long = words.split(' ').any(|word| word.chars().count() >= 4);
            let digits = words.contains(|it: char| it.is_ascii_digit());
            let meaning = (words, SubStatus::parse(&row.sub_status).unwrap());
            if long && !digits && meaning.0.contains(' ') && !set.contains(&meaning) {
                set.push(meaning);
            }
        }
    }
    set.iter().map(|(text, is)| case(text, *is)).collect()
}

/// The shares of right tags and of right sub-statuses.
fn shares(texts: &Readers, set: &[&Case]) -> (f64, f64) {
    let right = |it: &&&Case| texts.read(it).tag() == it.tag;
    let tags = set.iter().filter(right).count() as f64 / set.len() as f64;
    let told: Vec<_> = set.iter().filter(|it| it.sub_status.is_some()).collect();
    let right = |it: &&&&Case| Some(texts.read(it)) == it.sub_status;
    (
        tags,
        told.iter().filter(right).count() as f64 / told.len() as f64,
    )
}

fn confusion(texts: &Readers, set: &[Case]) -> String {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for it in set {
        let read = texts.read(it);
        *counts
            .entry((it.tag.as_str(), read.tag().as_str()))
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
