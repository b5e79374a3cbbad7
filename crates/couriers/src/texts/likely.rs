//! What a text most likely means where no rule knows it: naive Bayes over what is written.
//!
//! Every text whose meaning the tables tell counts the pieces of it, four characters each. How often a
//! piece was seen with a meaning says how much it speaks for it. It is counted when the tables are
//! loaded, so there is nothing trained to keep, and the same tables always give the same answer.
//!
//! A guess counts only if its odds suffice; the pieces of a text overlap, so its odds are far too
//! high. How high they must be was found by leaving couriers out: of such guesses, four in five had the
//! right tag, and two in three of those of rarer texts.

use std::collections::{BTreeSet, HashMap};

use waybill_model::SubStatus;

/// How often a piece counts as seen with every meaning. Less makes rare pieces say too much.
const SMOOTHING: f32 = 0.1;
/// The logarithm of the odds against the second guess that make the first one count.
const SUFFICES: f32 = 5.0;

/// Up to four characters.
type Piece = u128;

/// How much each piece speaks for each meaning.
#[derive(Default)]
pub(super) struct Likely {
    meanings: Vec<Meaning>,
    /// By the places of meanings, what having been seen with it adds.
    seen: HashMap<Piece, Vec<(usize, f32)>>,
}

struct Meaning {
    sub_status: SubStatus,
    /// How many texts mean it, and how many pieces they have.
    texts: f32,
    pieces: f32,
    /// What a piece that was never seen with it says.
    unseen: f32,
}

impl Likely {
    /// Learns from normal texts and what they mean.
    pub(super) fn learn<'a>(known: impl Iterator<Item = (&'a str, SubStatus)>) -> Self {
        let mut it = Self::default();
        for (text, sub_status) in known {
            let place = it.place(sub_status);
            let pieces = pieces(text);
            it.meanings[place].texts += 1.0;
            it.meanings[place].pieces += pieces.len() as f32;
            for piece in pieces {
                let counts = it.seen.entry(piece).or_default();
                match counts.iter_mut().find(|count| count.0 == place) {
                    Some(count) => count.1 += 1.0,
                    None => counts.push((place, 1.0)),
                }
            }
        }
        let smoothed = SMOOTHING * it.seen.len() as f32;
        for meaning in &mut it.meanings {
            meaning.unseen = (SMOOTHING / (meaning.pieces + smoothed)).ln();
        }
        for count in it.seen.values_mut().flatten() {
            count.1 = ((count.1 + SMOOTHING) / SMOOTHING).ln();
        }
        it
    }

    fn place(&mut self, sub_status: SubStatus) -> usize {
        let known = |it: &Meaning| it.sub_status == sub_status;
        self.meanings.iter().position(known).unwrap_or_else(|| {
            self.meanings.push(Meaning {
                sub_status,
                texts: 0.0,
                pieces: 0.0,
                unseen: 0.0,
            });
            self.meanings.len() - 1
        })
    }

    /// What a normal text means, if that is likely enough.
    pub(super) fn guess(&self, text: &str) -> Option<SubStatus> {
        let mut scores: Vec<f32> = self.meanings.iter().map(|it| it.texts.ln()).collect();
        for seen in pieces(text).iter().filter_map(|it| self.seen.get(it)) {
            for (score, meaning) in scores.iter_mut().zip(&self.meanings) {
                *score += meaning.unseen;
            }
            for (place, more) in seen {
                scores[*place] += more;
            }
        }
        let mut ranked: Vec<_> = scores.iter().zip(&self.meanings).collect();
        ranked.sort_by(|one, other| other.0.total_cmp(one.0));
        match ranked[..] {
            [(first, guess), (second, _), ..] if first - second > SUFFICES => {
                Some(guess.sub_status)
            }
            _ => None,
        }
    }
}

/// The pieces of a text. Scripts that write no blanks say with one character or two what others need
/// four for.
fn pieces(text: &str) -> BTreeSet<Piece> {
    let characters: Vec<Piece> = text.chars().map(|it| Piece::from(u32::from(it))).collect();
    let joined = |piece: &[Piece]| piece.iter().fold(0, |joined, it| joined << 21 | it);
    let mut pieces: BTreeSet<Piece> = characters.windows(4).map(joined).collect();
    if characters.iter().any(|it| *it > 0xe00) {
        pieces.extend(&characters);
        pieces.extend(characters.windows(2).map(joined));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_like_the_known_is_guessed_and_nothing_else() {
        let known = [
            (" parcel handed to neighbour ", SubStatus::DELIVERED_005),
            (" left with a neighbour ", SubStatus::DELIVERED_005),
            (" parcel damaged ", SubStatus::EXCEPTION_012),
            (" damaged in transport ", SubStatus::EXCEPTION_012),
        ];
        let likely = Likely::learn(known.into_iter());
        let guess = |text| likely.guess(text);
        assert_eq!(guess(" the neighbours "), Some(SubStatus::DELIVERED_005));
        assert_eq!(guess(" some damages "), Some(SubStatus::EXCEPTION_012));
        assert_eq!(guess(" parcel "), None);
        assert_eq!(guess(" quite another thing "), None);
        assert_eq!(Likely::default().guess(" damaged "), None);
    }
}
