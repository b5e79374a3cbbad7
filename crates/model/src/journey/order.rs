//! Order and clocks: where on the line of time a checkpoint stands.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::JourneyInput;
use crate::checkpoint::Checkpoint;
use crate::status::{SubStatus, Tag};

/// The stages of a parcel's life, early to late: of two scans at one instant the later stage is
/// the newer. Exceptions that are not listed are [`OTHER_EXCEPTION`].
const STAGES: [&[SubStatus]; 18] = [
    &[SubStatus::INFO_RECEIVED_001],
    &[SubStatus::IN_TRANSIT_002],
    &[
        SubStatus::IN_TRANSIT_001,
        SubStatus::IN_TRANSIT_010,
        SubStatus::IN_TRANSIT_011,
        SubStatus::IN_TRANSIT_012,
        SubStatus::IN_TRANSIT_013,
    ],
    &[SubStatus::IN_TRANSIT_009],
    &[SubStatus::IN_TRANSIT_008],
    &[SubStatus::IN_TRANSIT_004],
    &[SubStatus::IN_TRANSIT_003],
    &[SubStatus::IN_TRANSIT_006],
    &[SubStatus::IN_TRANSIT_005],
    &[SubStatus::IN_TRANSIT_007],
    // A talk with the customer or a booked slot comes before the round itself.
    &[
        SubStatus::OUT_FOR_DELIVERY_003,
        SubStatus::OUT_FOR_DELIVERY_004,
    ],
    &[SubStatus::OUT_FOR_DELIVERY_001],
    &[
        SubStatus::ATTEMPT_FAIL_001,
        SubStatus::ATTEMPT_FAIL_002,
        SubStatus::ATTEMPT_FAIL_003,
    ],
    &[],
    &[SubStatus::AVAILABLE_FOR_PICKUP_001],
    &[
        SubStatus::DELIVERED_001,
        SubStatus::DELIVERED_002,
        SubStatus::DELIVERED_003,
        SubStatus::DELIVERED_004,
        SubStatus::DELIVERED_005,
    ],
    &[SubStatus::EXCEPTION_010],
    &[SubStatus::EXCEPTION_011],
];

/// Index into [`STAGES`] of all exceptions but "returning" and "returned".
const OTHER_EXCEPTION: usize = 13;

/// From this stage on a date alone stands at the end of its day: the round is driven by day, and
/// its outcome must not sort before a clocked "out for delivery" of the same date.
const FIRST_STAGE_AT_END_OF_DAY: usize = 10;

/// Which carrier of the journey told a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leg {
    /// The first carrier.
    First,
    /// The carrier that took over from it.
    Later,
}

/// A checkpoint with its place on the line of time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a> {
    /// Index into the checkpoints given to `derive`.
    pub index: usize,
    /// The checkpoint itself.
    pub checkpoint: &'a Checkpoint,
    /// What it means.
    pub sub: SubStatus,
    /// When it happened.
    pub instant: Timestamp,
    /// Whose scan it is.
    pub leg: Leg,
    stage: usize,
}

impl<'a> Scan<'a> {
    /// Places a checkpoint.
    pub fn new(input: &JourneyInput<'_>, index: usize, checkpoint: &'a Checkpoint) -> Self {
        let sub = meaning(checkpoint.sub_status);
        let stage = stage(sub);
        let end_of_day = stage >= FIRST_STAGE_AT_END_OF_DAY;
        Self {
            index,
            checkpoint,
            sub,
            instant: checkpoint.time.instant(checkpoint.country, end_of_day),
            leg: leg(input, checkpoint),
            stage,
        }
    }

    /// The order of scans. What the carrier said decides before when we learned it, so that the
    /// order of arrival does not matter; the tail only makes the order total.
    pub fn order(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.checkpoint, other.checkpoint);
        (self.instant, self.stage, self.leg, self.sub)
            .cmp(&(other.instant, other.stage, other.leg, other.sub))
            .then_with(|| mine.slug.cmp(&theirs.slug))
            .then_with(|| mine.piece.cmp(&theirs.piece))
            .then_with(|| mine.location.cmp(&theirs.location))
            .then_with(|| mine.city.cmp(&theirs.city))
            .then_with(|| mine.country.cmp(&theirs.country))
            .then_with(|| mine.time.text.cmp(&theirs.time.text))
            .then_with(|| mine.message.cmp(&theirs.message))
            .then_with(|| mine.code.cmp(&theirs.code))
            .then_with(|| mine.hash.cmp(&theirs.hash))
            .then_with(|| mine.seen_at.cmp(&theirs.seen_at))
            .then_with(|| mine.signed_by.cmp(&theirs.signed_by))
            .then_with(|| mine.events.cmp(&theirs.events))
    }
}

/// Puts checkpoints in the order of their instants.
pub(crate) fn put_in_order(input: &JourneyInput<'_>, checkpoints: &mut Vec<Checkpoint>) {
    if checkpoints.len() < 2 {
        return;
    }
    let mut scans: Vec<Scan<'_>> = checkpoints
        .iter()
        .enumerate()
        .map(|(index, checkpoint)| Scan::new(input, index, checkpoint))
        .collect();
    scans.sort_by(Scan::order);
    *checkpoints = scans.iter().map(|scan| scan.checkpoint.clone()).collect();
}

/// The instant of one checkpoint.
pub(crate) fn instant(checkpoint: &Checkpoint) -> Timestamp {
    let end_of_day = stage(meaning(checkpoint.sub_status)) >= FIRST_STAGE_AT_END_OF_DAY;
    checkpoint.time.instant(checkpoint.country, end_of_day)
}

/// A carrier that told of an event knows the parcel: a checkpoint is never Pending or Expired.
fn meaning(sub: SubStatus) -> SubStatus {
    match sub.tag() {
        Tag::Pending | Tag::Expired => SubStatus::IN_TRANSIT_001,
        _ => sub,
    }
}

fn stage(sub: SubStatus) -> usize {
    let listed = STAGES.iter().position(|stage| stage.contains(&sub));
    listed.unwrap_or(OTHER_EXCEPTION)
}

/// While the second carrier is not known, every carrier but the first is the second.
fn leg(input: &JourneyInput<'_>, checkpoint: &Checkpoint) -> Leg {
    let later = match input.last_mile_slug {
        Some(slug) => &checkpoint.slug == slug && slug != input.slug,
        None => &checkpoint.slug != input.slug,
    };
    if later { Leg::Later } else { Leg::First }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_but_the_other_exceptions_has_its_stage_once() {
        for sub in SubStatus::ALL {
            let stages = STAGES.iter().filter(|stage| stage.contains(sub)).count();
            let expected = match sub.tag() {
                Tag::Pending | Tag::Expired => 0,
                Tag::Exception => {
                    usize::from([SubStatus::EXCEPTION_010, SubStatus::EXCEPTION_011].contains(sub))
                }
                _ => 1,
            };
            assert_eq!(stages, expected, "{sub}");
        }
        assert!(STAGES[OTHER_EXCEPTION].is_empty());
        assert_eq!(
            stage(SubStatus::OUT_FOR_DELIVERY_003),
            FIRST_STAGE_AT_END_OF_DAY
        );
    }
}
