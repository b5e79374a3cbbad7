//! Deliveries of events to webhooks, and their attempts.

use tokio_postgres::Row;
use waybill_model::{DeliveryId, EventId, OrganizationId, TrackingKey, WebhookId};
use waybill_storage::{
    Conflict, DeliveryAttemptRow, DeliveryFilter, DeliveryPage, DeliveryRow, DeliveryStatus,
    NewDelivery, NewEvent,
};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Home, Text, maybe_micros, micros, signed},
    write_set::{Step, expect},
};

/// Rows read at once where a filter decides how many are needed.
const CHUNK: usize = 256;

/// The columns of a row, in the order [`from_row`] reads them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT organization, id, revision, webhook, tracking, sequence, event, status, attempts,
                    refused_while_healthy, left_lane, next_attempt_at, last_attempt_at, created_at
             FROM deliveries WHERE shard = $1 AND organization = $2 ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO deliveries
        (shard, organization, id, revision, webhook, tracking, sequence, event, status, attempts, tried,
         refused_while_healthy, left_lane, next_attempt_at, last_attempt_at, created_at)
    VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9::bigint, $9::bigint > 0, $10, $11, $12, $13, $14)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE deliveries
    SET revision = revision + 1, status = $5, attempts = $6::bigint, tried = $6::bigint > 0,
        refused_while_healthy = $7, left_lane = $8, next_attempt_at = $9, last_attempt_at = $10
    WHERE shard = $1 AND organization = $2 AND id = $3 AND revision = $4";
const DELETE_PENDING: &str = "WITH gone AS (
        DELETE FROM deliveries
        WHERE shard = $1 AND organization = $2 AND webhook = $3 AND status = 'pending' RETURNING id)
    DELETE FROM delivery_attempts
    WHERE shard = $1 AND organization = $2 AND delivery IN (SELECT id FROM gone)";
/// The delivery is held against being deleted meanwhile.
const APPEND_ATTEMPT: &str = "INSERT INTO delivery_attempts
        (shard, organization, delivery, attempt, at, http_status, latency_ms, error, answer)
    SELECT $1, $2, id, $4, $5, $6, $7, $8, $9 FROM deliveries
    WHERE shard = $1 AND organization = $2 AND id = $3 FOR KEY SHARE
    ON CONFLICT DO NOTHING";
const ONE: &str = select!("AND id = $3");
const LANE_HEAD: &str = select!(
    "AND webhook = $3 AND tracking = $4 AND status = 'pending' AND NOT left_lane
     ORDER BY sequence, id LIMIT 1"
);
const PENDING: &str = select!(
    "AND webhook = $3 AND tried = $4 AND status = 'pending' ORDER BY sequence, id LIMIT $5"
);
const BELOW: &str = select!("AND id < $3 ORDER BY id DESC LIMIT $4");
const ATTEMPTS: &str =
    "SELECT attempt, at, http_status, latency_ms, error, answer FROM delivery_attempts
    WHERE shard = $1 AND organization = $2 AND delivery = $3 ORDER BY attempt";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    DELETE_PENDING,
    APPEND_ATTEMPT,
    ONE,
    LANE_HEAD,
    PENDING,
    BELOW,
    ATTEMPTS,
];

/// Begins the delivery of an event that is being committed: pending, due at once.
pub async fn begin(
    session: &Session,
    home: &Home,
    event: &NewEvent,
    sequence: u64,
    delivery: &NewDelivery,
) -> Step {
    let row = DeliveryRow {
        organization: OrganizationId::from_uuid(home.organization),
        id: delivery.id,
        revision: 0,
        webhook: delivery.webhook,
        tracking: event.tracking,
        sequence,
        event: event.id,
        status: DeliveryStatus::Pending,
        attempts: 0,
        refused_while_healthy: 0,
        left_lane: false,
        next_attempt_at: Some(event.at),
        last_attempt_at: None,
        created_at: event.at,
    };
    put(session, home, &row).await
}

/// Writes a delivery. What it is a delivery of never changes.
pub async fn put(session: &Session, home: &Home, row: &DeliveryRow) -> Step {
    let (attempts, refused) = (
        i64::from(row.attempts),
        i64::from(row.refused_while_healthy),
    );
    let next_attempt_at = maybe_micros(row.next_attempt_at);
    let last_attempt_at = maybe_micros(row.last_attempt_at);
    let written = if row.revision == 0 {
        session
            .change(
                INSERT,
                &[
                    &home.shard,
                    &home.organization,
                    &row.id.as_uuid(),
                    &row.webhook.as_uuid(),
                    &row.tracking.as_uuid(),
                    &signed(row.sequence),
                    &row.event.as_uuid(),
                    &row.status.as_str(),
                    &attempts,
                    &refused,
                    &row.left_lane,
                    &next_attempt_at,
                    &last_attempt_at,
                    &micros(row.created_at),
                ],
            )
            .await?
    } else {
        session
            .change(
                UPDATE,
                &[
                    &home.shard,
                    &home.organization,
                    &row.id.as_uuid(),
                    &signed(row.revision),
                    &row.status.as_str(),
                    &attempts,
                    &refused,
                    &row.left_lane,
                    &next_attempt_at,
                    &last_attempt_at,
                ],
            )
            .await?
    };
    expect(written == 1, Conflict::Changed)
}

