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
pub const LAST_BYTES: usize = 5;
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

/// What stands in a text and was packed before.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Where it begins. All of it stands there but for its last bytes, to which nothing refers ([`LAST_BYTES`]).
    pub begin: usize,
    /// Its block.
    pub block: &'a [u8],
}

/// Where the text itself has had what; one more than the place, 0: nowhere.
type Seen = [u32; 1 << PLACES_SEEN];

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

    /// Packs a text behind what is there. What of it was packed before is not looked through again.
    pub fn pack(&self, text: &[u8], part: Option<Part<'_>>, packed: &mut Vec<u8>) {
        let mut seen = [0; 1 << PLACES_SEEN];
        let mut told = 0;
        if let Some(part) = part {
            told = self.look_through(text, told, part.begin, &mut seen, packed);
            told = repeat(text, told, part, packed);
        }
        told = self.look_through(text, told, text.len(), &mut seen, packed);
        push(packed, &text[told..], None);
    }

    /// Packs what stands between two places; up to where it is told.
    fn look_through(
        &self,
        text: &[u8],
        begin: usize,
        end: usize,
        seen: &mut Seen,
        packed: &mut Vec<u8>,
    ) -> usize {
        let mut note = |place: usize, eight: u64| {
            let place = u32::try_from(place + 1).unwrap_or_default();
            let slot = &mut seen[slot::<5, PLACES_SEEN>(eight)];
            (std::mem::replace(slot, place) as usize).checked_sub(1)
        };
        let last = text.len().saturating_sub(LAST_REFERENCE);
        let last = last.min((end + 1).saturating_sub(LEAST));
        let until = end.min(text.len().saturating_sub(LAST_BYTES));
        let (mut told, mut at) = (begin, begin);
        while at < last {
            let eight = number(&text[at..at + 8]);
            let seen = note(at, eight).filter(|place| at - place <= FARTHEST);
            let Some(before) = self.before(text, (at, until), eight, seen) else {
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
        told
    }

    /// The longest that is found of what stands here.
    #[inline]
    fn before(
        &self,
        text: &[u8],
        (at, end): (usize, usize),
        eight: u64,
        seen: Option<usize>,
    ) -> Option<Before> {
        let here = &text[at..end];
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

/// Refers to what a block of before refers to; up to where the text is told.
fn repeat(text: &[u8], mut told: usize, part: Part<'_>, packed: &mut Vec<u8>) -> usize {
    let (mut at, mut block) = (part.begin, part.block);
    while let Some((bytes, Some((distance, length)))) = take(&mut block) {
        at += bytes;
        // To the words it is farther, by what stands before.
        let is_to_words = distance > at - part.begin;
        let distance = distance + if is_to_words { part.begin } else { 0 };
        if distance <= FARTHEST {
            push(packed, &text[told..at], Some((distance, length)));
            told = at + length;
        }
        at += length;
    }
    told
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

/// Takes the next from a block: how many bytes as they are, and how far back how much stands that follows them.
fn take(block: &mut &[u8]) -> Option<(usize, Option<(usize, usize)>)> {
    let lengths = block.split_off_first()?;
    let bytes = take_rest(block, lengths >> 4)?;
    block.split_off(..bytes)?;
    let Some(distance) = block.split_off(..2) else {
        return Some((bytes, None));
    };
    let distance = u16::from_le_bytes(distance.try_into().ok()?);
    let more = take_rest(block, lengths & 15)?;
    Some((bytes, Some((distance.into(), LEAST + more))))
}

/// A length, of which half a byte was taken.
fn take_rest(block: &mut &[u8], nibble: u8) -> Option<usize> {
    let mut length = usize::from(nibble);
    let mut goes_on = nibble == 15;
    while goes_on {
        let more = block.split_off_first()?;
        length += usize::from(*more);
        goes_on = *more == 255;
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use lz4_flex::block::decompress_with_dict;
    use proptest::prelude::*;

    use super::*;

    const WORDS: &[u8] =
        br#"{"id":"","tag":"InTransit","checkpoints":[{"message":"","hash":""}],"note":null}"#;

    fn packed(text: &[u8], part: Option<Part<'_>>) -> Vec<u8> {
        let mut packed = Vec::new();
        Words::new(WORDS).pack(text, part, &mut packed);
        let unpacked = decompress_with_dict(&packed, text.len(), WORDS);
        assert_eq!(unpacked.expect("a block"), text);
        packed
    }

    fn comes_back(text: &[u8]) -> usize {
        packed(text, None).len()
    }

    /// A text with one in it that was packed before, but for its last bytes.
    fn comes_back_around(head: &[u8], part: &[u8], tail: &[u8]) -> usize {
        let kept = &part[..part.len() - LAST_BYTES];
        let block = packed(part, None);
        let part = Part {
            begin: head.len(),
            block: &block,
        };
        packed(
            &[head, kept, &[b'-'; LAST_BYTES], tail].concat(),
            Some(part),
        )
        .len()
    }

    #[test]
    fn words_are_referred_to_and_so_is_what_came_before() {
        assert!(comes_back(WORDS) < 16);
        let twice = [WORDS, b"Half past ten at the depot. ", WORDS].concat();
        let again = [&twice[..], b"Half past ten at the depot. "].concat();
        assert!(comes_back(&again) < comes_back(&twice) + 12);
    }

    #[test]
    fn what_was_packed_costs_as_little_within_another_text() {
        let part = [WORDS, b"Half past ten at the depot. ", WORDS].concat();
        let around = comes_back_around(br#"{"message":"","#, &part, br#","hash":""}"#);
        assert!(around < comes_back(&part) + 24, "{around}");
    }

    #[test]
    fn what_lies_too_far_back_is_not_referred_to() {
        let noise: Vec<u8> = (0..70_000u32)
            .flat_map(|one| one.wrapping_mul(2_654_435_761).to_be_bytes())
            .collect();
        let far = [WORDS, &noise, WORDS, WORDS].concat();
        comes_back(&far);
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let bits = (0..4usize, 0..WORDS.len(), any::<[u8; 6]>(), 0..400usize);
        prop::collection::vec(bits, 0..40).prop_map(|bits| {
            let mut text = Vec::new();
            for (kind, from, bytes, count) in bits {
                match kind {
                    0 => text.extend_from_slice(&WORDS[from..]),
                    1 => text.extend(bytes),
                    2 => text.extend(std::iter::repeat_n(bytes[0] % 4, count)),
                    _ => text.extend_from_within(text.len().saturating_sub(count)..),
                }
            }
            text
        })
    }

    proptest! {
        #[test]
        fn every_text_comes_back(
            text in texts(),
            (from, to) in (0..1_000usize, 0..1_000usize),
            ends_at_once in any::<bool>(),
        ) {
            comes_back(&text);
            let to = to.min(text.len());
            let (head, rest) = text.split_at(from.min(to));
            let (part, tail) = rest.split_at(to - head.len());
            if part.len() >= LAST_BYTES {
                comes_back_around(head, part, if ends_at_once { b"" } else { tail });
            }
        }
    }
}
