//! What the index of words holds: whole words and all their beginnings, of each organization its own.

use std::collections::BTreeSet;

use waybill_model::{OrganizationId, search::key};

/// Stands before a whole word.
const WHOLE: char = 'w';
/// Stands before the beginning of a word.
const BEGINNING: char = 'b';

/// The tokens of a tracking with these words.
pub fn tokens(organization: OrganizationId, words: &[String]) -> Vec<String> {
    let key = key(organization);
    let mut tokens = BTreeSet::new();
    for word in words {
        let ends = word
            .char_indices()
            .map(|(at, letter)| at + letter.len_utf8());
        tokens.extend(ends.map(|end| format!("{key}{BEGINNING}{}", &word[..end])));
        tokens.insert(format!("{key}{WHOLE}{word}"));
    }
    tokens.into_iter().collect()
}

/// Asks for the words of a keyword: all of them must be there, and the last may be a beginning. Words have letters and
/// digits alone, so none can be anything else.
pub fn query(organization: OrganizationId, words: &[String]) -> String {
    let key = key(organization);
    let last = words.len().saturating_sub(1);
    let token = |(place, word)| {
        let mark = if place == last { BEGINNING } else { WHOLE };
        format!("\"{key}{mark}{word}\"")
    };
    let tokens: Vec<String> = words.iter().enumerate().map(token).collect();
    tokens.join(" AND ")
}
