//! How long to wait before the courier is asked again.

use crate::{Asked, Rhythm, Stage};

/// No wait is shorter: what a courier tells changes no faster.
pub const SHORTEST_MINUTES: i64 = 10;
/// No wait is longer, however quiet.
pub const LONGEST_MINUTES: i64 = 48 * 60;
/// How finely the future is looked at.
const STEP_MINUTES: i64 = 10;
/// Asking is as dense as the cost of not knowing to this power. A half makes the mean delay least (the lib's head
/// says why); a little more makes the median less at hardly any cost to the mean.
const DENSITY: f64 = 0.65;

/// What a call is worth, in the unit of the density summed over hours.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Price(pub f64);

/// Where the parcel stands.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// The stage.
    pub stage: Stage,
    /// Its scans so far.
    pub scans: usize,
    /// When its last news happened.
    pub news_at: i64,
    /// The asking just done.
    pub now: i64,
}

/// Of a wait, so much has to pass before a parcel is asked about early: so soon after the asking before, a
/// place in a call is worth too little.
const EARLY_SHARE: f64 = 0.3;

/// Whether a parcel that was asked about at one minute and comes due at another takes a place in a call that is
/// made now and has room: the call costs the same, and the next one for the parcel comes later.
pub fn may_be_early(asked_at: i64, due: i64, now: i64) -> bool {
    let passed = now - asked_at;
    passed >= SHORTEST_MINUTES && passed as f64 >= EARLY_SHARE * (due - asked_at) as f64
}

/// One that finds no room in a budget is tried again after this part of its wait.
const PUT_OFF_SHARE: f64 = 0.1;

/// Minutes until a parcel that came due, and found no room in its courier's budget, is tried again: those that
/// cannot wait are back sooner, and so come before those that can.
pub fn put_off(asked_at: i64, due: i64) -> i64 {
    ((due - asked_at).clamp(0, LONGEST_MINUTES) as f64 * PUT_OFF_SHARE) as i64
}

/// Minutes until the next asking.
pub fn wait(rhythm: &Rhythm, price: Price, since: Since) -> i64 {
    let mut need = 0.0;
    let mut waited = 0;
    while waited < LONGEST_MINUTES && need < price.0 {
        need += density(rhythm, since, waited) * STEP_MINUTES as f64 / 60.0;
        waited += STEP_MINUTES;
    }
    waited.max(SHORTEST_MINUTES)
}

/// What an asking was worth that taught this: the price at which the wait for it would have been as long.
pub fn worth(rhythm: &Rhythm, asked: &Asked) -> Price {
    let since = Since {
        stage: asked.stage,
        scans: asked.scans,
        news_at: asked.news_at,
        now: asked.from,
    };
    let minutes = (asked.to - asked.from).clamp(0, LONGEST_MINUTES);
    let steps = (0..minutes).step_by(STEP_MINUTES as usize);
    let need = steps.map(|waited| {
        let length = (minutes - waited).min(STEP_MINUTES);
        density(rhythm, since, waited) * length as f64 / 60.0
    });
    Price(need.sum())
}

/// How densely to ask, so many minutes after the asking before.
fn density(rhythm: &Rhythm, since: Since, waited: i64) -> f64 {
    let Since {
        stage,
        scans,
        news_at,
        now,
    } = since;
    let rate = rhythm.rate(stage, scans, news_at, now + waited);
    (rhythm.weight(stage, scans) * rate).powf(DENSITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DAY;

    fn wait_at(stage: Stage, hour: i64, price: f64) -> i64 {
        let now = DAY + hour * 60;
        let since = Since {
            stage,
            scans: 3,
            news_at: now - 60,
            now,
        };
        wait(&Rhythm::default(), Price(price), since)
    }

    #[test]
    fn the_dearer_a_call_the_longer_the_wait() {
        let waits: Vec<i64> = [0.01, 0.1, 0.4, 1.0, 5.0, 1e9]
            .map(|price| wait_at(Stage::Moving, 15, price))
            .to_vec();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert_eq!(waits[0], SHORTEST_MINUTES);
        assert_eq!(waits[5], LONGEST_MINUTES);
    }

    #[test]
    fn what_an_asking_is_worth_is_the_price_that_brought_it() {
        for (stage, price) in [(Stage::Moving, 0.3), (Stage::OutForDelivery, 0.7)] {
            let since = Since {
                stage,
                scans: 3,
                news_at: 0,
                now: DAY + 600,
            };
            let rhythm = Rhythm::default();
            let wait = wait(&rhythm, Price(price), since);
            let asked = Asked {
                stage,
                scans: since.scans,
                news_at: since.news_at,
                from: since.now,
                to: since.now + wait,
                happened: None,
                weight: 0.0,
            };
            let worth = worth(&rhythm, &asked).0;
            assert!((price..price * 1.5).contains(&worth), "{worth}");
        }
    }

    /// Somebody looked, or a place was free.
    #[test]
    fn an_asking_out_of_turn_adds_nothing_to_what_is_wanted() {
        let asked = |from, to| Asked {
            stage: Stage::Moving,
            scans: 3,
            news_at: 0,
            from,
            to,
            happened: None,
            weight: 0.0,
        };
        let rhythm = Rhythm::default();
        let worth = |from, to| worth(&rhythm, &asked(from, to)).0;
        let (from, to) = (DAY + 600, DAY + 840);
        for look in [from + 10, from + 60, to - 20] {
            let parted = worth(from, look) + worth(look, to);
            assert!((parted - worth(from, to)).abs() < 1e-9, "{parted}");
        }
    }

    #[test]
    fn a_round_is_asked_often_by_day_and_hardly_by_night() {
        let (day, night) = (
            wait_at(Stage::OutForDelivery, 12, 0.4),
            wait_at(Stage::OutForDelivery, 22, 0.4),
        );
        assert!(day <= 60 && night >= 4 * day, "{day} {night}");
    }
}
