//! The places of the sandbox's parcels and their local time, in standard time the whole year.

use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};
use waybill_couriers::sandbox::{Place, Step};

/// How many hours each state of the places is behind UTC in its standard time.
const HOURS_BEHIND: [(&str, i8); 8] = [
    ("OR", 8),
    ("ID", 7),
    ("UT", 7),
    ("CO", 7),
    ("NE", 6),
    ("IA", 6),
    ("IL", 6),
    ("OH", 5),
];

/// Hours behind UTC in the states that are left, on the east coast.
const HOURS_BEHIND_EAST: i8 = 5;

/// When and where a step happens, on the clocks there.
pub fn local(step: &Step) -> Zoned {
    local_at(step.at, step.place)
}

fn local_at(at: Timestamp, place: Place) -> Zoned {
    at.to_zoned(Offset::constant(-hours_behind(place)).to_time_zone())
}

/// `2026-03-09T07:04:05`
pub fn clock(local: &Zoned) -> String {
    local.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `-08:00`
pub fn offset(place: Place) -> String {
    format!("-{:02}:00", hours_behind(place))
}

fn hours_behind(place: Place) -> i8 {
    HOURS_BEHIND
        .iter()
        .find(|(state, _)| *state == place.state)
        .map_or(HOURS_BEHIND_EAST, |(_, hours)| *hours)
}
