//! Events, in one gap-free order per organization.

use tokio_postgres::Row;
use uuid::Uuid;
use waybill_model::{EventId, Tag, TrackingKey};
use waybill_storage::{EventKind, EventRow, NewEvent};

use crate::{
    failure::{Failure, Result},
    session::Session,
    values::{Columns, Home, Text, micros, signed},
};

const NUMBER: &str = "INSERT INTO event_counters (shard, organization, last) VALUES ($1, $2, $3)
    ON CONFLICT (shard, organization) DO UPDATE SET last = event_counters.last + excluded.last
    RETURNING last";
const APPEND: &str = "INSERT INTO events
        (shard, organization, sequence, id, kind, tracking, tag, at, body)
    SELECT $1, $2, new.* FROM unnest($3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[],
                                     $8::bigint[], $9::text[]) AS new";
const AFTER: &str = "SELECT sequence, id, kind, tracking, tag, at, body FROM events
    WHERE shard = $1 AND organization = $2 AND sequence > $3 ORDER BY sequence LIMIT $4";
const ONE: &str = "SELECT sequence, id, kind, tracking, tag, at, body FROM events
    WHERE shard = $1 AND organization = $2 AND sequence = $3";

const NEWEST: &str = "SELECT sequence, at, tracking FROM events
    WHERE shard = $1 AND organization = $2 AND sequence < $3 ORDER BY sequence DESC LIMIT $4";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[NUMBER, APPEND, AFTER, ONE, NEWEST];

/// Events read at once to find what changed, at first; ten times as many each time.
const FIRST_CHUNK: usize = 100;

/// Takes the next numbers of an organization, so many as there are events; the first of them. From
/// now on to the commit nobody else gets any, so that numbers become visible in their order.
pub async fn number(session: &Session, home: &Home, events: usize) -> Result<u64> {
    let events = events as u64;
    let row = session
        .row(NUMBER, &[&home.shard, &home.organization, &signed(events)])
        .await?;
    let row = row.ok_or_else(|| Failure::Unreadable("no event counter".to_owned()))?;
    Ok(row.unsigned::<u64>(0)?.saturating_sub(events) + 1)
}

/// Appends events under the numbers from `first` on.
pub async fn append(
    session: &Session,
    home: &Home,
    first: u64,
    events: &[&NewEvent],
) -> Result<()> {
    let sequences: Vec<i64> = (first..).take(events.len()).map(signed).collect();
    let ids: Vec<Uuid> = events.iter().map(|event| event.id.as_uuid()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    let trackings: Vec<Uuid> = events
        .iter()
        .map(|event| event.tracking.as_uuid())
        .collect();
    let tags: Vec<Option<&str>> = events
        .iter()
        .map(|event| event.tag.map(Tag::as_str))
        .collect();
    let times: Vec<i64> = events.iter().map(|event| micros(event.at)).collect();
    let bodies: Vec<Text<'_>> = events.iter().map(|event| Text(&event.body)).collect();
    session
        .change(
            APPEND,
            &[
                &home.shard,
                &home.organization,
                &sequences,
                &ids,
                &kinds,
                &trackings,
                &tags,
                &times,
                &bodies,
            ],
        )
        .await
        .map(drop)
}

/// Events above a sequence number, in order.
pub async fn after(
    session: &Session,
    home: &Home,
    after: u64,
    limit: usize,
) -> Result<Vec<EventRow>> {
    let rows = session
        .rows(
            AFTER,
            &[
                &home.shard,
                &home.organization,
                &signed(after),
                &signed(limit as u64),
            ],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// The trackings that events since an instant are about, some more than once. `None` where they
/// cannot tell: there are too many, or the ones before them were swept.
pub async fn changed_since(
    session: &Session,
    home: &Home,
    since: i64,
    limit: usize,
) -> Result<Option<Vec<Uuid>>> {
    let (mut changed, mut below, mut chunk) = (Vec::new(), i64::MAX, FIRST_CHUNK);
    loop {
        let rows = session
            .rows(
                NEWEST,
                &[
                    &home.shard,
                    &home.organization,
                    &below,
                    &signed(chunk as u64),
                ],
            )
            .await?;
        for row in &rows {
            if row.value::<i64>(1)? < since {
                return Ok(Some(changed));
            }
            if changed.len() >= limit {
                return Ok(None);
            }
            below = row.value(0)?;
            changed.push(row.value(2)?);
        }
        if rows.len() < chunk {
            return Ok(None);
        }
        chunk = chunk.saturating_mul(10).min(limit.max(1));
    }
}

/// One event.
pub async fn one(session: &Session, home: &Home, sequence: u64) -> Result<Option<EventRow>> {
    let row = session
        .row(ONE, &[&home.shard, &home.organization, &signed(sequence)])
        .await?;
    row.as_ref().map(from_row).transpose()
}

fn from_row(row: &Row) -> Result<EventRow> {
    Ok(EventRow {
        sequence: row.unsigned(0)?,
        id: EventId::from_uuid(row.value(1)?),
        kind: row.word(2, EventKind::parse)?,
        tracking: TrackingKey::from_uuid(row.value(3)?),
        tag: row.maybe_word(4, Tag::parse)?,
        at: row.at(5)?,
        body: row.value(6)?,
    })
}
