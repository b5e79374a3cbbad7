//! What an event's text means where no table of codes says it: in twenty-six languages, by ideas.
//!
//! A text is looked through once for the words of some hundred ideas (`concepts.csv`: "delivery", "not",
//! "customs", "neighbour" …), in every language at once, and the first rule (`rules.csv`) whose ideas
//! are there gives the sub-status. Before that, a text that is a known one as a whole (`phrases.csv`:
//! what carriers tell recipients; `codes.csv`: what they call their codes; `ways.csv`: further ways of
//! saying it) is what that table says; what those texts have in common answers where no rule does
//! (`likely`).
//! How well it does: `docs/classification.md`.

mod likely;
mod normal;

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;
use waybill_model::SubStatus;

use crate::statuses::checkpoint_status;
use likely::Likely;
use normal::{apart, normal};

const CONCEPTS: &str = include_str!("../texts/concepts.csv");
const RULES: &str = include_str!("../texts/rules.csv");
const PHRASES: &str = include_str!("../texts/phrases.csv");
const CODES: &str = include_str!("../texts/codes.csv");
const WAYS: &str = include_str!("../texts/ways.csv");

/// Ideas are places in a word of this many bits.
const MAX_CONCEPTS: usize = 128;
/// Characters of a text that are looked at.
const MAX_TEXT_CHARS: usize = 400;

/// The compiled tables of the binary.
static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    Texts::parse(
        CONCEPTS,
        RULES,
        &[
            ("phrases.csv", PHRASES),
            ("codes.csv", CODES),
            ("ways.csv", WAYS),
        ],
    )
    .unwrap_or_default()
});

/// The sub-status that a text of any language means; `None` if nothing understands it.
pub fn classify_text(text: &str) -> Option<SubStatus> {
    TEXTS.classify(text)
}

/// The compiled tables.
#[derive(Default)]
struct Texts {
    words: Option<AhoCorasick>,
    /// The idea of each word.
    concepts: Vec<u128>,
    rules: Vec<Rule>,
    phrases: BTreeMap<String, SubStatus>,
    likely: Likely,
}

/// A line of `rules.csv`.
struct Rule {
    sub_status: SubStatus,
    /// Of each of these at least one idea must be there.
    wanted: Vec<u128>,
    /// None of these may be there.
    unwanted: u128,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConceptRow {
    concept: String,
    words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    sub_status: String,
    concepts: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhraseRow {
    #[serde(rename = "language")]
    _language: String,
    sub_status: String,
    phrases: String,
}

impl Texts {
    /// Compiles the tables. The message names the table and the word.
    fn parse(concepts: &str, rules: &str, phrases: &[(&str, &str)]) -> Result<Self, String> {
        let mut names: Vec<String> = Vec::new();
        let mut words = Vec::new();
        let mut meanings = Vec::new();
        for row in rows::<ConceptRow>("concepts.csv", concepts)? {
            let place = names.iter().position(|name| *name == row.concept);
            let place = place.unwrap_or(names.len());
            if place == names.len() {
                names.push(row.concept);
            }
            if names.len() > MAX_CONCEPTS {
                return Err(format!("concepts.csv: there are more than {MAX_CONCEPTS}"));
            }
            for word in list(&row.words) {
                words.push(pattern(word));
                meanings.push(1_u128 << place);
            }
        }
        let bits = |concepts: &str| -> Result<u128, String> {
            concepts.split('|').try_fold(0, |bits, concept| {
                let place = names.iter().position(|name| name == concept);
                let place = place.ok_or_else(|| format!("rules.csv: no concept `{concept}`"))?;
                Ok(bits | 1_u128 << place)
            })
        };
        let rules = rows::<RuleRow>("rules.csv", rules)?
            .into_iter()
            .map(|row| {
                let sub_status = checkpoint_status(&row.sub_status)
                    .map_err(|fault| format!("rules.csv: {fault}"))?;
                let (mut wanted, mut unwanted) = (Vec::new(), 0);
                for concepts in row.concepts.split_ascii_whitespace() {
                    match concepts.strip_prefix('!') {
                        Some(concepts) => unwanted |= bits(concepts)?,
                        None => wanted.push(bits(concepts)?),
                    }
                }
                Ok(Rule {
                    sub_status,
                    wanted,
                    unwanted,
                })
            })
            .collect::<Result<_, String>>()?;
        let mut known = BTreeMap::new();
        for (table, text) in phrases {
            for row in rows::<PhraseRow>(table, text)? {
                let sub_status = checkpoint_status(&row.sub_status)
                    .map_err(|fault| format!("{table}: {fault}"))?;
                for phrase in list(&row.phrases) {
                    // Where languages or usages differ, the first line has it.
                    known.entry(normal(&apart(phrase))).or_insert(sub_status);
                }
            }
        }
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&words)
            .map_err(|error| format!("concepts.csv: {error}"))?;
        Ok(Self {
            words: Some(words),
            concepts: meanings,
            rules,
            likely: Likely::learn(known.iter().map(|(text, is)| (text.as_str(), *is))),
            phrases: known,
        })
    }

    fn classify(&self, text: &str) -> Option<SubStatus> {
        let text: String = text.chars().take(MAX_TEXT_CHARS).collect();
        let text = normal(&apart(&text));
        self.phrases
            .get(&text)
            .copied()
            .or_else(|| self.understand(&text))
    }

    /// What a normal text means that is not looked up as a whole.
    fn understand(&self, normal: &str) -> Option<SubStatus> {
        self.by_rules(normal).or_else(|| self.likely.guess(normal))
    }

    /// What the rules alone say of a normal text.
    fn by_rules(&self, normal: &str) -> Option<SubStatus> {
        let found = self
            .words
            .as_ref()?
            .find_overlapping_iter(normal)
            .filter_map(|found| self.concepts.get(found.pattern().as_usize()))
            .fold(0, |bits, concept| bits | concept);
        let fits = |rule: &&Rule| {
            rule.unwanted & found == 0 && rule.wanted.iter().all(|wanted| wanted & found != 0)
        };
        self.rules.iter().find(fits).map(|rule| rule.sub_status)
    }
}

fn rows<T: serde::de::DeserializeOwned>(table: &str, text: &str) -> Result<Vec<T>, String> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{table}: {error}"))
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|it| !it.is_empty())
}

/// A word as it is looked for: at the beginning of a word of the text unless it begins with `*` or its
/// script writes no blanks before what belongs together; at the end of one if it ends with `_`.
fn pattern(word: &str) -> String {
    let anywhere =
        word.starts_with('*') || word.starts_with(|it| ('\u{600}'..='\u{6ff}').contains(&it));
    let whole = word.ends_with('_');
    let text = normal(word.trim_matches(['*', '_']));
    let text = text.trim_matches(' ');
    format!(
        "{}{text}{}",
        if anywhere { "" } else { " " },
        if whole { " " } else { "" }
    )
}

#[cfg(test)]
mod measured;
#[cfg(test)]
mod tests;
