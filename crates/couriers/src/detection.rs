//! Which couriers a number may belong to, and how sure that is.
//!
//! The score of a format is the chance that it would have made this very number, times how common
//! the format is, times what the hints say. A check digit that agrees multiplies by how rarely that
//! happens by luck; one that fails removes the format. Confidence is a courier's part of all scores
//! together, where "some other courier, or no parcel number at all" has a part as well.

mod history;
mod matcher;
mod normalised;
#[cfg(test)]
mod tests;

use waybill_model::{CountryCode, CourierSlug};

use crate::numbers::NumberFormat;
use crate::{Courier, Couriers};
use matcher::Matcher;
use normalised::Normalised;

pub use history::outline;

/// What else is known about a parcel.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Only these couriers come into question.
    pub slugs: Option<Vec<CourierSlug>>,
    /// Where the parcel comes from.
    pub origin: Option<CountryCode>,
    /// Where it goes.
    pub destination: Option<CountryCode>,
    /// The destination's postal code.
    pub postal_code: Option<String>,
    /// The couriers that are worked with, the preferred one first; none: no word on it.
    pub preferred: Vec<CourierSlug>,
    /// How many numbers of this [`outline`] turned out to be whose.
    pub history: Vec<(CourierSlug, u64)>,
}

/// A courier that a number may belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The courier.
    pub slug: CourierSlug,
    /// How likely it is this courier, above 0 and below 1.
    pub confidence: f64,
    /// The courier's format that fits best.
    pub format: String,
    /// Why, in a few words: "check digit agrees; prefix 1Z".
    pub reason: String,
    /// Whether a check digit agrees.
    pub checked: bool,
}

impl Couriers {
    /// The couriers that a number may belong to, best first. Any text may be given.
    pub fn detect(&self, number: &str, hints: &Hints) -> Vec<Candidate> {
        self.index.detect(number, hints)
    }
}

impl Courier {
    /// Whether a number fits any format of this courier, check digit included.
    pub fn accepts(&self, number: &str) -> bool {
        self.index.fits(number)
    }
}

/// The formats of one or many couriers, compiled together.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    matcher: Matcher,
    entries: Vec<Entry>,
    owners: Vec<Owner>,
}

#[derive(Debug, Clone)]
struct Owner {
    slug: CourierSlug,
    has_formats: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    owner: usize,
    format: NumberFormat,
}

/// A courier this likely is believed. Under it, whoever follows a parcel asks the other likely couriers
/// too before the courier is settled.
pub const SURE: f64 = 0.95;
/// What a courier without a hint in its favour is weighed against: the couriers we do not know,
/// order numbers, telephone numbers. One is a large carrier's main format.
const WEIGHT_OF_ALL_ELSE: f64 = 0.5;
/// When the couriers are named, one of them it most likely is.
const WEIGHT_OF_ALL_ELSE_AMONG_NAMED: f64 = 0.05;
/// In numbers that are nobody's, how often a digit follows a letter or the reverse.
const CHANGE_OF_KIND: f64 = 0.1;
/// An algorithm that was never checked on real numbers is wrong one time in five.
const UNVERIFIED_AND_FAILED: f64 = 0.2;
/// The parcel touches a country of the format, or none of them.
const COUNTRY_AGREES: f64 = 10.0;
const COUNTRY_DIFFERS: f64 = 0.1;
/// The postal code in the number is the parcel's, or another one (it may be the depot's).
const POSTAL_CODE_AGREES: f64 = 20.0;
const POSTAL_CODE_DIFFERS: f64 = 0.5;
/// Nobody asks a courier so much less likely than the best one, unless it was named.
const LEAST_PART_OF_THE_BEST: f64 = 0.005;

/// How a number stands with a format that it has the shape of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Agrees,
    Doubted,
    Unchecked,
}

/// A courier under consideration.
struct Claim<'a> {
    owner: usize,
    score: f64,
    /// The score without what a check digit brings.
    unchecked: f64,
    /// The format that fits best; none where the history alone speaks for the courier.
    best: Option<Fit<'a>>,
}

#[derive(Clone, Copy)]
struct Fit<'a> {
    format: &'a NumberFormat,
    number: &'a [u8],
    standing: Standing,
    score: f64,
    unchecked: f64,
}

