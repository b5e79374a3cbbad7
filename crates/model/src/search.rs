//! Searching: how texts become tokens that an index of words can hold.
//!
//! A token is a key of the organization, a mark, and a word or its beginning. Every beginning of a
//! word is a token of its own, so that a search for the beginning of a word is a look-up like any
//! other: its hits come in order and are read no further than a page needs.
//!
//! A word is a run of letters and digits, in lower case. Both engines keep tokens as they are and
//! compare them by their bytes, so they agree on what is found.

use std::collections::BTreeSet;

use crate::OrganizationId;

/// Characters of a word that count: longer than every tracking number's part that people type.
pub const MAX_WORD: usize = 40;
/// Different words of a tracking by which it is found; those behind them are not searched.
pub const MAX_WORDS: usize = 100;
/// Words of a keyword.
pub const MAX_KEYWORD_WORDS: usize = 10;

/// Stands before a whole word.
const WHOLE: char = 'w';
/// Stands before the beginning of a word.
const BEGINNING: char = 'b';
/// Characters of the organization's key: 40 random bits of its id. Two organizations that share
/// them cost each other time; engines look at whose a hit is.
const KEY: usize = 8;

/// The tokens of a tracking with these texts.
pub fn tokens<'a>(
    organization: OrganizationId,
    texts: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let words = texts.into_iter().flat_map(words);
    let words = words.filter(|word| seen.insert(word.clone()));
    let key = key(organization);
    let mut tokens = BTreeSet::new();
    for word in words.take(MAX_WORDS) {
        let ends = word
            .char_indices()
            .map(|(at, letter)| at + letter.len_utf8());
        tokens.extend(ends.map(|end| format!("{key}{BEGINNING}{}", &word[..end])));
        tokens.insert(format!("{key}{WHOLE}{word}"));
    }
    tokens.into_iter().collect()
}

/// The tokens that a tracking must have to be found by a keyword: its words, of which the last may
/// be a beginning. None where it has no word; `None` where it has too many.
pub fn keyword_tokens(organization: OrganizationId, keyword: &str) -> Option<Vec<String>> {
    // A phone number is one word, however its digits are grouped.
    let digits = keyword.trim().strip_prefix('+').map(digits);
    let words: Vec<String> = words(digits.as_deref().unwrap_or(keyword)).collect();
    if words.len() > MAX_KEYWORD_WORDS {
        return None;
    }
    let key = key(organization);
    let last = words.len().saturating_sub(1);
    let token = |(place, word)| {
        let mark = if place == last { BEGINNING } else { WHOLE };
        format!("{key}{mark}{word}")
    };
    Some(words.into_iter().enumerate().map(token).collect())
}

/// The digits of a phone number.
pub fn digits(phone_number: &str) -> String {
    let digits = phone_number.chars().filter(char::is_ascii_digit);
    digits.collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| {
        let lower = word.chars().flat_map(char::to_lowercase);
        lower.take(MAX_WORD).collect()
    })
}

/// Digits of base 32 of the end of the id, which is random.
fn key(organization: OrganizationId) -> String {
    let bits = organization.as_uuid().as_u128();
    (0..KEY as u32)
        .filter_map(|place| char::from_digit((bits >> (5 * place)) as u32 & 31, 32))
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(number))
    }

    fn finds(texts: &[&str], keyword: &str) -> bool {
        let tokens = tokens(organization(1), texts.iter().copied());
        let wanted = keyword_tokens(organization(1), keyword).expect("few words");
        !wanted.is_empty() && wanted.iter().all(|token| tokens.contains(token))
    }

    #[test]
    fn all_words_must_be_there_and_the_last_may_be_a_beginning() {
        let texts = [
            "Blue Shoes, size 42",
            "WB-123/X",
            "jo.doe@example.com",
            "ÖL Straße",
        ];
        for keyword in [
            "blue",
            "BLUE SHOES",
            "blue sh",
            "b",
            "42 blue",
            "wb-123/x",
            "wb-12",
            "doe@exam",
            "öl stra",
            "ex",
        ] {
            assert!(finds(&texts, keyword), "{keyword}");
        }
        for keyword in [
            "blu shoes",
            "hoes",
            "blue 43",
            "shoes sh blues",
            "",
            "---",
            "wb-124",
        ] {
            assert!(!finds(&texts, keyword), "{keyword}");
        }
    }

    #[test]
    fn a_phone_number_is_found_however_it_is_grouped() {
        let phone = digits("+1 (415) 555-0100");
        for keyword in ["+1 415 555 0100", "+14155550100", "+1 415", "14155550100"] {
            assert!(finds(&[&phone], keyword), "{keyword}");
        }
        assert!(!finds(&[&phone], "+49"));
    }

    #[test]
    fn another_organization_has_other_tokens() {
        let ours = tokens(organization(1), ["blue shoes"]);
        let theirs = tokens(organization(2), ["blue shoes"]);
        assert!(ours.iter().all(|token| !theirs.contains(token)));
    }

    #[test]
    fn tokens_are_bounded() {
        let long = "x".repeat(1_000);
        let many: Vec<String> = (0..1_000).map(|number| format!("word{number}")).collect();
        let many = many.join(" ");
        let tokens = tokens(organization(1), [long.as_str(), many.as_str()]);
        assert!(tokens.len() <= MAX_WORDS * (MAX_WORD + 1));
        assert!(
            tokens
                .iter()
                .all(|token| token.chars().count() <= KEY + 1 + MAX_WORD)
        );
        assert!(finds(&[&long], &long), "what is cut is cut in both");
        assert_eq!(keyword_tokens(organization(1), &many), None);
    }
}
