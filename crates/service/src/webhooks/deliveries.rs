//! What became of deliveries.

use serde_json::{Value, json};
use waybill_model::{DeliveryId, OrganizationId};
use waybill_storage::{DeliveryAttemptRow, DeliveryFilter, DeliveryRow};
use waybill_versions::Problem;

use crate::{Service, document::print, unavailable};

impl Service {
    /// A page of deliveries with every attempt, newest first.
    pub async fn webhook_deliveries(
        &self,
        organization: OrganizationId,
        filter: &DeliveryFilter,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<(Vec<Value>, Option<DeliveryId>), Problem> {
        let storage = &self.0.storage;
        let page = storage
            .deliveries(organization, filter, before, limit)
            .await
            .map_err(unavailable)?;
        let mut shown = Vec::with_capacity(page.deliveries.len());
        for row in &page.deliveries {
            let attempts = storage
                .delivery_attempts(organization, row.id)
                .await
                .map_err(unavailable)?;
            shown.push(delivery(row, &attempts));
        }
        Ok((shown, page.next))
    }
}

fn delivery(row: &DeliveryRow, attempts: &[DeliveryAttemptRow]) -> Value {
    let attempts: Vec<Value> = attempts
        .iter()
        .map(|attempt| {
            json!({
                "attempt": attempt.attempt,
                "at": print(attempt.at),
                "http_status": attempt.http_status,
                "latency_ms": attempt.latency_ms,
                "error": (!attempt.error.is_empty()).then_some(&attempt.error),
                "answer": attempt.answer,
            })
        })
        .collect();
    json!({
        "id": row.id.to_string(),
        "webhook_id": row.webhook.to_string(),
        "event_id": row.event.to_string(),
        "tracking_id": row.tracking.id(),
        "sequence": row.sequence,
        "status": row.status.as_str(),
        "next_attempt_at": row.next_attempt_at.map(print),
        "created_at": print(row.created_at),
        "attempts": attempts,
    })
}