impl Index {
    /// Compiles the formats of couriers; the error says which patterns cannot stand together.
    pub(crate) fn new<'a>(
        couriers: impl IntoIterator<Item = (&'a CourierSlug, &'a [NumberFormat])>,
    ) -> Result<Self, String> {
        let mut owners = Vec::new();
        let mut entries = Vec::new();
        for (slug, formats) in couriers {
            entries.extend(formats.iter().map(|format| Entry {
                owner: owners.len(),
                format: format.clone(),
            }));
            owners.push(Owner {
                slug: slug.clone(),
                has_formats: !formats.is_empty(),
            });
        }
        let patterns: Vec<_> = entries
            .iter()
            .map(|entry| &entry.format.shape.hir)
            .collect();
        Ok(Self {
            matcher: Matcher::new(&patterns)?,
            entries,
            owners,
        })
    }

    /// Whether any format fits.
    pub(crate) fn fits(&self, number: &str) -> bool {
        let Some(number) = Normalised::new(number) else {
            return false;
        };
        let mut fits = false;
        self.each(&number, &Hints::default(), |_, _| fits = true);
        fits
    }

    fn detect(&self, number: &str, hints: &Hints) -> Vec<Candidate> {
        let Some(number) = Normalised::new(number) else {
            return Vec::new();
        };
        let mut claims = self.claims(&number, hints);
        let weight_of_all_else = if hints.slugs.is_some() {
            WEIGHT_OF_ALL_ELSE_AMONG_NAMED
        } else {
            WEIGHT_OF_ALL_ELSE
        };
        let mut all_else = weight_of_all_else * likelihood_of_any(number.compact());
        self.prefer(&mut claims, hints);
        self.remember(&mut claims, &mut all_else, hints);
        let total = all_else + claims.iter().map(|claim| claim.score).sum::<f64>();
        let best = claims.iter().map(|claim| claim.score).fold(0.0, f64::max);
        let mut candidates: Vec<Candidate> = claims
            .iter()
            .filter(|claim| hints.slugs.is_some() || claim.score >= LEAST_PART_OF_THE_BEST * best)
            .map(|claim| self.candidate(claim, claim.score / total, hints))
            .collect();
        candidates.sort_by(|a, b| {
            b.confidence
                .total_cmp(&a.confidence)
                .then_with(|| a.slug.cmp(&b.slug))
        });
        candidates
    }

    /// The couriers in question, one claim each however many of its formats fit.
    fn claims<'a>(&'a self, number: &'a Normalised, hints: &Hints) -> Vec<Claim<'a>> {
        let mut claims: Vec<Claim> = Vec::new();
        let mut exclusive = None;
        self.each(number, hints, |owner, fit| {
            if fit.format.exclusive {
                exclusive = Some(owner);
            }
            match claims.iter_mut().find(|claim| claim.owner == owner) {
                Some(claim) => {
                    claim.score += fit.score;
                    claim.unchecked += fit.unchecked;
                    if claim.best.is_none_or(|best| fit.score > best.score) {
                        claim.best = Some(fit);
                    }
                }
                None => claims.push(Claim {
                    owner,
                    score: fit.score,
                    unchecked: fit.unchecked,
                    best: Some(fit),
                }),
            }
        });
        claims.retain(|claim| {
            exclusive.is_none_or(|owner| owner == claim.owner)
                && hints.allow(&self.owners[claim.owner].slug)
        });
        claims
    }

    /// Every format that the number fits, with its owner. Hyphens count only for patterns that
    /// have them, so those see the number as it was written.
    fn each<'a>(
        &'a self,
        number: &'a Normalised,
        hints: &Hints,
        mut found: impl FnMut(usize, Fit<'a>),
    ) {
        for form in number.hyphenated().into_iter().chain([number.compact()]) {
            self.matcher.each(form, |place| {
                let entry = &self.entries[place];
                if let Some(fit) = fit(&entry.format, form, hints) {
                    found(entry.owner, fit);
                }
            });
        }
    }

    fn candidate(&self, claim: &Claim<'_>, confidence: f64, hints: &Hints) -> Candidate {
        let slug = &self.owners[claim.owner].slug;
        let mut reasons = Vec::new();
        reasons.extend(claim.best.as_ref().map(|best| reason(best, hints)));
        reasons.extend(hints.history_of(slug));
        Candidate {
            slug: slug.clone(),
            confidence,
            format: match &claim.best {
                Some(best) => best.format.name.clone(),
                None => "own history".to_owned(),
            },
            reason: reasons.join("; "),
            checked: claim
                .best
                .is_some_and(|best| best.standing == Standing::Agrees),
        }
    }
}

