//! Recycled numbers: carriers give the same number to another parcel later.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::fold::Event;
use super::status::Walk;
use super::{Aside, JourneyInput};
use crate::status::SubStatus;

/// After an end and this much silence a beginning is another parcel's.
const QUIET_BETWEEN_LIVES: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Keeps the events of the newest life. Where the order or the ship date is known it has told the
/// lives apart already, and nothing is done here.
pub(super) fn newest<'a>(
    input: &JourneyInput<'_>,
    mut events: Vec<Event<'a>>,
    set_aside: &mut Vec<(usize, Aside)>,
) -> Vec<Event<'a>> {
    if input.order_date.is_some() || input.ship_date.is_some() {
        return events;
    }
    let mut began = 0;
    let mut walks: BTreeMap<Option<&str>, Walk> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let quiet = index > 0
            && event.instant().duration_since(events[index - 1].instant()) >= QUIET_BETWEEN_LIVES;
        let begins =
            event.sub == SubStatus::INFO_RECEIVED_001 || event.sub == SubStatus::IN_TRANSIT_002;
        if quiet && begins && is_over(&walks) {
            began = index;
            walks.clear();
        }
        let walk = walks.entry(event.piece()).or_default();
        walk.take(input, index, event);
    }
    let newest = events.split_off(began);
    let left: BTreeSet<usize> = events
        .iter()
        .flat_map(|event| &event.members)
        .map(|member| member.index)
        .collect();
    // What was folded into one of them goes with it.
    set_aside.retain(|(index, _)| !left.contains(index));
    set_aside.extend(left.into_iter().map(|index| (index, Aside::OtherLife)));
    newest
}

/// Every piece that the carrier had has come to its end, and there is one.
fn is_over(walks: &BTreeMap<Option<&str>, Walk>) -> bool {
    let mut had = walks.values().filter(|walk| walk.possession).peekable();
    had.peek().is_some() && had.all(Walk::is_over)
}
