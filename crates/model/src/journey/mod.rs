//! How a list of checkpoints becomes a status: one pure function, [`derive()`].
//!
//! The files follow the checkpoints on their way: `order` places each at an instant, `admit` sets
//! aside what cannot count, `fold` makes one of what was told twice, `lives` finds the newest life
//! of a recycled number, `status` walks one piece's scans, `pieces` joins the pieces, and
//! `milestones`, `signature`, `on_time` and `activity` read the rest from that walk.
//!
//! The order in which checkpoints were learned, and how often, never changes the answer.

mod activity;
mod admit;
mod fold;
mod lives;
mod mark;
mod milestones;
mod on_time;
pub(crate) mod order;
mod pieces;
mod signature;
mod standing;
mod status;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::countries::CountryCode;
use crate::event_time::EventTime;
use crate::ids::CourierSlug;
use crate::status::{SubStatus, Tag};
use crate::zone::Zone;

pub use activity::QUIET_AFTER;
pub use mark::{CompletedReason, Mark};
pub use on_time::{ClockFacts, OnTime, OnTimeStatus, Promise};
pub use standing::{Aside, Standing};

/// Which way a shipment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the shop to the customer.
    Forward,
    /// From the customer to the shop, which is then the recipient.
    Return,
}

/// What is known about a tracking besides its checkpoints.
#[derive(Debug, Clone, Copy)]
pub struct JourneyInput<'a> {
    /// The present.
    pub now: Timestamp,
    /// When the tracking was created.
    pub created_at: Timestamp,
    /// The first carrier.
    pub slug: &'a CourierSlug,
    /// The second carrier, when known.
    pub last_mile_slug: Option<&'a CourierSlug>,
    /// When the goods were ordered.
    pub order_date: Option<Timestamp>,
    /// The day they were shipped.
    pub ship_date: Option<Date>,
    /// The recipient's town.
    pub destination_city: Option<&'a str>,
    /// The recipient's country; gives the recipient's day where it has one clock.
    pub destination_country: Option<CountryCode>,
    /// The recipient's zone, when known better than by the country.
    pub destination_zone: Option<&'a Zone>,
    /// Which way the shipment goes.
    pub direction: Option<Direction>,
    /// How many pieces were announced.
    pub package_count: Option<u32>,
    /// Manual completions and retracks, in any order.
    pub marks: &'a [Mark],
    /// The last successful look-up at the carrier.
    pub polled_at: Option<Timestamp>,
    /// The first delivery date ever promised.
    pub first_promise: Option<Promise>,
    /// The present best delivery date.
    pub latest_promise: Option<Promise>,
}

/// What the checkpoints come to. Days are calendar days.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// The status.
    pub tag: Tag,
    /// The sub-status.
    pub sub_status: SubStatus,
    /// Whether the carrier is still asked.
    pub active: bool,
    /// True once the parcel was sent back; never resets within a life.
    pub return_to_sender: bool,
    /// When the carrier took it over.
    pub pickup: Option<EventTime>,
    /// First delivery attempt; always with a clock.
    pub first_attempted_at: Option<EventTime>,
    /// When the delivery that stands happened.
    pub delivery: Option<EventTime>,
    /// Failed attempts, one per stop.
    pub failed_delivery_attempts: u32,
    /// Days from pick-up to delivery, else to today.
    pub transit_time: Option<i64>,
    /// Who signed: a name, never a place or a policy.
    pub signed_by: Option<String>,
    /// The place or policy that stood where a name should be.
    pub delivery_location_type: Option<String>,
    /// How it stands against the first promise.
    pub on_time: Option<OnTime>,
    /// Days from pick-up to the hand-over to the second carrier.
    pub first_mile_transit_time: Option<i64>,
    /// Days from the hand-over to delivery.
    pub last_mile_transit_time: Option<i64>,
    /// Pieces delivered, for shipments of several pieces.
    pub pieces_delivered: Option<u32>,
    /// The checkpoints that count, folded, oldest first.
    pub standing: Vec<Standing>,
    /// The others: index into the given checkpoints, and why. In the order of the index.
    pub set_aside: Vec<(usize, Aside)>,
    /// The checkpoint that stands for a manual completion, if one is in force; not in `standing`.
    pub completion: Option<Checkpoint>,
    /// When the clock alone will next change something of the above other than day counts.
    pub goes_quiet_at: Option<Timestamp>,
    /// What the day counts are made of, to tell them later without deriving again.
    pub clock: ClockFacts,
}

/// Derives the journey of a tracking from its checkpoints: the same answer for any order and any
/// duplication of `checkpoints`. Never fails; whatever cannot count is in `set_aside`.
pub fn derive(input: &JourneyInput<'_>, checkpoints: &[Checkpoint]) -> Journey {
    let history = mark::History::of(input.marks);
    let mut sorted_out = admit::admit(input, &history, checkpoints);
    let folded = fold::fold(
        std::mem::take(&mut sorted_out.admitted),
        &std::mem::take(&mut sorted_out.withdrawn),
        &mut sorted_out.set_aside,
    );
    let events = lives::newest(input, folded, &mut sorted_out.set_aside);
    let mut shipment = pieces::join(input, &events);
    let completion = history.completion(input, &mut shipment);

    let milestones = milestones::Milestones::read(&events, &shipment, completion.as_ref());
    let signature = signature::read(&events, &shipment);
    let silent = activity::silent_status(input, &history);
    let sub_status = shipment.status.unwrap_or(silent);
    let activity = activity::activity(
        input,
        &history,
        sub_status.tag(),
        events.iter().map(|event| event.learned_at),
        sorted_out.next_future,
    );
    let clock = ClockFacts::new(input, &milestones);

    sorted_out.set_aside.sort_by_key(|(index, _)| *index);
    Journey {
        tag: sub_status.tag(),
        sub_status,
        active: activity.active,
        return_to_sender: milestones.return_to_sender,
        pickup: milestones.pickup,
        first_attempted_at: milestones.first_attempt.map(|time| time.clocked()),
        delivery: milestones.delivery,
        failed_delivery_attempts: milestones.failed_attempts,
        transit_time: clock.transit_time(input.now),
        signed_by: signature.name,
        delivery_location_type: signature.place,
        on_time: clock.on_time(input.now),
        first_mile_transit_time: milestones.first_mile_days,
        last_mile_transit_time: milestones.last_mile_days,
        pieces_delivered: shipment.pieces_delivered,
        standing: events.into_iter().map(fold::Event::into_standing).collect(),
        set_aside: sorted_out.set_aside,
        completion,
        goes_quiet_at: activity.next_change,
        clock,
    }
}
