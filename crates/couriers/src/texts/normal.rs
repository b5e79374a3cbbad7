//! A text as the tables see it.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Small letters without accents, words apart by one blank, a blank at both ends. Carriers write capitals
/// without accents and accents without capitals, so neither may count.
pub(super) fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len() + 2);
    normal.push(' ');
    let plain = text
        .chars()
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|it| !is_accent(*it))
        .nfc();
    for character in plain {
        if let Some(letters) = unaccented(character) {
            normal.push_str(letters);
        } else if character.is_alphanumeric() || is_combining_mark(character) {
            normal.push(character);
        } else if !normal.ends_with(' ') {
            normal.push(' ');
        }
    }
    if !normal.ends_with(' ') {
        normal.push(' ');
    }
    normal
}

/// The accents of Latin, Greek and Cyrillic. Vowel and voicing marks of other scripts are no accents.
fn is_accent(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// Letters whose accent is part of them.
fn unaccented(character: char) -> Option<&'static str> {
    Some(match character {
        'ł' => "l",
        'ø' => "o",
        'đ' => "d",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn case_accents_and_punctuation_go() {
        assert_eq!(normal("  Livré  À l'EXPÉDITEUR!"), " livre a l expediteur ");
        assert_eq!(normal("Straße, Łódź; Søndag"), " strasse lodz sondag ");
        assert_eq!(normal("ご不在・配達"), " ご不在 配達 ");
        assert_eq!(normal("นำจ่าย"), " นำจ่าย ");
        assert_eq!(normal("배달 완료"), " 배달 완료 ");
        assert_eq!(normal(""), " ");
    }
}
