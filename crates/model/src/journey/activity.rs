//! Whether the carrier is still asked, and when the clock alone changes something.

use jiff::{SignedDuration, Timestamp};

use super::JourneyInput;
use super::mark::History;
use crate::status::{SubStatus, Tag};

/// Without news for this long a tracking goes quiet; one that never had any expires.
pub const QUIET_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What [`activity`] tells.
pub(super) struct Activity {
    pub active: bool,
    pub next_change: Option<Timestamp>,
}

/// The status of a tracking without checkpoints.
pub(super) fn silent_status(input: &JourneyInput<'_>, history: &History<'_>) -> SubStatus {
    if input.now >= quiet_at(input, history, std::iter::empty()) {
        SubStatus::EXPIRED_001
    } else {
        SubStatus::PENDING_001
    }
}

/// `news` are the instants at which we first learned of each standing checkpoint: what counts is
/// when something was learned, not the time printed on it.
pub(super) fn activity(
    input: &JourneyInput<'_>,
    history: &History<'_>,
    tag: Tag,
    news: impl Iterator<Item = Timestamp> + Clone,
    next_future: Option<Timestamp>,
) -> Activity {
    let quiet_at = quiet_at(input, history, news.clone());
    let may_be_asked = match tag {
        _ if history.closed_since.is_some() => false,
        Tag::Expired => false,
        Tag::Delivered => awaits_answer(input, history, news),
        _ => true,
    };
    let active = may_be_asked && input.now < quiet_at;
    let next_change = active
        .then_some(quiet_at)
        .into_iter()
        .chain(next_future)
        .min();
    Activity {
        active,
        next_change,
    }
}

/// After the retrack of a delivered parcel: until the carrier has answered once, be it by a push.
fn awaits_answer(
    input: &JourneyInput<'_>,
    history: &History<'_>,
    mut news: impl Iterator<Item = Timestamp>,
) -> bool {
    let Some(retracked) = history.retracked_at else {
        return false;
    };
    let polled = input.polled_at.is_some_and(|at| at > retracked);
    !polled && !news.any(|at| at > retracked)
}

/// Creation and retrack start the count like news do.
fn quiet_at(
    input: &JourneyInput<'_>,
    history: &History<'_>,
    news: impl Iterator<Item = Timestamp>,
) -> Timestamp {
    let last = news
        .chain(history.retracked_at)
        .fold(input.created_at, Timestamp::max);
    last.saturating_add(QUIET_AFTER).unwrap_or(Timestamp::MAX)
}
