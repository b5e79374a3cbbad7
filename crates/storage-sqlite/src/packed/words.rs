//! Words that are known beforehand, and texts packed against them.
//!
//! What comes out are blocks of LZ4, whose format is public and stands still; `lz4_flex` unpacks them. Its own
//! packing learns the words anew for every text, and only every third place of them. Here their places are looked up
//! in tables that are made once, long words before short ones. In the same time a tracking of ten checkpoints comes to
//! 1.29 KB where it came to 1.47, a new one to 0.42 where it came to 0.54; so pages, log and memory hold more of them.

/// The least that is worth referring to.
const LEAST: usize = 4;
/// A block ends in so many bytes that are no reference, and the last reference begins so long before its end: the
/// format's rules, by which unpackers may copy eight bytes at a time.
const LAST_BYTES: usize = 5;
const LAST_REFERENCE: usize = 12;
/// How far back a reference reaches.
const FARTHEST: usize = u16::MAX as usize;
/// After four bytes that stood nowhere before only every second place is looked up, after eight every third: they are
/// mostly of a hash.
const HASTE: u32 = 2;
/// Places of the words, and of what the text itself has had: powers of two.
const PLACES: u32 = 12;
const PLACES_SEEN: u32 = 11;

type Places = [u16; 1 << PLACES];

/// Words, and where they stand.
pub struct Words {
    text: &'static [u8],
    /// Where eight bytes stand last, one more than the place; 0: nowhere.
    long: Box<Places>,
    /// Where four do.
    short: Box<Places>,
}

/// Bytes that were there before, in the words or in the text behind them.
#[derive(Clone, Copy)]
struct Before {
    place: usize,
    length: usize,
}

impl Words {
    /// Learns words: at most 65,534 bytes of them.
    pub fn new(text: &'static [u8]) -> Self {
        let mut long: Box<Places> = Box::new([0; 1 << PLACES]);
        let mut short = long.clone();
        for (place, eight) in text.windows(8).enumerate() {
            let eight = number(eight);
            let place = u16::try_from(place + 1).unwrap_or_default();
            long[slot::<8, PLACES>(eight)] = place;
            short[slot::<4, PLACES>(eight)] = place;
        }
        Self { text, long, short }
    }

    /// The words.
    pub fn text(&self) -> &'static [u8] {
        self.text
    }

    /// Packs a text behind what is there.
    pub fn pack(&self, text: &[u8], packed: &mut Vec<u8>) {
        let mut seen = [0u32; 1 << PLACES_SEEN];
        let mut note = |place: usize, eight: u64| {
            let place = u32::try_from(place + 1).unwrap_or_default();
            let slot = &mut seen[slot::<5, PLACES_SEEN>(eight)];
            (std::mem::replace(slot, place) as usize).checked_sub(1)
        };
        let last = text.len().saturating_sub(LAST_REFERENCE);
        let (mut told, mut at) = (0, 0);
        while at < last {
            let eight = number(&text[at..at + 8]);
            let seen = note(at, eight).filter(|place| at - place <= FARTHEST);
            let Some(before) = self.before(text, at, eight, seen) else {
                at += 1 + ((at - told) >> HASTE);
                continue;
            };
            let (begin, before) = self.backwards(text, (told, at), before);
            let distance = self.text.len() + begin - before.place;
            push(packed, &text[told..begin], Some((distance, before.length)));
            at = begin + before.length;
            told = at;
            // Mostly the same comes before it once more.
            if at < last {
                note(at - 2, number(&text[at - 2..at + 6]));
            }
        }
        push(packed, &text[told..], None);
    }

    /// The longest that is found of what stands here.
    #[inline]
    fn before(&self, text: &[u8], at: usize, eight: u64, seen: Option<usize>) -> Option<Before> {
        let here = &text[at..text.len() - LAST_BYTES];
        let words = self.text.len();
        // What the tables name is mostly something else.
        let begins = |known: &[u8]| {
            let four = known.first_chunk().copied().map(u32::from_le_bytes);
            four == Some(eight as u32)
        };
        let in_words = |place: u16| {
            let place = usize::from(place).checked_sub(1)?;
            let known = &self.text[place..];
            (begins(known) && words + at - place <= FARTHEST).then(|| Before {
                place,
                length: alike(known, here),
            })
        };
        let mut best = seen
            .filter(|place| begins(&text[*place..]))
            .map(|place| Before {
                place: words + place,
                length: alike(&text[place..], here),
            });
        for table in [
            &self.long[slot::<8, PLACES>(eight)],
            &self.short[slot::<4, PLACES>(eight)],
        ] {
            let length = best.map_or(0, |best| best.length);
            if length >= 8 {
                break;
            }
            best = in_words(*table).filter(|one| one.length > length).or(best);
        }
        best
    }

    /// What is alike may have begun before it was looked up.
    #[inline]
    fn backwards(
        &self,
        text: &[u8],
        (told, at): (usize, usize),
        before: Before,
    ) -> (usize, Before) {
        let known = match before.place.checked_sub(self.text.len()) {
            None => &self.text[..before.place],
            Some(place) => &text[..place],
        };
        let pairs = known.iter().rev().zip(text[told..at].iter().rev());
        let more = pairs.take_while(|(one, other)| one == other).count();
        let before = Before {
            place: before.place - more,
            length: before.length + more,
        };
        (at - more, before)
    }
}