/// Judges a number that has a format's shape; `None` if the check digit speaks against it.
fn fit<'a>(format: &'a NumberFormat, number: &'a [u8], hints: &Hints) -> Option<Fit<'a>> {
    let (standing, luck) = match &format.check {
        None => (Standing::Unchecked, 1.0),
        Some(check) if check.agrees(number) => (Standing::Agrees, check.one_in()),
        Some(_) if format.unverified => (Standing::Doubted, UNVERIFIED_AND_FAILED),
        Some(_) => return None,
    };
    let country = match country_agrees(format, hints) {
        None => 1.0,
        Some((_, true)) => COUNTRY_AGREES,
        Some((_, false)) => COUNTRY_DIFFERS,
    };
    let postal_code = match postal_code_agrees(format, number, hints) {
        None => 1.0,
        Some(true) => POSTAL_CODE_AGREES,
        Some(false) => POSTAL_CODE_DIFFERS,
    };
    let unchecked = format.weight * format.shape.likelihood(number.len()) * country * postal_code;
    Some(Fit {
        format,
        number,
        standing,
        score: unchecked * luck,
        unchecked,
    })
}

/// A country of the parcel and whether the format lives there; `None` if nothing is known or the
/// format lives anywhere.
fn country_agrees(format: &NumberFormat, hints: &Hints) -> Option<(CountryCode, bool)> {
    if format.countries.is_empty() {
        return None;
    }
    let mut known = hints.origin.into_iter().chain(hints.destination);
    let first = known.clone().next()?;
    let agreeing = known.find(|country| format.countries.contains(country));
    Some((agreeing.unwrap_or(first), agreeing.is_some()))
}

/// Whether the postal code inside the number is the parcel's; `None` if either is unknown. Labels
/// pad it with zeros on the left and leave off what is too long.
fn postal_code_agrees(format: &NumberFormat, number: &[u8], hints: &Hints) -> Option<bool> {
    let place = format.postal_code?;
    let written = number.get(place.skip..place.skip.checked_add(place.length)?)?;
    let known = hints.postal_code.as_deref()?;
    let mut known = known
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_uppercase())
        .take(place.length)
        .skip_while(|byte| *byte == b'0')
        .peekable();
    known.peek()?;
    Some(known.eq(written.iter().copied().skip_while(|byte| *byte == b'0')))
}

/// How likely any number at all that looks as this one does (digits and letters in these places)
/// is this very one.
fn likelihood_of_any(number: &[u8]) -> f64 {
    let one = number.iter().fold(1.0, |one, byte| {
        one / if byte.is_ascii_digit() { 10.0 } else { 26.0 }
    });
    number.windows(2).fold(one, |one, pair| {
        let changes = pair[0].is_ascii_digit() != pair[1].is_ascii_digit();
        one * if changes {
            CHANGE_OF_KIND
        } else {
            1.0 - CHANGE_OF_KIND
        }
    })
}

fn reason(fit: &Fit<'_>, hints: &Hints) -> String {
    let mut reason = String::from(match fit.standing {
        Standing::Agrees if fit.format.unverified => "check digit agrees by an unverified rule; ",
        Standing::Agrees => "check digit agrees; ",
        Standing::Doubted => "check digit fails an unverified rule; ",
        Standing::Unchecked => "",
    });
    match fit.format.shape.prefix() {
        "" => {
            let all_digits = fit.number.iter().all(u8::is_ascii_digit);
            reason.push_str(&fit.number.len().to_string());
            reason.push_str(if all_digits { " digits" } else { " characters" });
        }
        prefix => {
            reason.push_str("prefix ");
            reason.push_str(prefix);
        }
    }
    if let Some((country, agrees)) = country_agrees(fit.format, hints) {
        reason.push_str(if agrees {
            "; at home in "
        } else {
            "; not at home in "
        });
        reason.push_str(country.as_str());
    }
    if let Some(agrees) = postal_code_agrees(fit.format, fit.number, hints) {
        reason.push_str(if agrees {
            "; postal code agrees"
        } else {
            "; postal code differs"
        });
    }
    reason
}
