//! One piece's walk: the newest checkpoint decides, but for what cannot be.

use jiff::{SignedDuration, Timestamp};

use super::fold::{Event, same_text};
use super::order::Leg;
use super::{Direction, JourneyInput};
use crate::status::{SubStatus, Tag};

/// Movement up to this long after a delivery is a late upload, later it is a new journey.
const LATE_UPLOAD: SignedDuration = SignedDuration::from_hours(24);

/// How a scan was taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Index of the event.
    pub event: usize,
    /// What it means here: on the way back a delivery is a return.
    pub sub: SubStatus,
    /// Uploaded after the delivery that it should have preceded: its time is not to be trusted.
    pub late: bool,
}

/// A delivery that stands.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// The rows that tell of it, indices of events in order: the first one's time counts.
    pub rows: Vec<usize>,
    instant: Timestamp,
    leg: Leg,
    sub: SubStatus,
}

/// The state of one piece after some of its scans.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The status and the event that decides it.
    pub status: Option<(SubStatus, usize)>,
    /// The delivery that stands.
    pub delivery: Option<Delivery>,
    /// The carrier has had the parcel.
    pub possession: bool,
    /// Every scan so far, as it was taken.
    pub readings: Vec<Reading>,
    returning: bool,
}

/// What a scan does to a standing delivery.
enum Effect {
    Repeats,
    Replaces,
    Undoes,
    Nothing,
}

impl Walk {
    /// Walks the events of the given indices, which are in order.
    pub fn along(
        input: &JourneyInput<'_>,
        events: &[Event<'_>],
        indices: impl Iterator<Item = usize>,
    ) -> Self {
        let mut walk = Self::default();
        for index in indices {
            if let Some(event) = events.get(index) {
                walk.take(input, index, event);
            }
        }
        walk
    }

    /// Takes the next scan.
    pub fn take(&mut self, input: &JourneyInput<'_>, index: usize, event: &Event<'_>) {
        let call_off = self.returning && is_call_off(event.sub);
        if call_off {
            self.returning = false;
        }
        let on_return = self.returning && !is_at_destination(input, event);
        let sub = if on_return {
            on_the_way_back(event.sub)
        } else {
            event.sub
        };
        let late = self.apply(index, event, sub, call_off);
        self.possession |= is_possession(event.sub);
        if is_return(sub) && input.direction != Some(Direction::Return) {
            self.returning = true;
        } else if sub.tag() == Tag::Delivered {
            self.returning = false;
        }
        self.readings.push(Reading {
            event: index,
            sub,
            late,
        });
    }

    /// True if nothing more is to come: delivered or back at the sender. A damage report after
    /// delivery does not open the journey again.
    pub fn is_over(&self) -> bool {
        let Some((sub, _)) = self.status else {
            return false;
        };
        sub.tag() == Tag::Delivered
            || sub == SubStatus::EXCEPTION_011
            || (sub == SubStatus::EXCEPTION_012 && self.delivery.is_some())
    }

    /// Lets a scan, read as `sub`, decide the status. True if it came too late to.
    fn apply(&mut self, index: usize, event: &Event<'_>, sub: SubStatus, call_off: bool) -> bool {
        if sub.tag() == Tag::InfoReceived {
            // A label never outranks possession.
            if !self.possession {
                self.status = Some((sub, index));
            }
            return false;
        }
        let effect = match &self.delivery {
            Some(delivery) => effect(delivery, event, sub, call_off),
            None => Effect::Undoes,
        };
        match effect {
            Effect::Nothing => return true,
            Effect::Replaces => self.status = Some((sub, index)),
            Effect::Repeats => self.repeat(index, sub),
            Effect::Undoes if sub.tag() == Tag::Delivered => {
                self.delivery = Some(Delivery {
                    rows: vec![index],
                    instant: event.instant(),
                    leg: event.leg(),
                    sub,
                });
                self.status = Some((sub, index));
            }
            Effect::Undoes => {
                self.delivery = None;
                self.status = Some((sub, index));
            }
        }
        false
    }

    /// Repeated rows are one delivery: the earliest time, the last code that says something.
    fn repeat(&mut self, index: usize, sub: SubStatus) {
        if let Some(delivery) = &mut self.delivery {
            delivery.rows.push(index);
            if !sub.is_generic() {
                delivery.sub = sub;
            }
            self.status = Some((delivery.sub, index));
        }
    }
}

fn effect(delivery: &Delivery, event: &Event<'_>, sub: SubStatus, call_off: bool) -> Effect {
    // What the first carrier calls delivered is a hand-over once the second has the parcel.
    if event.leg() > delivery.leg {
        return Effect::Undoes;
    }
    if is_return(sub) || sub == SubStatus::EXCEPTION_012 {
        return Effect::Replaces;
    }
    if sub.tag() == Tag::Delivered {
        return Effect::Repeats;
    }
    if event.leg() < delivery.leg {
        return Effect::Nothing;
    }
    let moves = sub.tag() == Tag::InTransit
        || sub == SubStatus::OUT_FOR_DELIVERY_003
        || sub == SubStatus::OUT_FOR_DELIVERY_004;
    let much_later = event.instant().duration_since(delivery.instant) > LATE_UPLOAD;
    if !moves || much_later || call_off {
        Effect::Undoes
    } else {
        Effect::Nothing
    }
}

/// The carrier has, or has had, the parcel.
pub(super) fn is_possession(sub: SubStatus) -> bool {
    is_pickup(sub)
        || is_return(sub)
        || sub == SubStatus::OUT_FOR_DELIVERY_001
        || matches!(
            sub.tag(),
            Tag::AttemptFail | Tag::AvailableForPickup | Tag::Delivered
        )
}

/// The carrier took the parcel or moved it. Customs and redirects can be paper only.
pub(super) fn is_pickup(sub: SubStatus) -> bool {
    [
        SubStatus::IN_TRANSIT_001,
        SubStatus::IN_TRANSIT_002,
        SubStatus::IN_TRANSIT_003,
        SubStatus::IN_TRANSIT_004,
        SubStatus::IN_TRANSIT_007,
    ]
    .contains(&sub)
}

/// On the way back, or back.
pub(super) fn is_return(sub: SubStatus) -> bool {
    sub == SubStatus::EXCEPTION_010 || sub == SubStatus::EXCEPTION_011
}

/// The return was called off: the problem is solved, or the parcel goes to another address.
fn is_call_off(sub: SubStatus) -> bool {
    sub == SubStatus::IN_TRANSIT_008 || sub == SubStatus::IN_TRANSIT_009
}

/// What a scan on the way back means: only its end is a return, the rest is under way.
fn on_the_way_back(sub: SubStatus) -> SubStatus {
    match sub.tag() {
        Tag::InTransit | Tag::OutForDelivery | Tag::AttemptFail | Tag::AvailableForPickup => {
            SubStatus::EXCEPTION_010
        }
        Tag::Delivered => SubStatus::EXCEPTION_011,
        _ => sub,
    }
}

/// Whether one of the event's places is the recipient's town, also as a part of "Town, Region".
fn is_at_destination(input: &JourneyInput<'_>, event: &Event<'_>) -> bool {
    let Some(city) = input
        .destination_city
        .filter(|city| !city.trim().is_empty())
    else {
        return false;
    };
    event
        .places()
        .any(|place| same_text(place, city) || place.split(',').any(|part| same_text(part, city)))
}
