//! What is known of the asking: the polling page of a tracking.

use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_model::{CourierSlug, Detected, OrganizationId, TrackingKey};
use waybill_storage::{PollAttemptRow, PollOutcome, PollRow, Put, TrackingRow, WriteSet};
use waybill_versions::{Code, Problem};

use crate::{
    Service, advance::poll_job, document::print, settling::next_round, trackings::read_record,
    unavailable,
};

/// Attempts shown.
const ATTEMPTS_SHOWN: usize = 50;

impl Service {
    /// The legs of a tracking: what came of the last asking, why, and when the next one is due.
    pub async fn polling(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        let key = self.resolve(organization, id).await?;
        self.polling_page(organization, key).await
    }

    /// Makes every leg due now.
    pub async fn poll_now(&self, organization: OrganizationId, id: &str) -> Result<Value, Problem> {
        let key = self.resolve(organization, id).await?;
        self.decide_once(
            async || {
                let now = self.now();
                let mut set = WriteSet::new(organization);
                for mut poll in self
                    .0
                    .storage
                    .polls(organization, key)
                    .await
                    .map_err(unavailable)?
                {
                    // One that is due already has its job; another would only look and go.
                    if poll.next_check_at.is_some_and(|due| due <= now) {
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
