//! Which trackings are loaded, in which order.

use jiff::{SignedDuration, Timestamp};
use waybill_model::{OrganizationId, TrackingKey};
use waybill_storage::WriteSet;

use super::{
    pattern::Moved,
    template::{Particulars, Template},
};

/// The trackings were made over so many days.
const DAYS: i64 = 100;
/// Logs are kept so long, and what is older has come to its end.
const RECENT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Expired ones were silent that long.
const OLD: SignedDuration = SignedDuration::from_hours(32 * 24);
/// One in so many is of the rare courier.
const RARE: u64 = 10_000;
/// Trackings of one order.
const PER_ORDER: u64 = 2;
/// Of old ones, one in so many did not come to a delivery.
const UNDELIVERED: u64 = 20;
/// Sets handed over at once.
const BATCH: usize = 256;
/// A line of progress every so many trackings.
const TOLD_EVERY: u64 = 50_000;

/// Trackings to make, oldest first. An iterator of batches.
pub struct Plan {
    /// Templates of the common couriers, with whether old trackings may be so.
    pub common: Vec<(Template, bool)>,
    /// The same of the rare courier.
    pub rare: Vec<(Template, bool)>,
    /// Whose they become, in turn by chance.
    pub organizations: Vec<OrganizationId>,
    /// How many.
    pub trackings: u64,
    /// The end of the days.
    pub now: Timestamp,
    /// The next.
    pub next: u64,
    /// Told on the way.
    pub progress: fn(u64, u64),
    /// Buffers.
    pub moved: Moved,
}

impl Iterator for Plan {
    type Item = Vec<WriteSet>;

    fn next(&mut self) -> Option<Vec<WriteSet>> {
        let end = self.trackings.min(self.next + BATCH as u64);
        if self.next >= end {
            return None;
        }
        let batch = (self.next..end).map(|index| self.set(index)).collect();
        if end / TOLD_EVERY > self.next / TOLD_EVERY || end == self.trackings {
            (self.progress)(end, self.trackings);
        }
        self.next = end;
        Some(batch)
    }
}

impl Plan {
    fn set(&mut self, index: u64) -> WriteSet {
        let chance = mixed(index);
        let span = SignedDuration::from_hours(24 * DAYS).as_millis() as u64;
        let age = span - (u128::from(span) * u128::from(index) / u128::from(self.trackings)) as u64;
        let age = SignedDuration::from_millis(age as i64);
        let created_at = Timestamp::from_second((self.now - age).as_second()).unwrap_or(self.now);
        let is_rare = index % RARE == RARE / 2;
        let templates = if is_rare { &self.rare } else { &self.common };
        let is_old = age > OLD;
        let position = template_of(templates, chance, is_old);
        let order = index / PER_ORDER;
        let organization =
            self.organizations[(mixed(order ^ 0x5eed) % self.organizations.len() as u64) as usize];
        let number = format!("WB{:016X}", mixed(index ^ 0xb0b0));
        let wait = SignedDuration::from_secs((chance % 86_400) as i64 + 600);
        let mut event_id = [0; 16];
        event_id[..8].copy_from_slice(&mixed(chance).to_be_bytes());
        event_id[8..].copy_from_slice(&mixed(!chance).to_be_bytes());
        let mut tail = [0; 10];
        // What follows the millisecond keeps the order of the numbers.
        tail[..6].copy_from_slice(&index.to_be_bytes()[2..]);
        tail[6..].copy_from_slice(&chance.to_be_bytes()[..4]);
        let milliseconds = created_at.as_millisecond().unsigned_abs();
        let key = uuid::Builder::from_unix_timestamp_millis(milliseconds, &tail).into_uuid();
        let particulars = Particulars {
            organization,
            key: TrackingKey::from_uuid(key),
            created_at,
            number,
            order: format!("ORDER-{order:010}"),
            next_check_at: self.now + wait,
            events_since: self.now - RECENT,
            event_id,
        };
        templates[position]
            .0
            .write_set(&particulars, &mut self.moved)
    }
}

/// A template by chance; of old trackings most were delivered.
fn template_of(templates: &[(Template, bool)], chance: u64, is_old: bool) -> usize {
    let count = templates.len() as u64;
    let wanted = |(template, may_be_old): &(Template, bool)| {
        let is_delivered = template.tag() == waybill_model::Tag::Delivered;
        if is_old {
            *may_be_old && is_delivered != chance.is_multiple_of(UNDELIVERED)
        } else {
            !*may_be_old || is_delivered
        }
    };
    let start = chance / UNDELIVERED;
    let fits = |step: &u64| wanted(&templates[((start + step) % count) as usize]);
    let step = (0..count).find(fits).unwrap_or_default();
    ((start + step) % count) as usize
}

/// A number spread over all bits, no two alike (the finisher of SplitMix64).
fn mixed(index: u64) -> u64 {
    let word = index.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
