//! Deliveries of events to webhooks, and their attempts.

use tokio_postgres::{Row, types::ToSql};
use waybill_model::{DeliveryId, EventId, OrganizationId, TrackingKey, WebhookId};
use waybill_storage::{
    Conflict, DeliveryAttemptRow, DeliveryFilter, DeliveryPage, DeliveryRow, DeliveryStatus,
    NewDelivery, NewEvent,
};

use crate::{
    failure::Result,
    partitions::week,
    rows::{self, Homes, Of, Refusal, places},
    session::Session,
    values::{Columns, Home, Text, maybe_micros, micros, signed},
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
    SELECT shards.shard, given.organization, given.id, 1, given.webhook, given.tracking, given.sequence,
        given.event, given.status, given.attempts, given.attempts > 0, given.refused, given.left_lane,
        given.next_attempt_at, given.last_attempt_at, given.created_at
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::uuid[],
                $9::text[], $10::bigint[], $11::bigint[], $12::boolean[], $13::bigint[], $14::bigint[],
                $15::bigint[])
        AS given (shard, organization, id, webhook, tracking, sequence, event, status, attempts, refused,
                  left_lane, next_attempt_at, last_attempt_at, created_at)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE deliveries
    SET revision = deliveries.revision + 1, status = given.status, attempts = given.attempts,
        tried = given.attempts > 0, refused_while_healthy = given.refused, left_lane = given.left_lane,
        next_attempt_at = given.next_attempt_at, last_attempt_at = given.last_attempt_at
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[],
                $9::boolean[], $10::bigint[], $11::bigint[])
        WITH ORDINALITY AS given (shard, organization, id, revision, status, attempts, refused, left_lane,
                                  next_attempt_at, last_attempt_at, place)
    WHERE deliveries.shard = ANY ($1) AND deliveries.shard = given.shard
        AND deliveries.organization = given.organization AND deliveries.id = given.id
        AND deliveries.revision = given.revision
    RETURNING given.place";
const DELETE_PENDING_ATTEMPTS: &str = "DELETE FROM delivery_attempts
    WHERE shard = $1 AND organization = $2 AND delivery IN (
        SELECT id FROM deliveries
        WHERE shard = $1 AND organization = $2 AND webhook = $3 AND status = 'pending')";
const DELETE_PENDING: &str = "DELETE FROM deliveries
    WHERE shard = $1 AND organization = $2 AND webhook = $3 AND status = 'pending'";
const APPEND_ATTEMPTS: &str = "INSERT INTO delivery_attempts
        (shard, organization, delivery, attempt, week, at, http_status, latency_ms, error, answer)
    SELECT deliveries.shard, given.organization, given.delivery, given.attempt, given.week, given.at,
        given.http_status, given.latency_ms, given.error, given.answer
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::integer[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::text[], $11::text[])
        AS given (shard, organization, delivery, attempt, week, at, http_status, latency_ms, error, answer)
    JOIN deliveries ON deliveries.shard = given.shard AND deliveries.organization = given.organization
        AND deliveries.id = given.delivery
    WHERE deliveries.shard = ANY ($1)
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
    DELETE_PENDING_ATTEMPTS,
    DELETE_PENDING,
    APPEND_ATTEMPTS,
    ONE,
    LANE_HEAD,
    PENDING,
    BELOW,
    ATTEMPTS,
];

/// The delivery of an event that is being committed: pending, due at once.
pub fn begun(home: &Home, event: &NewEvent, sequence: u64, delivery: &NewDelivery) -> DeliveryRow {
    DeliveryRow {
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
    }
}

/// Writes new deliveries.
pub async fn insert(session: &Session, rows: &[Of<&DeliveryRow>]) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 15] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.id.as_uuid()),
            &rows::column(part, |of| of.row.webhook.as_uuid()),
            &rows::column(part, |of| of.row.tracking.as_uuid()),
            &rows::column(part, |of| signed(of.row.sequence)),
            &rows::column(part, |of| of.row.event.as_uuid()),
            &rows::column(part, |of| of.row.status.as_str()),
            &rows::column(part, |of| i64::from(of.row.attempts)),
            &rows::column(part, |of| i64::from(of.row.refused_while_healthy)),
            &rows::column(part, |of| of.row.left_lane),
            &rows::column(part, |of| maybe_micros(of.row.next_attempt_at)),
            &rows::column(part, |of| maybe_micros(of.row.last_attempt_at)),
            &rows::column(part, |of| micros(of.row.created_at)),
        ];
        if session.change(INSERT, &values).await? < part.len() as u64 {
            refusals.extend(rows::all(part, &Conflict::Changed));
        }
    }
    Ok(refusals)
}

/// Writes known deliveries. What they are deliveries of never changes.
pub async fn update(session: &Session, rows: &[Of<&DeliveryRow>]) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 11] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.id.as_uuid()),
            &rows::column(part, |of| signed(of.row.revision)),
            &rows::column(part, |of| of.row.status.as_str()),
            &rows::column(part, |of| i64::from(of.row.attempts)),
            &rows::column(part, |of| i64::from(of.row.refused_while_healthy)),
            &rows::column(part, |of| of.row.left_lane),
            &rows::column(part, |of| maybe_micros(of.row.next_attempt_at)),
            &rows::column(part, |of| maybe_micros(of.row.last_attempt_at)),
        ];
        let places = places(&session.rows(UPDATE, &values).await?)?;
        refusals.extend(rows::missing(part, &places, &Conflict::Changed));
    }
    Ok(refusals)
}

/// Deletes the pending deliveries of a webhook with their attempts.
pub async fn delete_pending(session: &Session, home: &Home, webhook: WebhookId) -> Result<()> {
    for statement in [DELETE_PENDING_ATTEMPTS, DELETE_PENDING] {
        let webhook = webhook.as_uuid();
        session
            .change(statement, &[&home.shard, &home.organization, &webhook])
            .await?;
    }
    Ok(())
}

/// Appends tries of deliveries. Where the delivery is gone there is nothing to tell.
pub async fn append_attempts(session: &Session, rows: &[Of<&DeliveryAttemptRow>]) -> Result<()> {
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 11] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.delivery.as_uuid()),
            &rows::column(part, |of| i64::from(of.row.attempt)),
            &rows::column(part, |of| week(of.row.at)),
            &rows::column(part, |of| micros(of.row.at)),
            &rows::column(part, |of| of.row.http_status.map(i64::from)),
            &rows::column(part, |of| signed(of.row.latency_ms)),
            &rows::column(part, |of| Text(&of.row.error)),
            &rows::column(part, |of| Text(&of.row.answer)),
        ];
        session.change(APPEND_ATTEMPTS, &values).await?;
    }
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
