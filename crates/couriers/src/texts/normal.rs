//! A text as the tables see it.

use std::borrow::Cow;

use unicode_normalization::{
    UnicodeNormalization as _,
    char::{decompose_compatible, is_combining_mark},
};

/// Small letters without accents, words apart by one blank, a blank at both ends. Carriers write capitals
/// without accents and accents without capitals, so neither may count; nor may how a letter is written
/// that has several forms.
pub(super) fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len() + 2);
    normal.push(' ');
    let plain = text
        .chars()
        .flat_map(of_usual_width)
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|it| !is_accent(*it))
        .nfc();
    for character in plain {
        if let Some(letters) = unaccented(character) {
            normal.push_str(letters);
        } else if is_apostrophe(character) {
            if !normal.ends_with(' ') {
                normal.push(' ');
            }
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

/// A code that is several words in one, `outForDelivery`, with its words apart. What has a blank is not one.
pub(super) fn apart(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_whitespace) {
        return Cow::Borrowed(text);
    }
    let mut words = String::with_capacity(text.len());
    let mut small = false;
    for letter in text.chars() {
        if small && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        small = letter.is_ascii_lowercase();
        words.push(letter);
    }
    Cow::Owned(words)
}

/// Letters as wide as a Chinese one and kana half as wide, which Japanese and Chinese carriers write,
/// are those of the usual width.
fn of_usual_width(character: char) -> impl Iterator<Item = char> {
    let mut usual = ['\0'; 2];
    let mut length = 0;
    if ('\u{ff01}'..='\u{ffef}').contains(&character) {
        decompose_compatible(character, |it| {
            if let Some(place) = usual.get_mut(length) {
                *place = it;
                length += 1;
            }
        });
    } else {
        (usual[0], length) = (character, 1);
    }
    usual.into_iter().take(length)
}

/// The accents of Latin, Greek and Cyrillic, and what Arabic mostly leaves out: short vowels, and what
/// only stretches a word. Vowel and voicing marks of other scripts are no accents.
fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{652}')
}

/// The apostrophe that counts as a letter. Ukrainian has it as often as the one that does not.
fn is_apostrophe(character: char) -> bool {
    character == '\u{2bc}'
}

/// Letters whose accent is part of them, and those of which some write another form.
fn unaccented(character: char) -> Option<&'static str> {
    Some(match character {
        'ł' => "l",
        'ø' => "o",
        'đ' => "d",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        // A capital sigma does not say whether it ends its word.
        'ς' => "σ",
        // Arabic is written with and without what stands on an alef, and ends words either way.
        'أ' | 'إ' | 'آ' | 'ٱ' => "ا",
        'ى' => "ي",
        'ة' => "ه",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{apart, normal};

    #[test]
    fn case_accents_and_punctuation_go() {
        assert_eq!(normal("  Livré  À l'EXPÉDITEUR!"), " livre a l expediteur ");
        assert_eq!(normal("Straße, Łódź; Søndag"), " strasse lodz sondag ");
        assert_eq!(normal("ご不在・配達"), " ご不在 配達 ");
        assert_eq!(normal("นำจ่าย"), " นำจ่าย ");
        assert_eq!(normal("배달 완료"), " 배달 완료 ");
        assert_eq!(normal(""), " ");
    }

    #[test]
    fn words_of_a_code_are_apart() {
        assert_eq!(apart("DeliveryAttempted"), "Delivery Attempted");
        assert_eq!(apart("outForDPDDelivery"), "out For DPDDelivery");
        assert_eq!(apart("PICKUP_DONE"), "PICKUP_DONE");
        assert_eq!(apart("Left at McCoy's"), "Left at McCoy's");
        assert_eq!(apart(""), "");
    }

    #[test]
    fn forms_of_a_letter_are_one() {
        assert_eq!(normal("إلى العُنوان"), normal("الي العنوان"));
        assert_eq!(normal("تمت إعـادة الشحنة"), " تمت اعاده الشحنه ");
        assert_eq!(normal("ΠΑΡΑΛΗΠΤΗΣ"), normal("παραλήπτης"));
        assert_eq!(normal("кур\u{2bc}єр"), normal("кур'єр"));
        assert_eq!(normal("ＤＨＬ　ﾄﾞｱﾎﾟｽﾄ"), " dhl ドアポスト ");
    }
}
