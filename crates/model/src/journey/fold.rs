//! Folding: what was told twice is one checkpoint.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use super::order::{Leg, Scan};
use super::{Aside, Standing};
use crate::checkpoint::Checkpoint;
use crate::countries::CountryCode;
use crate::status::{SubStatus, Tag};

/// Scans of one carrier this close are two wordings of one event.
const SAME_CARRIER: SignedDuration = SignedDuration::from_secs(60);
/// Scans of two carriers this close are one event that both report.
const TWO_CARRIERS: SignedDuration = SignedDuration::from_mins(60);

/// A standing checkpoint while it is being put together.
#[derive(Debug)]
pub(super) struct Event<'a> {
    /// The scan that was first: its time counts.
    pub first: Scan<'a>,
    /// The more exact code of the folded ones.
    pub sub: SubStatus,
    /// When we first learned of it.
    pub learned_at: Timestamp,
    /// Everything that was folded into it, `first` included.
    pub members: Vec<Scan<'a>>,
    /// Whose text is shown.
    text: Scan<'a>,
    country: Option<CountryCode>,
    /// A member that names the place, if one does.
    place: &'a Checkpoint,
}

/// Folds scans that are in order, and tells where each went. A withdrawn scan that was only
/// reworded goes where its new wording went; the others are set aside as withdrawn.
pub(super) fn fold<'a>(
    scans: Vec<Scan<'a>>,
    withdrawn: &[Scan<'a>],
    set_aside: &mut Vec<(usize, Aside)>,
) -> Vec<Event<'a>> {
    let mut events = fold_same_carrier(scans);
    for scan in withdrawn {
        match events.iter_mut().find(|event| event.rewords(scan)) {
            Some(event) => event.add(*scan),
            None => set_aside.push((scan.index, Aside::Withdrawn)),
        }
    }
    let events = fold_two_carriers(events);
    for event in &events {
        let into = event.identity();
        let others = event.members.iter().filter(|member| member.index != into);
        set_aside.extend(others.map(|member| (member.index, Aside::Folded { into })));
    }
    events
}

