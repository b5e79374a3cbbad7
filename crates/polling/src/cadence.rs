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
/// However the sandbox compresses time, failures wait at least this: a rehearsal must not run hot.
const FAILED_AT_LEAST: Backoff = Backoff {
    first: SignedDuration::from_secs(1),
    longest: SignedDuration::from_secs(60),
    jitter_percent: 10,
};

/// When to ask again; `None`: not by itself. `random` is a number from 0 to 1 and `scale` shrinks
/// every wait, for a courier that is rehearsed in the sandbox's time.
pub fn next_check(facts: &CadenceFacts<'_>, random: f64, scale: f64) -> Option<Timestamp> {
    if matches!(
        facts.outcome,
        PollOutcome::CouldNotAsk | PollOutcome::CouldNotRead
    ) {
        let wanted = facts.journey.active || awaits_proof(facts);
        let wait = shrunk(FAILED.wait(facts.failures, random), scale)
            .max(FAILED_AT_LEAST.wait(facts.failures, random));
        return wanted.then(|| facts.now + wait);
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

#[cfg(test)]
mod tests {
    use waybill_model::{CourierSlug, Journey, JourneyInput, derive};

    use super::*;

    const HOUR: i64 = 3600;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * HOUR).unwrap()
    }

    /// A tracking without checkpoints, made at hour 0, as of `now`.
    fn pending(now: Timestamp) -> Journey {
        let slug = CourierSlug::parse("testing-courier").unwrap();
        let input = JourneyInput {
            now,
            created_at: at(0),
            slug: &slug,
            last_mile_slug: None,
            order_date: None,
            ship_date: None,
            destination_city: None,
            destination_country: None,
            destination_zone: None,
            direction: None,
            package_count: None,
            marks: &[],
            polled_at: None,
            first_promise: None,
            latest_promise: None,
        };
        derive(&input, &[])
    }

    fn facts(
        journey: &Journey,
        now: Timestamp,
        outcome: PollOutcome,
        failures: u32,
    ) -> CadenceFacts<'_> {
        CadenceFacts {
            now,
            created_at: at(0),
            journey,
            last_news_at: at(0),
            outcome,
            failures,
        }
    }

    fn with_tag(tag: Tag, sub_status: SubStatus, active: bool) -> Journey {
        Journey {
            tag,
            sub_status,
            active,
            ..pending(at(0))
        }
    }

    fn wait(journey: &Journey, now: Timestamp, outcome: PollOutcome, failures: u32) -> Option<i64> {
        next_check(&facts(journey, now, outcome, failures), 0.5, 1.0)
            .map(|next| next.duration_since(now).as_secs())
    }

    #[test]
    fn the_nearer_the_door_the_shorter_the_silence() {
        let round = with_tag(
            Tag::OutForDelivery,
            SubStatus::parse("OutForDelivery_001").unwrap(),
            true,
        );
        let transit = with_tag(Tag::InTransit, SubStatus::IN_TRANSIT_001, true);
        assert_eq!(wait(&round, at(1), PollOutcome::Ok, 0), Some(45 * 60));
        assert_eq!(wait(&transit, at(1), PollOutcome::Ok, 0), Some(3 * HOUR));
    }

    #[test]
    fn a_fresh_number_is_asked_hourly_and_a_quiet_one_daily() {
        assert_eq!(
            wait(&pending(at(1)), at(1), PollOutcome::UnknownToCourier, 0),
            Some(HOUR)
        );
        assert_eq!(
            wait(&pending(at(7)), at(7), PollOutcome::UnknownToCourier, 0),
            Some(4 * HOUR)
        );
        assert_eq!(
            wait(
                &pending(at(20 * 24)),
                at(20 * 24),
                PollOutcome::UnknownToCourier,
                0
            ),
            Some(24 * HOUR)
        );
    }

    #[test]
    fn failures_wait_longer_and_longer_and_never_run_hot() {
        let journey = pending(at(1));
        let waits: Vec<_> = (1..=9)
            .map(|failures| wait(&journey, at(1), PollOutcome::CouldNotAsk, failures))
            .collect();
        assert_eq!(waits[0], Some(5 * 60));
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(waits[8], Some(12 * HOUR));
    }

    #[test]
    fn after_delivery_two_more_looks_and_then_none() {
        let delivered = with_tag(
            Tag::Delivered,
            SubStatus::parse("Delivered_001").unwrap(),
            false,
        );
        assert_eq!(wait(&delivered, at(0), PollOutcome::Ok, 0), Some(2 * HOUR));
        assert_eq!(wait(&delivered, at(2), PollOutcome::Ok, 0), Some(18 * HOUR));
        assert_eq!(wait(&delivered, at(20), PollOutcome::Ok, 0), None);
    }

    #[test]
    fn the_thirty_days_end_is_looked_at_when_it_comes() {
        let now = at(30 * 24 - 1);
        assert_eq!(
            wait(&pending(now), now, PollOutcome::UnknownToCourier, 0),
            Some(HOUR)
        );
        let expired = pending(at(30 * 24));
        assert_eq!(
            wait(&expired, at(30 * 24), PollOutcome::UnknownToCourier, 0),
            None
        );
    }

    #[test]
    fn a_rehearsal_lives_in_the_sandboxs_time() {
        let transit = with_tag(Tag::InTransit, SubStatus::IN_TRANSIT_001, true);
        let facts = facts(&transit, at(1), PollOutcome::Ok, 0);
        let next = next_check(&facts, 0.5, 0.1 / 60.0).unwrap();
        assert_eq!(next.duration_since(at(1)).as_secs(), 18);
    }

    #[test]
    fn a_rehearsal_that_fails_does_not_run_hot() {
        let pending = pending(at(1));
        let wait = |failures| {
            let facts = facts(&pending, at(1), PollOutcome::CouldNotAsk, failures);
            let next = next_check(&facts, 0.5, 0.001 / 60.0).unwrap();
            next.duration_since(at(1)).as_secs()
        };
        assert_eq!([wait(1), wait(2), wait(3), wait(20)], [1, 2, 4, 60]);
    }
}