/// Eight bytes, the first the lowest.
fn number(eight: &[u8]) -> u64 {
    eight.try_into().map_or(0, u64::from_le_bytes)
}

/// Where the first of eight bytes are noted.
fn slot<const BYTES: u32, const BITS: u32>(eight: u64) -> usize {
    let first = eight << (64 - 8 * BYTES);
    (first.wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - BITS)) as usize
}

/// How many bytes are alike from the beginning.
fn alike(one: &[u8], other: &[u8]) -> usize {
    let mut length = 0;
    for (one, other) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
        let differ = number(one) ^ number(other);
        if differ != 0 {
            return length + (differ.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let rest = one[length..].iter().zip(&other[length..]);
    length + rest.take_while(|(one, other)| one == other).count()
}

/// Bytes as they are, and how far back how much stands that follows them.
#[inline]
fn push(packed: &mut Vec<u8>, bytes: &[u8], reference: Option<(usize, usize)>) {
    let more = reference.map_or(0, |(_, length)| length - LEAST);
    let nibble = |length: usize| length.min(15) as u8;
    packed.push(nibble(bytes.len()) << 4 | nibble(more));
    push_rest(packed, bytes.len());
    packed.extend_from_slice(bytes);
    if let Some((distance, _)) = reference {
        packed.extend_from_slice(&(distance as u16).to_le_bytes());
        push_rest(packed, more);
    }
}

/// What of a length does not fit its half of a byte.
fn push_rest(packed: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(15) else {
        return;
    };
    while rest >= 255 {
        packed.push(255);
        rest -= 255;
    }
    packed.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use lz4_flex::block::decompress_with_dict;
    use proptest::prelude::*;

    use super::*;

    const WORDS: &[u8] =
        br#"{"id":"","tag":"InTransit","checkpoints":[{"message":"","hash":""}],"note":null}"#;

    fn comes_back(text: &[u8]) -> usize {
        let mut packed = Vec::new();
        Words::new(WORDS).pack(text, &mut packed);
        let unpacked = decompress_with_dict(&packed, text.len(), WORDS);
        assert_eq!(unpacked.expect("a block"), text);
        packed.len()
    }

    #[test]
    fn words_are_referred_to_and_so_is_what_came_before() {
        assert!(comes_back(WORDS) < 16);
        let twice = [WORDS, b"Half past ten at the depot. ", WORDS].concat();
        let again = [&twice[..], b"Half past ten at the depot. "].concat();
        assert!(comes_back(&again) < comes_back(&twice) + 12);
    }

    #[test]
    fn what_lies_too_far_back_is_not_referred_to() {
        let noise: Vec<u8> = (0..70_000u32)
            .flat_map(|one| one.wrapping_mul(2_654_435_761).to_be_bytes())
            .collect();
        let far = [WORDS, &noise, WORDS, WORDS].concat();
        comes_back(&far);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(
            parts in prop::collection::vec((0..4usize, 0..WORDS.len(), any::<[u8; 6]>(), 0..400usize), 0..40),
        ) {
            let mut text = Vec::new();
            for (kind, from, bytes, count) in parts {
                match kind {
                    0 => text.extend_from_slice(&WORDS[from..]),
                    1 => text.extend(bytes),
                    2 => text.extend(std::iter::repeat_n(bytes[0] % 4, count)),
                    _ => text.extend_from_within(text.len().saturating_sub(count)..),
                }
            }
            comes_back(&text);
        }
    }
}
