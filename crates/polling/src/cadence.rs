//! When a courier is asked next: a pure function of what is known.
//!
//! The waits of a parcel on its way follow the courier's rhythm ([`waybill_cadence`]); what is here says it in that
//! crate's terms, and adds failures and borders.

use jiff::{SignedDuration, Timestamp, tz::Offset};
use waybill_cadence::{Asked, DAY, Price, Rhythm, Since, Stage, longest, proof, wait};
use waybill_jobs::Backoff;
use waybill_model::{SubStatus, Tag};
use waybill_service::CadenceFacts;
use waybill_storage::PollOutcome;

/// What a call is worth: with it a courier is asked about as often as every three hours would, at the hours that
/// matter (`cargo xtask simulate polling` prints the price at equal calls).
pub const PRICE: Price = Price(0.4);
/// So many minutes before the promised day begins, the parcel is near.
const NEAR: i64 = 6 * 60;
/// A rehearsal lives at an hour of its own, a Tuesday's afternoon: the sandbox's parcels know no night.
const REHEARSAL_MINUTE: i64 = DAY + 15 * 60;
/// Later than this no proof comes any more.
const PROOF_WITHIN: SignedDuration = SignedDuration::from_hours(24);
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
pub fn next_check(
    facts: &CadenceFacts<'_>,
    rhythm: &Rhythm,
    price: Price,
    random: f64,
    scale: f64,
) -> Option<Timestamp> {
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
        return after_delivery(facts, price, scale);
    }
    let wait = jittered(silence(facts, rhythm, price, scale), random);
    let next = facts.now + shrunk(wait, scale);
    // The clock alone may change the state (nothing known for thirty days): look then, not later.
    let border = facts
        .journey
        .goes_quiet_at
        .filter(|border| *border > facts.now);
    Some(border.map_or(next, |border| next.min(border)))
}

fn silence(facts: &CadenceFacts<'_>, rhythm: &Rhythm, price: Price, scale: f64) -> SignedDuration {
    let news_at = news_at(facts);
    let now = if scale < 1.0 {
        REHEARSAL_MINUTE
    } else {
        local_minute(facts.now, facts.offset)
    };
    let scans = facts.journey.standing.len();
    let since = Since {
        stage: stage(facts),
        scans,
        news_at: now - facts.now.duration_since(news_at).as_mins().max(0),
        now,
    };
    let followed_for = facts.now.duration_since(facts.created_at).as_mins();
    let longest = longest(price, scans, followed_for);
    SignedDuration::from_mins(wait(rhythm, price, since).min(longest))
}

/// What an answered asking teaches about the courier's rhythm; nothing where a parcel is asked for the first time,
/// since its history says nothing of when it could be told.
///
/// An asking out of turn (somebody looked, a place was free in a request) teaches like any other and distorts nothing:
/// the time since the asking before is told, not the plan. It parts a wait in two, of which each hour and each news
/// counts once, and the worths of the parts add up to that of the whole, which is all that the price of a budget is
/// made of. What the request itself takes is counted where all are (`budgets.rs`).
pub fn lesson(facts: &CadenceFacts<'_>) -> Option<Asked> {
    let from = facts.answered_before?;
    if from >= facts.now || facts.journey.completion.is_some() {
        return None;
    }
    let (before, news): (Vec<_>, Vec<_>) = facts
        .journey
        .standing
        .iter()
        .partition(|standing| standing.learned_at <= from);
    let news = news.first();
    let known = before.last();
    let was = known.map(|standing| standing.sub_status);
    if was.is_some_and(|was| was.tag() == Tag::Delivered) {
        return None;
    }
    let minute = |at: Timestamp| local_minute(at, facts.offset);
    let from = minute(from);
    Some(Asked {
        stage: stage_of(
            was.map_or(Tag::Pending, SubStatus::tag),
            is_near(facts, from),
        ),
        scans: before.len(),
        news_at: minute(known.map_or(facts.created_at, |standing| standing.instant)),
        from,
        to: minute(facts.now),
        happened: news.map(|standing| minute(standing.instant)),
        weight: news.map_or(0.0, |standing| weight(standing.sub_status.tag())),
    })
}

/// What it costs not to know it, against an ordinary scan.
fn weight(tag: Tag) -> f64 {
    match tag {
        Tag::Delivered | Tag::AttemptFail | Tag::AvailableForPickup => 5.0,
        Tag::Exception => 3.0,
        _ => 1.0,
    }
}

/// When the newest scan happened; the creation where there is none.
fn news_at(facts: &CadenceFacts<'_>) -> Timestamp {
    let newest = facts.journey.standing.last();
    newest.map_or(facts.created_at, |standing| standing.instant)
}

fn stage(facts: &CadenceFacts<'_>) -> Stage {
    let now = local_minute(facts.now, facts.offset);
    stage_of(facts.journey.tag, is_near(facts, now))
}