fn fold_same_carrier(scans: Vec<Scan<'_>>) -> Vec<Event<'_>> {
    let mut events: Vec<Event<'_>> = Vec::with_capacity(scans.len());
    for scan in scans {
        // Events are in order, so those within reach are the last ones; the earliest of them wins.
        let reach = events
            .iter()
            .rev()
            .take_while(|event| scan.instant.duration_since(event.first.instant) < SAME_CARRIER)
            .count();
        let near = events.len() - reach;
        match events[near..].iter_mut().find(|event| event.is_same(&scan)) {
            Some(event) => event.take(scan),
            None => events.push(Event::new(scan)),
        }
    }
    events
}

/// Two carriers, one event: the telling with a clock stays, then the later leg's. Going through the
/// events in that order of merit, each either joins one that stays or stays itself.
fn fold_two_carriers(mut events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let carriers = |event: &Event<'_>| event.first.checkpoint.slug.clone();
    let Some(slug) = events.first().map(carriers) else {
        return events;
    };
    if events
        .iter()
        .all(|event| event.first.checkpoint.slug == slug)
    {
        return events;
    }
    events.sort_by(|one, other| {
        let merit = |event: &Event<'_>| (!event.has_clock(), Reverse(event.first.leg));
        merit(one)
            .cmp(&merit(other))
            .then_with(|| one.first.order(&other.first))
    });
    let mut kept: Vec<Event<'_>> = Vec::with_capacity(events.len());
    for event in events {
        match kept.iter_mut().find(|other| other.is_echoed_by(&event)) {
            Some(other) => other.take_echo(event),
            None => kept.push(event),
        }
    }
    kept.sort_by(|one, other| one.first.order(&other.first));
    kept
}

impl<'a> Event<'a> {
    fn new(scan: Scan<'a>) -> Self {
        Self {
            first: scan,
            sub: scan.sub,
            learned_at: scan.checkpoint.seen_at,
            members: vec![scan],
            text: scan,
            country: scan.checkpoint.country,
            place: scan.checkpoint,
        }
    }

    /// When it happened.
    pub fn instant(&self) -> Timestamp {
        self.first.instant
    }

    /// Whose scan it is.
    pub fn leg(&self) -> Leg {
        self.first.leg
    }

    /// The piece it is about.
    pub fn piece(&self) -> Option<&'a str> {
        self.first.checkpoint.piece.as_deref()
    }

    /// The names of its place: each text a carrier gave for it.
    pub fn places(&self) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        self.members.iter().flat_map(|member| {
            let checkpoint = member.checkpoint;
            [checkpoint.city.as_deref(), checkpoint.location.as_deref()]
                .into_iter()
                .flatten()
        })
    }

    /// Whose hash is kept: of the carrier's tellings of this very time, the one learned first.
    fn identity(&self) -> usize {
        let first = &self.first;
        let tellings = self.members.iter().filter(|member| {
            member.instant == first.instant && member.checkpoint.slug == first.checkpoint.slug
        });
        let earliest = tellings.min_by_key(|member| member.checkpoint.seen_at);
        earliest.map_or(first.index, |member| member.index)
    }

    /// The public form.
    pub fn into_standing(self) -> Standing {
        Standing {
            index: self.identity(),
            sub_status: self.sub,
            message_index: self.text.index,
            instant: self.first.instant,
            learned_at: self.learned_at,
            members: self.members.iter().map(|member| member.index).collect(),
        }
    }

    /// One carrier, one place, one tag, and one code or a generic one beside it.
    fn is_same(&self, scan: &Scan<'_>) -> bool {
        let one_code = self.sub == scan.sub
            || (self.sub.tag() == scan.sub.tag()
                && self.sub.tag() != Tag::Exception
                && (self.sub.is_generic() || scan.sub.is_generic()));
        one_code
            && self.first.checkpoint.slug == scan.checkpoint.slug
            && self.first.checkpoint.piece == scan.checkpoint.piece
            && !differ(self.country.as_ref(), scan.checkpoint.country.as_ref())
            && same_place(self.place, scan.checkpoint)
    }

    fn take(&mut self, scan: Scan<'a>) {
        let newer = (scan.checkpoint.seen_at, scan.instant)
            > (self.text.checkpoint.seen_at, self.text.instant);
        // The text goes with the code: a more exact code brings its own, a vaguer one none.
        if (self.sub.is_generic() && !scan.sub.is_generic()) || (self.sub == scan.sub && newer) {
            self.text = scan;
        }
        if self.sub.is_generic() {
            self.sub = scan.sub;
        }
        self.add(scan);
    }

    /// A withdrawn scan that says the same of the same time, in other words.
    fn rewords(&self, withdrawn: &Scan<'_>) -> bool {
        let one_time = self.first.checkpoint.time == withdrawn.checkpoint.time;
        one_time && self.sub == withdrawn.sub && self.is_same(withdrawn)
    }

    fn add(&mut self, scan: Scan<'a>) {
        self.learned_at = self.learned_at.min(scan.checkpoint.seen_at);
        self.country = self.country.or(scan.checkpoint.country);
        if place(self.place).is_none() {
            self.place = scan.checkpoint;
        }
        self.members.push(scan);
    }

    /// Another carrier, the same code and country, about the same time.
    fn is_echoed_by(&self, echo: &Event<'_>) -> bool {
        let both_clocked = self.has_clock() && echo.has_clock();
        let one_time = if both_clocked {
            let apart = self.instant().duration_since(echo.instant()).abs();
            apart <= TWO_CARRIERS
        } else {
            self.first.checkpoint.time.date == echo.first.checkpoint.time.date
        };
        one_time
            && self.sub == echo.sub
            && self.first.checkpoint.slug != echo.first.checkpoint.slug
            && self.piece() == echo.piece()
            && self.country.is_some()
            && self.country == echo.country
    }

    fn take_echo(&mut self, echo: Event<'a>) {
        self.learned_at = self.learned_at.min(echo.learned_at);
        self.members.extend(echo.members);
    }

    fn has_clock(&self) -> bool {
        self.first.checkpoint.time.time.is_some()
    }
}

fn same_place(one: &Checkpoint, other: &Checkpoint) -> bool {
    let pair = match (&one.location, &other.location, &one.city, &other.city) {
        (Some(one), Some(other), _, _) | (_, _, Some(one), Some(other)) => Some((one, other)),
        _ => None,
    };
    pair.is_none_or(|(one, other)| same_text(one, other))
}

fn place(checkpoint: &Checkpoint) -> Option<&String> {
    checkpoint.location.as_ref().or(checkpoint.city.as_ref())
}

fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Equal but for case and blanks around.
pub(super) fn same_text(one: &str, other: &str) -> bool {
    let lower = |text: &'_ str| text.trim().to_lowercase();
    one == other || lower(one) == lower(other)
}
