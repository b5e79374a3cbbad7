//! Codes and texts that nothing understood are counted, so that somebody can see to them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use waybill_couriers::Reading;
use waybill_model::{Checkpoint, CourierSlug};
use waybill_storage::{Append, UnclassifiedRow};

/// Different ones counted of one answer.
const OF_ANSWER: usize = 20;
/// Characters of a code or text, and of an example.
const MAX_WORD: usize = 120;

/// What to count of newly learned checkpoints. Known ones were counted when they were new, so most polls
/// write nothing here.
pub(crate) fn unclassified(
    slug: &CourierSlug,
    reading: &Reading,
    learned: &[Checkpoint],
    now: Timestamp,
) -> Vec<Append> {
    let mut rows: BTreeMap<String, UnclassifiedRow> = BTreeMap::new();
    for said in reading.checkpoints.iter().filter(|it| !it.understood) {
        let is_new = learned
            .iter()
            .any(|it| it.time == said.time && it.code == said.code && it.message == said.message);
        let word = word(said.code.as_deref(), &said.message);
        if !is_new || word.is_empty() || (rows.len() >= OF_ANSWER && !rows.contains_key(&word)) {
            continue;
        }
        let row = rows.entry(word.clone()).or_insert_with(|| UnclassifiedRow {
            slug: slug.clone(),
            word,
            example: said.message.chars().take(MAX_WORD).collect(),
            count: 0,
            first_seen_at: now,
            last_seen_at: now,
        });
        row.count += 1;
    }
    rows.into_values().map(Append::Unclassified).collect()
}

/// What is counted together: the code, else the text, whatever numbers stand in it.
fn word(code: Option<&str>, message: &str) -> String {
    let text = code.unwrap_or(message).trim().chars().take(MAX_WORD);
    match code {
        Some(_) => text.collect(),
        None => text
            .map(|it| if it.is_ascii_digit() { '#' } else { it })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn texts_are_counted_whatever_numbers_stand_in_them() {
        assert_eq!(word(Some(" Q7 "), "whatever"), "Q7");
        assert_eq!(word(None, " Bay 12 of 30 "), "Bay ## of ##");
        assert_eq!(word(None, &"é".repeat(500)).chars().count(), 120);
        assert_eq!(word(None, " "), "");
    }
}
