//! Milestones: pick-up, attempts, hand-over, delivery, return.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::fold::Event;
use super::order::{Leg, instant};
use super::pieces::Shipment;
use super::status::{Reading, Walk, is_pickup, is_possession, is_return};
use crate::checkpoint::Checkpoint;
use crate::event_time::EventTime;
use crate::status::{SubStatus, Tag};

/// Failed attempts of one carrier this close are one stop of the van.
const ONE_STOP: SignedDuration = SignedDuration::from_mins(30);
/// A second round this much later means that the first one silently failed.
const NEXT_ROUND: SignedDuration = SignedDuration::from_hours(24);

/// What the walks tell, besides the status.
pub(super) struct Milestones {
    pub pickup: Option<EventTime>,
    pub first_attempt: Option<EventTime>,
    pub delivery: Option<EventTime>,
    pub failed_attempts: u32,
    pub return_to_sender: bool,
    pub first_mile_days: Option<i64>,
    pub last_mile_days: Option<i64>,
}

impl Milestones {
    /// Reads the milestones of a shipment. A completion counts as a delivery or return of its own.
    pub fn read(
        events: &[Event<'_>],
        shipment: &Shipment<'_>,
        completion: Option<&Checkpoint>,
    ) -> Self {
        let time = |event: usize| events.get(event).map(|event| &event.first.checkpoint.time);
        let by_hand = completion.filter(|checkpoint| checkpoint.sub_status.tag() == Tag::Delivered);
        let attempt = earliest(shipment, |walk| first_attempt(events, walk));
        let first_attempt = match (attempt.and_then(|event| events.get(event)), by_hand) {
            (Some(event), Some(hand)) if instant(hand) < event.instant() => Some(&hand.time),
            (Some(event), _) => Some(&event.first.checkpoint.time),
            (None, hand) => hand.map(|checkpoint| &checkpoint.time),
        };
        let pickup = earliest(shipment, |walk| pickup(events, walk)).and_then(time);
        let delivery = by_hand
            .map(|checkpoint| &checkpoint.time)
            .or(shipment.delivery_time);
        let handover = handover(events).and_then(time);
        Self {
            first_mile_days: days(pickup, handover),
            last_mile_days: days(handover, delivery),
            pickup: pickup.cloned(),
            first_attempt: first_attempt.cloned(),
            delivery: delivery.cloned(),
            failed_attempts: failed_attempts(events, shipment),
            return_to_sender: events.iter().any(|event| is_return(event.sub))
                || completion.is_some_and(|checkpoint| is_return(checkpoint.sub_status)),
        }
    }
}

/// Calendar days between two local dates; never negative.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to)
        .map_or(0, |span| i64::from(span.get_days()))
        .max(0)
}

fn days(from: Option<&EventTime>, to: Option<&EventTime>) -> Option<i64> {
    Some(days_between(from?.date, to?.date))
}

/// The earliest event that `find` gives for any piece.
fn earliest(shipment: &Shipment<'_>, find: impl Fn(&Walk) -> Option<usize>) -> Option<usize> {
    shipment.walks.iter().filter_map(find).min()
}

/// The first scan that shows the parcel in the carrier's hands and on its way.
fn pickup(events: &[Event<'_>], walk: &Walk) -> Option<usize> {
    let in_hand = |reading: &&Reading| {
        let event = events.get(reading.event);
        !reading.late && event.is_some_and(|event| is_pickup(event.sub))
    };
    walk.readings
        .iter()
        .find(in_hand)
        .map(|reading| reading.event)
}

/// The first try to hand it over: a delivery that stands, a deposit for collection, a failure, an
/// exception after a round began, or a second round on another day. Scans on the way back are read
/// as returns and so do not count; what began it does.
fn first_attempt(events: &[Event<'_>], walk: &Walk) -> Option<usize> {
    let delivered = walk
        .delivery
        .as_ref()
        .and_then(|delivery| delivery.rows.first());
    let mut first_round: Option<Timestamp> = None;
    for reading in &walk.readings {
        let instant = events.get(reading.event)?.instant();
        let is_attempt = match reading.sub.tag() {
            Tag::Delivered => delivered == Some(&reading.event),
            Tag::AvailableForPickup | Tag::AttemptFail => true,
            Tag::Exception => first_round.is_some(),
            Tag::OutForDelivery if reading.sub == SubStatus::OUT_FOR_DELIVERY_001 => {
                let round = *first_round.get_or_insert(instant);
                instant.duration_since(round) > NEXT_ROUND
            }
            _ => false,
        };
        if is_attempt {
            return Some(reading.event);
        }
    }
    None
}

/// Failed attempts on the way out; of one carrier with one piece within [`ONE_STOP`] only one.
fn failed_attempts(events: &[Event<'_>], shipment: &Shipment<'_>) -> u32 {
    let mut failures: Vec<usize> = shipment
        .walks
        .iter()
        .flat_map(|walk| &walk.readings)
        .filter(|reading| reading.sub.tag() == Tag::AttemptFail)
        .map(|reading| reading.event)
        .collect();
    // A scan of the whole shipment is in every piece's walk.
    failures.sort_unstable();
    failures.dedup();
    let mut stops: BTreeMap<_, Timestamp> = BTreeMap::new();
    let mut count = 0;
    for event in failures.into_iter().filter_map(|event| events.get(event)) {
        let van = (&event.first.checkpoint.slug, event.piece());
        let same_stop = stops
            .get(&van)
            .is_some_and(|stop| event.instant().duration_since(*stop) <= ONE_STOP);
        if !same_stop {
            stops.insert(van, event.instant());
            count += 1;
        }
    }
    count
}

/// The first scan that shows the second carrier in possession.
fn handover(events: &[Event<'_>]) -> Option<usize> {
    let taken_over = |event: &Event<'_>| event.leg() == Leg::Later && is_possession(event.sub);
    events.iter().position(taken_over)
}
