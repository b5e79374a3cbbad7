//! The polling page of a tracking: what is known of the asking, and what brings it forward.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_couriers::{Courier, sandbox};
use waybill_model::{CourierSlug, Detected, OrganizationId, TrackingKey};
use waybill_storage::{PollAttemptRow, PollOutcome, PollRow, Put, TrackingRow, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{
    Service, advance::poll_job, document::print, settling::next_round, trackings::read_record,
    unavailable,
};

/// Attempts shown.
const ATTEMPTS_SHOWN: usize = 50;
/// However many look at a parcel, its courier is asked no sooner than this after the asking before. It is the shortest
/// wait of the cadence too: what couriers tell changes no faster.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);

impl Service {
    /// The legs of a tracking: what came of the last asking, why, and when the next one is due.
    pub async fn polling(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        let key = self.resolve(organization, id).await?;
        self.polling_page(organization, key).await
    }

    /// Makes every leg due now, also those that are not asked any more.
    pub async fn poll_now(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        self.bring_forward(organization, id, |_, _, _| true).await
    }

    /// Somebody looks at the parcel: makes those legs due now of which what is known is no longer fresh. Nobody is
    /// asked here: the request comes from the worker, within the courier's limits and budget, like any other.
    pub async fn look(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        let couriers = self.couriers();
        self.bring_forward(organization, id, |row, poll, now| {
            let courier = couriers.get(poll.slug.as_str());
            row.active && courier.is_some_and(|courier| is_renewed_for_a_look(poll, courier, now))
        })
        .await
    }

    /// Makes due now what is wanted of the legs that are not due yet, and answers the polling page. Where nothing is
    /// wanted nothing is written; of two that come at once, the second finds the leg due.
    async fn bring_forward(
        &self,
        organization: OrganizationId,
        id: &str,
        is_wanted: impl Fn(&TrackingRow, &PollRow, Timestamp) -> bool,
    ) -> Result<Value, Problem> {
        let key = self.resolve(organization, id).await?;
        let storage = &self.0.storage;
        let is_wanted = &is_wanted;
        self.decide_once(
            async || {
                let followed = storage.followed(organization, key).await;
                let (row, polls) = followed
                    .map_err(unavailable)?
                    .ok_or_else(|| Problem::new(Code::TrackingNotFound))?;
                let now = self.now();
                let mut set = WriteSet::new(organization);
                for mut poll in polls {
                    // One that is due already has its job; another would only look and go.
                    let is_due = poll.next_check_at.is_some_and(|due| due <= now);
                    if is_due || !is_wanted(&row, &poll, now) {
                        continue;
                    }
                    poll.next_check_at = Some(now);
                    set.jobs.extend(poll_job(&poll));
                    set.put.push(Put::Poll(poll));
                }
                Ok((set, ()))
            },
            |_| None,
        )
        .await?;
        self.polling_page(organization, key).await
    }

    async fn polling_page(
        &self,
        organization: OrganizationId,
        key: TrackingKey,
    ) -> Result<Value, Problem> {
        let storage = &self.0.storage;
        let polls = storage
            .polls(organization, key)
            .await
            .map_err(unavailable)?;
        let attempts = storage
            .poll_attempts(organization, key, ATTEMPTS_SHOWN)
            .await
            .map_err(unavailable)?;
        let legs: Vec<Value> = polls.iter().map(|poll| leg(poll, &attempts)).collect();
        let row = storage.tracking(organization, key);
        let row = row.await.map_err(unavailable)?;
        let row = row.ok_or_else(|| Problem::new(Code::TrackingNotFound))?;
        let detected = read_record(&row)?.detected;
        let detection = detected.map(|detected| detection(&row, &detected));
        Ok(json!({ "legs": legs, "detection": detection }))
    }
}

/// Whether a courier is asked for a followed parcel before its time, because somebody looks at it.
///
/// Not if what is known is fresh, nor where nothing is asked any more. A courier that failed is backed off from,
/// whoever looks: it may be down, or refuse us. The testing courier's answers say to the second when the
/// next one differs, and a rehearsal is to run as its script says.
fn is_renewed_for_a_look(poll: &PollRow, courier: &Courier, now: Timestamp) -> bool {
    let is_fresh = |at| now.duration_since(at) < LOOK_EVERY;
    poll.next_check_at.is_some()
        && poll.failures == 0
        && !poll.checked_at.is_some_and(is_fresh)
        && courier.has_connection()
        && courier.slug().as_str() != sandbox::SLUG
}

/// How sure the courier is that was found by the number, and whether others will be asked.
fn detection(row: &TrackingRow, detected: &Detected) -> Value {
    let next_round = next_round(detected, row.created_at);
    let state = match (detected.settled, next_round) {
        (true, _) => "settled",
        (false, Some(_)) => "open",
        (false, None) => "unknown",
    };
    json!({
        "slug": row.slug.as_str(),
        "state": state,
        "confidence": (detected.confidence * 1000.0).round() / 1000.0,
        "asked": detected.asked.iter().map(CourierSlug::as_str).collect::<Vec<_>>(),
        "next_round_at": next_round.map(print),
    })
}

fn leg(poll: &PollRow, attempts: &[PollAttemptRow]) -> Value {
    let time = |at: Option<Timestamp>| at.map(print);
    let attempts: Vec<Value> = attempts
        .iter()
        .filter(|attempt| attempt.leg == poll.leg)
        .map(attempt_page)
        .collect();
    json!({
        "leg": poll.leg,
        "slug": poll.slug.as_str(),
        "tracking_number": poll.number,
        "checked_at": time(poll.checked_at),
        "answered_at": time(poll.answered_at),
        "next_check_at": time(poll.next_check_at),
        "outcome": poll.outcome.map(PollOutcome::as_str),
        "reason": (!poll.reason.is_empty()).then_some(&poll.reason),
        "tracked_count": poll.tracked_count,
        "failures": poll.failures,
        "attempts": attempts,
    })
}

fn attempt_page(attempt: &PollAttemptRow) -> Value {
    json!({
        "at": print(attempt.at),
        "slug": attempt.slug.as_str(),
        "outcome": attempt.outcome.as_str(),
        "reason": (!attempt.reason.is_empty()).then_some(&attempt.reason),
        "http_status": attempt.http_status,
        "latency_ms": attempt.latency_ms,
        "new_checkpoints": attempt.new_checkpoints,
        "excerpt": attempt.excerpt,
    })
}
