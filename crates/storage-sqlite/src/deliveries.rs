//! Deliveries of events to webhooks, and their attempts.

use rusqlite::{Connection, OptionalExtension, Row, params};
use waybill_model::{DeliveryId, EventId, OrganizationId, TrackingKey, WebhookId};
use waybill_storage::{
    Conflict, DeliveryAttemptRow, DeliveryFilter, DeliveryPage, DeliveryRow, DeliveryStatus,
    NewDelivery, NewEvent,
};

use crate::{
    values::{Bytes, Columns, maybe_micros, micros, signed},
    write_set::{Step, expect},
};

/// The columns of a row, in the order [`from_row`] reads them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT organization, id, revision, webhook, tracking, sequence, event, status, attempts,
                    refused_while_healthy, left_lane, next_attempt_at, last_attempt_at, created_at
             FROM deliveries ",
            $rest
        )
    };
}

/// Begins the delivery of an event that is being committed: pending, due at once.
pub fn begin(
    connection: &Connection,
    organization: &Bytes,
    event: &NewEvent,
    sequence: u64,
    delivery: &NewDelivery,
) -> Step {
    let row = DeliveryRow {
        organization: OrganizationId::from_uuid(uuid::Uuid::from_bytes(*organization)),
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
    put(connection, organization, &row)
}

/// Writes a delivery. What it is a delivery of never changes.
pub fn put(connection: &Connection, organization: &Bytes, row: &DeliveryRow) -> Step {
    let id = row.id.as_uuid().into_bytes();
    let written = if row.revision == 0 {
        connection
            .prepare_cached(
                "INSERT INTO deliveries (organization, id, revision, webhook, tracking, sequence, event, status,
                        attempts, tried, refused_while_healthy, left_lane, next_attempt_at, last_attempt_at,
                        created_at)
                 VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?8 > 0, ?9, ?10, ?11, ?12, ?13)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                organization,
                id,
                row.webhook.as_uuid().into_bytes(),
                row.tracking.as_uuid().into_bytes(),
                signed(row.sequence),
                row.event.as_uuid().into_bytes(),
                row.status.as_str(),
                row.attempts,
                row.refused_while_healthy,
                row.left_lane,
                maybe_micros(row.next_attempt_at),
                maybe_micros(row.last_attempt_at),
                micros(row.created_at),
            ])?
    } else {
        connection
            .prepare_cached(
                "UPDATE deliveries SET revision = revision + 1, status = ?4, attempts = ?5, tried = ?5 > 0,
                        refused_while_healthy = ?6, left_lane = ?7, next_attempt_at = ?8, last_attempt_at = ?9
                 WHERE organization = ?1 AND id = ?2 AND revision = ?3",
            )?
            .execute(params![
                organization,
                id,
                signed(row.revision),
                row.status.as_str(),
                row.attempts,
                row.refused_while_healthy,
                row.left_lane,
                maybe_micros(row.next_attempt_at),
                maybe_micros(row.last_attempt_at),
            ])?
    };
    expect(written == 1, Conflict::Changed)
}

/// Deletes the pending deliveries of a webhook with their attempts.
pub fn delete_pending(
    connection: &Connection,
    organization: &Bytes,
    webhook: &Bytes,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM delivery_attempts WHERE delivery IN (
                 SELECT row FROM deliveries WHERE webhook = ?1 AND status = 'pending' AND organization = ?2)",
        )?
        .execute(params![webhook, organization])?;
    connection
        .prepare_cached("DELETE FROM deliveries WHERE webhook = ?1 AND status = 'pending' AND organization = ?2")?
        .execute(params![webhook, organization])
        .map(drop)
}

/// Appends a try of a delivery. Where the delivery is gone there is nothing to tell.
pub fn append_attempt(
    connection: &Connection,
    organization: &Bytes,
    row: &DeliveryAttemptRow,
) -> Step {
    connection
        .prepare_cached(
            "INSERT INTO delivery_attempts (delivery, attempt, at, http_status, latency_ms, error, answer)
             SELECT row, ?3, ?4, ?5, ?6, ?7, ?8 FROM deliveries WHERE organization = ?1 AND id = ?2
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            organization,
            row.delivery.as_uuid().into_bytes(),
            row.attempt,
            micros(row.at),
            row.http_status,
            signed(row.latency_ms),
            row.error,
            row.answer,
        ])?;
    Ok(())
}

/// One delivery.
pub fn one(
    connection: &Connection,
    organization: &Bytes,
    id: DeliveryId,
) -> rusqlite::Result<Option<DeliveryRow>> {
    connection
        .prepare_cached(select!("WHERE organization = ?1 AND id = ?2"))?
        .query_row(params![organization, id.as_uuid().into_bytes()], from_row)
        .optional()
}

