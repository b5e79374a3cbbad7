//! What an organization works with, and what its numbers turned out to be so far.

use waybill_model::CourierSlug;

use super::{Claim, Hints, Index};

/// So many parcels of the organization's own weigh as much as all that is known of couriers in general.
const GENERAL_KNOWLEDGE: f64 = 10.0;
/// A courier without formats is offered by the history alone from so many numbers on.
const FEWEST_ALONE: u64 = 5;
/// Letters kept at either end of an outline: they point at a courier, those within are serials.
const LETTERS_KEPT: usize = 2;
/// A number that changes between letters and digits more often has no outline worth remembering.
const MOST_RUNS: usize = 8;

/// What a number looks like: runs of digits (`9`) and letters (`A`) with their lengths, and the letters
/// at its beginning and end as they are. `RA123456785DE` is `RA99DE`: nine digits. `None` for a number of many
/// short runs.
pub fn outline(number: &str) -> Option<String> {
    let bytes: Vec<u8> = number
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_uppercase())
        .collect();
    let within = LETTERS_KEPT..bytes.len().saturating_sub(LETTERS_KEPT);
    let mut outline = String::new();
    let mut runs: Vec<(u8, usize)> = Vec::new();
    for (place, byte) in bytes.iter().enumerate() {
        let kind = match byte {
            b'0'..=b'9' => b'9',
            // Lower case is never in a number: it stands for any letter.
            _ if within.contains(&place) => b'a',
            letter => *letter,
        };
        match runs.last_mut() {
            Some((last, length)) if *last == kind && !kind.is_ascii_uppercase() => *length += 1,
            _ => runs.push((kind, 1)),
        }
    }
    if runs.is_empty() || runs.len() > MOST_RUNS {
        return None;
    }
    for (kind, length) in runs {
        outline.push(char::from(kind));
        if !kind.is_ascii_uppercase() {
            outline.push_str(&length.to_string());
        }
    }
    Some(outline)
}

impl Hints {
    /// Whether a courier comes into question.
    pub(super) fn allow(&self, slug: &CourierSlug) -> bool {
        let slugs = self.slugs.as_ref();
        slugs.is_none_or(|slugs| slugs.contains(slug))
    }

    /// What the history says of a courier, in words.
    pub(super) fn history_of(&self, slug: &CourierSlug) -> Option<String> {
        let (_, count) = self.history.iter().find(|(known, _)| known == slug)?;
        Some(format!("{count} of your numbers like it"))
    }
}

impl Index {
    /// The first of the preferred couriers counts in full, the second half, the third a third: an
    /// order among couriers that fit alike, which a check digit outweighs.
    pub(super) fn prefer(&self, claims: &mut [Claim<'_>], hints: &Hints) {
        if hints.preferred.is_empty() {
            return;
        }
        for claim in claims {
            let slug = &self.owners[claim.owner].slug;
            let place = hints.preferred.iter().position(|known| known == slug);
            let factor = 1.0 / (1 + place.unwrap_or(hints.preferred.len())) as f64;
            claim.score *= factor;
            claim.unchecked *= factor;
        }
    }

    /// Mixes what is known of couriers in general with the organization's own numbers: the more of
    /// those there are, the less the former counts (the mean of a Dirichlet distribution whose prior
    /// weighs [`GENERAL_KNOWLEDGE`] parcels). What a check digit says of this very number stands.
    pub(super) fn remember(&self, claims: &mut Vec<Claim<'_>>, all_else: &mut f64, hints: &Hints) {
        if hints.history.is_empty() {
            return;
        }
        let mut counts = Vec::new();
        for (slug, count) in &hints.history {
            let found = self.owners.binary_search_by(|owner| owner.slug.cmp(slug));
            let Some(owner) = found.ok().filter(|_| hints.allow(slug)) else {
                continue;
            };
            let claims_it = claims.iter().any(|claim| claim.owner == owner);
            // One whose formats the number does not fit is not its courier, whatever came before.
            if claims_it {
                counts.push((owner, *count as f64));
            } else if !self.owners[owner].has_formats && *count >= FEWEST_ALONE {
                counts.push((owner, *count as f64));
                claims.push(Claim {
                    owner,
                    score: 0.0,
                    unchecked: 0.0,
                    best: None,
                });
            }
        }
        let seen: f64 = counts.iter().map(|(_, count)| count).sum();
        let general = *all_else + claims.iter().map(|claim| claim.unchecked).sum::<f64>();
        let mixed = |unchecked: f64, count: f64| {
            (count + GENERAL_KNOWLEDGE * unchecked / general) / (seen + GENERAL_KNOWLEDGE)
        };
        for claim in claims.iter_mut() {
            let count = counts.iter().find(|(owner, _)| *owner == claim.owner);
            let luck = if claim.best.is_some() {
                claim.score / claim.unchecked
            } else {
                1.0
            };
            claim.score = luck * mixed(claim.unchecked, count.map_or(0.0, |(_, count)| *count));
        }
        *all_else = mixed(*all_else, 0.0);
    }
}
