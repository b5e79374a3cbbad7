//! When a courier is asked next: a pure function of what is known.

use jiff::{SignedDuration, Timestamp};
use waybill_jobs::Backoff;
use waybill_model::{SubStatus, Tag};
use waybill_service::CadenceFacts;
use waybill_storage::PollOutcome;

/// How long the silence between two askings is in each status: the nearer the door, the shorter.
const BY_TAG: [(Tag, i64); 9] = [
    (Tag::Pending, 4 * 60),
    (Tag::InfoReceived, 4 * 60),
    (Tag::InTransit, 3 * 60),
    (Tag::OutForDelivery, 45),
    (Tag::AttemptFail, 2 * 60),
    (Tag::AvailableForPickup, 4 * 60),
    (Tag::Exception, 4 * 60),
    (Tag::Delivered, 4 * 60),
    (Tag::Expired, 24 * 60),
];
/// A new number is often announced before the courier knows it: the first hours are asked more.
const FRESH: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(6), SignedDuration::from_hours(1));
/// Without news for this long the silence doubles, and once more after as long again.
const QUIET_AFTER: SignedDuration = SignedDuration::from_hours(4 * 24);
/// However quiet, it is asked this often.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// After the delivery it is asked twice more, for the name, the picture and corrections.
const AFTER_DELIVERY: [SignedDuration; 2] = [
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(20),
];
/// What could not be asked or read is tried again later and later.
const FAILED: Backoff = Backoff {
    first: SignedDuration::from_mins(5),
    longest: SignedDuration::from_hours(12),
    jitter_percent: 20,
};

/// When to ask again; `None`: not by itself. `random` is a number from 0 to 1 and `scale` shrinks
/// every wait, for a courier that is rehearsed in the sandbox's time.
pub fn next_check(facts: &CadenceFacts<'_>, random: f64, scale: f64) -> Option<Timestamp> {
    if matches!(
        facts.outcome,
        PollOutcome::CouldNotAsk | PollOutcome::CouldNotRead
    ) {
        let wanted = facts.journey.active || awaits_proof(facts);
        return wanted.then(|| facts.now + shrunk(FAILED.wait(facts.failures, random), scale));
    }
    if !facts.journey.active {
        return after_delivery(facts, scale);
    }
    let wait = jittered(silence(facts), random);
    let next = facts.now + shrunk(wait, scale);
    // The clock alone may change the state (nothing known for thirty days): look then, not later.
    let border = facts
        .journey
        .goes_quiet_at
        .filter(|border| *border > facts.now);
    Some(border.map_or(next, |border| next.min(border)))
}

fn silence(facts: &CadenceFacts<'_>) -> SignedDuration {
    let minutes = BY_TAG
        .iter()
        .find(|(tag, _)| *tag == facts.journey.tag)
        .map_or(240, |(_, minutes)| *minutes);
    let usual = SignedDuration::from_mins(minutes);
    let waiting = matches!(facts.journey.tag, Tag::Pending | Tag::InfoReceived);
    if waiting && facts.now.duration_since(facts.created_at) < FRESH.0 {
        return FRESH.1;
    }
    let quiet =
        facts.now.duration_since(facts.last_news_at).as_secs_f64() / QUIET_AFTER.as_secs_f64();
    let factor = f64::from(1_u32 << (quiet.clamp(0.0, 3.0) as u32));
    SignedDuration::from_secs_f64(usual.as_secs_f64() * factor).min(LONGEST)
}

fn after_delivery(facts: &CadenceFacts<'_>, scale: f64) -> Option<Timestamp> {
    if !awaits_proof(facts) {
        return None;
    }
    let times = AFTER_DELIVERY
        .iter()
        .map(|wait| facts.last_news_at + shrunk(*wait, scale));
    times.into_iter().find(|time| *time > facts.now)
}

/// Delivered by the carrier's word; a completion by hand ends all asking.
fn awaits_proof(facts: &CadenceFacts<'_>) -> bool {
    facts.journey.tag == Tag::Delivered
        && facts.journey.completion.is_none()
        && facts.now.duration_since(facts.last_news_at) < LONGEST
        && facts.journey.sub_status != SubStatus::EXPIRED_001
}

fn shrunk(wait: SignedDuration, scale: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(wait.as_secs_f64() * scale.clamp(0.0, 1.0))
}

/// Strays a tenth either way, so that parcels made together are not asked together for ever.
fn jittered(wait: SignedDuration, random: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(wait.as_secs_f64() * (0.9 + 0.2 * random.clamp(0.0, 1.0)))
}