/// The oldest pending delivery of a lane that has not left it.
pub fn lane_head(
    connection: &Connection,
    organization: &Bytes,
    webhook: WebhookId,
    tracking: TrackingKey,
) -> rusqlite::Result<Option<DeliveryRow>> {
    connection
        .prepare_cached(select!(
            "WHERE webhook = ?1 AND tracking = ?2 AND status = 'pending' AND left_lane = 0 AND organization = ?3
             ORDER BY sequence, row LIMIT 1"
        ))?
        .query_row(
            params![webhook.as_uuid().into_bytes(), tracking.as_uuid().into_bytes(), organization],
            from_row,
        )
        .optional()
}

/// Pending deliveries of a webhook, oldest first: all, or those that were tried.
pub fn pending(
    connection: &Connection,
    organization: &Bytes,
    webhook: WebhookId,
    tried: bool,
    limit: usize,
) -> rusqlite::Result<Vec<DeliveryRow>> {
    // The index leads with `tried`; each of its halves is walked no further than needed.
    let mut statement = connection.prepare_cached(select!(
        "WHERE webhook = ?1 AND tried = ?2 AND status = 'pending' AND organization = ?3
         ORDER BY sequence, row LIMIT ?4"
    ))?;
    let mut found = Vec::new();
    for half in [true, false] {
        if half || !tried {
            let rows = statement.query_map(
                params![
                    webhook.as_uuid().into_bytes(),
                    half,
                    organization,
                    signed(limit as u64)
                ],
                from_row,
            )?;
            for row in rows {
                found.push(row?);
            }
        }
    }
    found.sort_by_key(|row| (row.sequence, row.id));
    found.truncate(limit);
    Ok(found)
}

/// A page of deliveries, newest first; one that the filter makes long to find may be short.
pub fn page(
    connection: &Connection,
    organization: &Bytes,
    filter: &DeliveryFilter,
    before: Option<DeliveryId>,
    limit: usize,
    walk_budget: usize,
) -> rusqlite::Result<DeliveryPage> {
    let before = before.map_or([0xff; 16], |id| id.as_uuid().into_bytes());
    let mut statement = connection.prepare_cached(select!(
        "WHERE organization = ?1 AND id < ?2 ORDER BY id DESC"
    ))?;
    let mut rows = statement.query(params![organization, before])?;
    let mut page = DeliveryPage {
        deliveries: Vec::new(),
        next: None,
    };
    let mut refused = 0;
    while let Some(row) = rows.next()? {
        let row = from_row(row)?;
        if !matches(filter, &row) {
            refused += 1;
            if refused >= walk_budget {
                page.next = Some(row.id);
                break;
            }
        } else if page.deliveries.len() < limit {
            page.deliveries.push(row);
        } else {
            page.next = page.deliveries.last().map(|row| row.id);
            break;
        }
    }
    Ok(page)
}

/// All attempts of a delivery, oldest first.
pub fn attempts(
    connection: &Connection,
    organization: &Bytes,
    id: DeliveryId,
) -> rusqlite::Result<Vec<DeliveryAttemptRow>> {
    connection
        .prepare_cached(
            "SELECT attempt, at, http_status, latency_ms, error, answer
             FROM delivery_attempts
             WHERE delivery = (SELECT row FROM deliveries WHERE organization = ?1 AND id = ?2)
             ORDER BY attempt",
        )?
        .query_map(params![organization, id.as_uuid().into_bytes()], |row| {
            Ok(DeliveryAttemptRow {
                delivery: id,
                attempt: row.get(0)?,
                at: row.at(1)?,
                http_status: row.get(2)?,
                latency_ms: row.unsigned(3)?,
                error: row.get(4)?,
                answer: row.get(5)?,
            })
        })?
        .collect()
}

fn matches(filter: &DeliveryFilter, row: &DeliveryRow) -> bool {
    filter.webhook.is_none_or(|webhook| webhook == row.webhook)
        && filter.event.is_none_or(|event| event == row.event)
        && filter
            .tracking
            .is_none_or(|tracking| tracking == row.tracking)
        && filter.status.is_none_or(|status| status == row.status)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        organization: OrganizationId::from_uuid(row.id(0)?),
        id: DeliveryId::from_uuid(row.id(1)?),
        revision: row.unsigned(2)?,
        webhook: WebhookId::from_uuid(row.id(3)?),
        tracking: TrackingKey::from_uuid(row.id(4)?),
        sequence: row.unsigned(5)?,
        event: EventId::from_uuid(row.id(6)?),
        status: row.word(7, DeliveryStatus::parse)?,
        attempts: row.get(8)?,
        refused_while_healthy: row.get(9)?,
        left_lane: row.get(10)?,
        next_attempt_at: row.maybe_at(11)?,
        last_attempt_at: row.maybe_at(12)?,
        created_at: row.at(13)?,
    })
}