fn stage_of(tag: Tag, near: bool) -> Stage {
    match tag {
        Tag::Pending | Tag::InfoReceived => Stage::Announced,
        Tag::InTransit if near => Stage::Near,
        Tag::InTransit => Stage::Moving,
        Tag::OutForDelivery => Stage::OutForDelivery,
        Tag::AttemptFail => Stage::AttemptFailed,
        Tag::AvailableForPickup => Stage::AvailableForPickup,
        Tag::Exception | Tag::Delivered | Tag::Expired => Stage::Held,
    }
}

/// Whether the promised day is near or past at a local minute.
fn is_near(facts: &CadenceFacts<'_>, minute: i64) -> bool {
    let midnight = facts
        .due_day
        .and_then(|day| Offset::UTC.to_timestamp(day.into()).ok());
    midnight.is_some_and(|midnight| minute >= local_minute(midnight, Offset::UTC) - NEAR)
}

/// Minutes on the local clock since a Monday, 00:00.
pub(crate) fn local_minute(at: Timestamp, offset: Offset) -> i64 {
    /// 1970-01-01 was a Thursday.
    const SINCE_MONDAY: i64 = 3 * DAY;
    (at.as_second() + i64::from(offset.seconds())).div_euclid(60) + SINCE_MONDAY
}

fn after_delivery(facts: &CadenceFacts<'_>, price: Price, scale: f64) -> Option<Timestamp> {
    if !awaits_proof(facts) {
        return None;
    }
    let passed = facts.now.duration_since(facts.last_news_at).as_secs_f64() / 60.0;
    let look = SignedDuration::from_mins(proof(price, (passed / scale) as i64)?);
    Some(facts.last_news_at + shrunk(look, scale))
}

/// Delivered by the carrier's word; a completion by hand ends all asking.
fn awaits_proof(facts: &CadenceFacts<'_>) -> bool {
    facts.journey.tag == Tag::Delivered
        && facts.journey.completion.is_none()
        && facts.now.duration_since(facts.last_news_at) < PROOF_WITHIN
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
    use jiff::tz;
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
            answered_before: None,
            due_day: None,
            offset: Offset::UTC,
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
        next_check(
            &facts(journey, now, outcome, failures),
            &Rhythm::default(),
            PRICE,
            0.5,
            1.0,
        )
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
        // Hour 1 is a Monday, 14:53 in UTC.
        let round = wait(&round, at(1), PollOutcome::Ok, 0).unwrap();
        let transit = wait(&transit, at(1), PollOutcome::Ok, 0).unwrap();
        assert!((10 * 60..=HOUR).contains(&round), "{round}");
        assert!((HOUR..=6 * HOUR).contains(&transit), "{transit}");
    }

    #[test]
    fn the_night_of_the_place_is_left_in_peace() {
        let round = with_tag(
            Tag::OutForDelivery,
            SubStatus::parse("OutForDelivery_001").unwrap(),
            true,
        );
        let wait_at = |offset| {
            let facts = CadenceFacts {
                offset,
                ..facts(&round, at(8), PollOutcome::Ok, 0)
            };
            let next = next_check(&facts, &Rhythm::default(), PRICE, 0.5, 1.0).unwrap();
            next.duration_since(at(8)).as_mins()
        };
        // 21:53 in UTC is night in Berlin and noon in Los Angeles.
        assert!(wait_at(tz::offset(2)) > 4 * wait_at(tz::offset(-8)));
    }

    #[test]
    fn a_fresh_number_is_asked_hourly_and_a_quiet_one_seldom() {
        let wait = |hours| {
            let now = at(hours);
            wait(&pending(now), now, PollOutcome::UnknownToCourier, 0).unwrap()
        };
        assert_eq!(wait(1), HOUR);
        assert!((2 * HOUR..=8 * HOUR).contains(&wait(7)), "{}", wait(7));
        assert!((24 * HOUR..=49 * HOUR).contains(&wait(20 * 24)));
    }

    #[test]
    fn an_asking_teaches_what_came_since_the_one_before() {
        let journey = pending(at(5));
        let first = facts(&journey, at(5), PollOutcome::Ok, 0);
        assert!(lesson(&first).is_none());
        let second = CadenceFacts {
            answered_before: Some(at(3)),
            ..first
        };
        let lesson = lesson(&second).unwrap();
        assert_eq!(lesson.to - lesson.from, 2 * 60);
        assert_eq!((lesson.stage, lesson.happened), (Stage::Announced, None));
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
        let next = next_check(&facts, &Rhythm::default(), PRICE, 0.5, 0.1 / 60.0).unwrap();
        let seconds = next.duration_since(at(1)).as_secs();
        assert!((6..=60).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_rehearsal_that_fails_does_not_run_hot() {
        let pending = pending(at(1));
        let wait = |failures| {
            let facts = facts(&pending, at(1), PollOutcome::CouldNotAsk, failures);
            let next = next_check(&facts, &Rhythm::default(), PRICE, 0.5, 0.001 / 60.0).unwrap();
            next.duration_since(at(1)).as_secs()
        };
        assert_eq!([wait(1), wait(2), wait(3), wait(20)], [1, 2, 4, 60]);
    }
}
