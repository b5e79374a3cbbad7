//! Which checkpoints can count at all: not those of a wrong clock, of the future, of another
//! parcel with the same number, or learned after a manual completion.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::mark::History;
use super::order::Scan;
use super::{Aside, JourneyInput};
use crate::checkpoint::Checkpoint;
use crate::event_time::OffsetSource;

/// A scan may be this far ahead of us before its time has not come: clocks differ.
const AHEAD_WITH_ZONE: SignedDuration = SignedDuration::from_hours(1);
/// The same when the zone is unknown: local clocks run up to 14 hours before UTC.
const AHEAD_WITHOUT_ZONE: SignedDuration = SignedDuration::from_hours(14);
/// Older than this before creation is a broken clock: no carrier shows scans of a year ago.
const OLDEST_BEFORE_CREATION: SignedDuration = SignedDuration::from_hours(365 * 24);
/// A parcel may be scanned this long before its order: orders are sometimes entered late.
const BEFORE_ORDER: SignedDuration = SignedDuration::from_hours(2 * 24);
/// And this long before its ship date, which is often the day somebody typed it in.
const BEFORE_SHIPPING: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The checkpoints, sorted out.
pub(super) struct SortedOut<'a> {
    /// Those that can count, in order.
    pub admitted: Vec<Scan<'a>>,
    /// Those the carrier took back, in order.
    pub withdrawn: Vec<Scan<'a>>,
    /// Those that cannot count, with the reason.
    pub set_aside: Vec<(usize, Aside)>,
    /// When the first of the future ones takes effect.
    pub next_future: Option<Timestamp>,
}

/// Sorts out `checkpoints`.
pub(super) fn admit<'a>(
    input: &JourneyInput<'_>,
    history: &History<'_>,
    checkpoints: &'a [Checkpoint],
) -> SortedOut<'a> {
    let mut out = SortedOut {
        admitted: Vec::with_capacity(checkpoints.len()),
        withdrawn: Vec::new(),
        set_aside: Vec::new(),
        next_future: None,
    };
    let oldest = earlier(input.created_at, OLDEST_BEFORE_CREATION);
    let life_began = life_began(input);
    for (index, checkpoint) in checkpoints.iter().enumerate() {
        let scan = Scan::new(input, index, checkpoint);
        let effective = effective_at(checkpoint);
        let closed = history
            .closed_since
            .is_some_and(|at| checkpoint.seen_at > at);
        if closed {
            out.set_aside.push((index, Aside::AfterCompletion));
        } else if scan.instant < oldest {
            out.set_aside.push((index, Aside::BrokenClock));
        } else if life_began.is_some_and(|began| scan.instant < began) {
            out.set_aside.push((index, Aside::OtherLife));
        } else if checkpoint.withdrawn {
            out.withdrawn.push(scan);
        } else if effective > input.now {
            out.set_aside.push((index, Aside::Future));
            let sooner = out.next_future.is_none_or(|at| effective < at);
            out.next_future = if sooner {
                Some(effective)
            } else {
                out.next_future
            };
        } else {
            out.admitted.push(scan);
        }
    }
    out.admitted.sort_by(Scan::order);
    out.withdrawn.sort_by(Scan::order);
    out
}

/// From when on a scan counts: its time less what clocks may differ; a date alone counts from the
/// start of its day, also where it stands at the end.
fn effective_at(checkpoint: &Checkpoint) -> Timestamp {
    let start = checkpoint.time.instant(checkpoint.country, false);
    match checkpoint.time.offset_source(checkpoint.country) {
        OffsetSource::Carrier | OffsetSource::Place => earlier(start, AHEAD_WITH_ZONE),
        OffsetSource::Unknown => earlier(start, AHEAD_WITHOUT_ZONE),
    }
}

/// Before this instant the number was another parcel's.
fn life_began(input: &JourneyInput<'_>) -> Option<Timestamp> {
    if let Some(ordered) = input.order_date {
        return Some(earlier(ordered, BEFORE_ORDER));
    }
    let shipped = input.ship_date?.to_datetime(Time::midnight());
    let shipped = TimeZone::UTC.to_timestamp(shipped).ok()?;
    Some(earlier(shipped, BEFORE_SHIPPING))
}

fn earlier(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_sub(by).unwrap_or(Timestamp::MIN)
}
