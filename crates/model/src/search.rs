//! Searching: how texts become the words that a tracking is found by.
//!
//! A word is a run of letters and digits, in lower case. A keyword finds what has all its words; the last one may be
//! the beginning of a word. Engines keep words as they are and compare them by their bytes, so they agree on what is
//! found.

use std::collections::BTreeSet;

use crate::OrganizationId;

/// Characters of a word that count: longer than every tracking number's part that people type.
pub const MAX_WORD: usize = 40;
/// Different words of a tracking by which it is found; those behind them are not searched.
pub const MAX_WORDS: usize = 100;
/// Words of a keyword.
pub const MAX_KEYWORD_WORDS: usize = 10;

/// Characters of an organization's key.
const KEY: usize = 8;

/// The different words of a tracking with these texts.
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let words = texts.into_iter().flat_map(words_of);
    let words = words.filter(|word| seen.insert(word.clone()));
    words.take(MAX_WORDS).collect()
}

/// The words of a keyword in their order. None where it has no word; `None` where it has too many.
pub fn keyword_words(keyword: &str) -> Option<Vec<String>> {
    // A phone number is one word, however its digits are grouped.
    let digits = keyword.trim().strip_prefix('+').map(digits);
    let words: Vec<String> = words_of(digits.as_deref().unwrap_or(keyword)).collect();
    (words.len() <= MAX_KEYWORD_WORDS).then_some(words)
}

/// What stands before the words of an organization in an index that is shared with others: 40 random bits of its id, as
/// digits of base 32. Two organizations that share them cost each other time; engines look at whose a hit is.
pub fn key(organization: OrganizationId) -> String {
    let bits = organization.as_uuid().as_u128();
    (0..KEY as u32)
        .filter_map(|place| char::from_digit((bits >> (5 * place)) as u32 & 31, 32))
        .collect()
}

/// The digits of a phone number.
pub fn digits(phone_number: &str) -> String {
    let digits = phone_number.chars().filter(char::is_ascii_digit);
    digits.collect()
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| {
        let lower = word.chars().flat_map(char::to_lowercase);
        lower.take(MAX_WORD).collect()
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(number))
    }

    fn finds(texts: &[&str], keyword: &str) -> bool {
        let words = words(texts.iter().copied());
        let wanted = keyword_words(keyword).expect("few words");
        wanted.split_last().is_some_and(|(last, whole)| {
            whole.iter().all(|word| words.contains(word))
                && words.iter().any(|word| word.starts_with(last))
        })
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
    fn another_organization_has_another_key() {
        assert_ne!(key(organization(1)), key(organization(2)));
        assert_eq!(key(organization(1)).len(), KEY);
    }

    #[test]
    fn words_are_bounded() {
        let long = "x".repeat(1_000);
        let many: Vec<String> = (0..1_000).map(|number| format!("word{number}")).collect();
        let many = many.join(" ");
        let words = words([long.as_str(), many.as_str()]);
        assert_eq!(words.len(), MAX_WORDS);
        assert!(words.iter().all(|word| word.chars().count() <= MAX_WORD));
        assert!(finds(&[&long], &long), "what is cut is cut in both");
        assert_eq!(keyword_words(&many), None);
    }
}