/// Deletes the pending deliveries of a webhook with their attempts.
pub async fn delete_pending(session: &Session, home: &Home, webhook: WebhookId) -> Result<()> {
    session
        .change(
            DELETE_PENDING,
            &[&home.shard, &home.organization, &webhook.as_uuid()],
        )
        .await
        .map(drop)
}

/// Appends a try of a delivery. Where the delivery is gone there is nothing to tell.
pub async fn append_attempt(session: &Session, home: &Home, row: &DeliveryAttemptRow) -> Step {
    session
        .change(
            APPEND_ATTEMPT,
            &[
                &home.shard,
                &home.organization,
                &row.delivery.as_uuid(),
                &i64::from(row.attempt),
                &micros(row.at),
                &row.http_status.map(i64::from),
                &signed(row.latency_ms),
                &Text(&row.error),
                &Text(&row.answer),
            ],
        )
        .await?;
    Ok(())
}

/// One delivery.
pub async fn one(session: &Session, home: &Home, id: DeliveryId) -> Result<Option<DeliveryRow>> {
    let row = session
        .row(ONE, &[&home.shard, &home.organization, &id.as_uuid()])
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// The oldest pending delivery of a lane that has not left it.
pub async fn lane_head(
    session: &Session,
    home: &Home,
    webhook: WebhookId,
    tracking: TrackingKey,
) -> Result<Option<DeliveryRow>> {
    let row = session
        .row(
            LANE_HEAD,
            &[
                &home.shard,
                &home.organization,
                &webhook.as_uuid(),
                &tracking.as_uuid(),
            ],
        )
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// Pending deliveries of a webhook, oldest first: all, or those that were tried.
pub async fn pending(
    session: &Session,
    home: &Home,
    webhook: WebhookId,
    tried: bool,
    limit: usize,
) -> Result<Vec<DeliveryRow>> {
    // The index leads with `tried`; each of its halves is walked no further than needed.
    let mut found = Vec::new();
    for half in [true, false] {
        if half || !tried {
            let rows = session
                .rows(
                    PENDING,
                    &[
                        &home.shard,
                        &home.organization,
                        &webhook.as_uuid(),
                        &half,
                        &signed(limit as u64),
                    ],
                )
                .await?;
            for row in &rows {
                found.push(from_row(row)?);
            }
        }
    }
    found.sort_by_key(|row| (row.sequence, row.id));
    found.truncate(limit);
    Ok(found)
}

/// A page of deliveries, newest first; one that the filter makes long to find may be short.
pub async fn page(
    session: &Session,
    home: &Home,
    filter: &DeliveryFilter,
    before: Option<DeliveryId>,
    limit: usize,
    walk_budget: usize,
) -> Result<DeliveryPage> {
    let mut below = before.map_or(uuid::Uuid::max(), |id| id.as_uuid());
    let mut page = DeliveryPage {
        deliveries: Vec::new(),
        next: None,
    };
    let chunk = CHUNK.min(limit.saturating_add(walk_budget)).max(1);
    let mut refused = 0;
    loop {
        let rows = session
            .rows(
                BELOW,
                &[
                    &home.shard,
                    &home.organization,
                    &below,
                    &signed(chunk as u64),
                ],
            )
            .await?;
        for row in &rows {
            let row = from_row(row)?;
            below = row.id.as_uuid();
            if !matches(filter, &row) {
                refused += 1;
                if refused >= walk_budget {
                    page.next = Some(row.id);
                    return Ok(page);
                }
            } else if page.deliveries.len() < limit {
                page.deliveries.push(row);
            } else {
                page.next = page.deliveries.last().map(|row| row.id);
                return Ok(page);
            }
        }
        if rows.len() < chunk {
            return Ok(page);
        }
    }
}

/// All attempts of a delivery, oldest first.
pub async fn attempts(
    session: &Session,
    home: &Home,
    id: DeliveryId,
) -> Result<Vec<DeliveryAttemptRow>> {
    let rows = session
        .rows(ATTEMPTS, &[&home.shard, &home.organization, &id.as_uuid()])
        .await?;
    let attempt = |row: &Row| {
        Ok(DeliveryAttemptRow {
            delivery: id,
            attempt: row.unsigned(0)?,
            at: row.at(1)?,
            http_status: row.maybe_unsigned(2)?,
            latency_ms: row.unsigned(3)?,
            error: row.value(4)?,
            answer: row.value(5)?,
        })
    };
    rows.iter().map(attempt).collect()
}

fn matches(filter: &DeliveryFilter, row: &DeliveryRow) -> bool {
    filter.webhook.is_none_or(|webhook| webhook == row.webhook)
        && filter.event.is_none_or(|event| event == row.event)
        && filter
            .tracking
            .is_none_or(|tracking| tracking == row.tracking)
        && filter.status.is_none_or(|status| status == row.status)
}

fn from_row(row: &Row) -> Result<DeliveryRow> {
    Ok(DeliveryRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        id: DeliveryId::from_uuid(row.value(1)?),
        revision: row.unsigned(2)?,
        webhook: WebhookId::from_uuid(row.value(3)?),
        tracking: TrackingKey::from_uuid(row.value(4)?),
        sequence: row.unsigned(5)?,
        event: EventId::from_uuid(row.value(6)?),
        status: row.word(7, DeliveryStatus::parse)?,
        attempts: row.unsigned(8)?,
        refused_while_healthy: row.unsigned(9)?,
        left_lane: row.value(10)?,
        next_attempt_at: row.maybe_at(11)?,
        last_attempt_at: row.maybe_at(12)?,
        created_at: row.at(13)?,
    })
}
