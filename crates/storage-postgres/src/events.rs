//! Events, in one gap-free order per organization.

use std::collections::{HashMap, HashSet};

use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;
use waybill_model::{EventId, Tag, TrackingKey};
use waybill_storage::{Change, EventKind, EventRow, NewEvent};

use crate::{
    failure::{Failure, Result},
    partitions::week,
    rows::{self, Homes, Of},
    session::Session,
    values::{Columns, Home, Text, micros, signed},
};

const NUMBER: &str = "INSERT INTO event_counters (shard, organization, last)
    SELECT shards.shard, given.organization, given.count
    FROM unnest($2::smallint[], $3::uuid[], $4::bigint[]) AS given (shard, organization, count)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT (shard, organization) DO UPDATE SET last = event_counters.last + excluded.last
    RETURNING organization, last";
const APPEND: &str = "INSERT INTO events
        (shard, organization, sequence, week, id, kind, tracking, tag, at, body)
    SELECT shards.shard, given.organization, given.sequence, given.week, given.id, given.kind,
        given.tracking, given.tag, given.at, given.body
    FROM unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::integer[], $6::uuid[], $7::text[],
                $8::uuid[], $9::text[], $10::bigint[], $11::text[])
        AS given (shard, organization, sequence, week, id, kind, tracking, tag, at, body)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)";
const AFTER: &str = "SELECT sequence, id, kind, tracking, tag, at, body FROM events
    WHERE shard = $1 AND organization = $2 AND sequence > $3 ORDER BY sequence LIMIT $4";
const ONE: &str = "SELECT sequence, id, kind, tracking, tag, at, body FROM events
    WHERE shard = $1 AND organization = $2 AND sequence = $3";

const NEWEST: &str = "SELECT sequence, at, tracking, kind FROM events
    WHERE shard = $1 AND organization = $2 AND sequence < $3 ORDER BY sequence DESC LIMIT $4";

const LAST: &str = "SELECT last FROM event_counters WHERE shard = $1 AND organization = $2";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[NUMBER, APPEND, AFTER, ONE, NEWEST, LAST];

/// Events read at once to find what changed, at first; ten times as many each time.
const FIRST_CHUNK: usize = 100;

/// Takes the next numbers of organizations, each of which is named once and in order: so many as it
/// has events; the first of each. From now on to the commit nobody else gets any, so that numbers
/// become visible in their order.
pub async fn number(session: &Session, counts: &[Of<u64>]) -> Result<HashMap<Uuid, u64>> {
    let mut firsts = HashMap::with_capacity(counts.len());
    for part in session.parts(counts) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 4] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| signed(of.row)),
        ];
        for row in session.rows(NUMBER, &values).await? {
            firsts.insert(row.value(0)?, row.unsigned::<u64>(1)?);
        }
        for of in part {
            match firsts.get_mut(&of.home.organization) {
                Some(last) => *last = last.saturating_sub(of.row) + 1,
                None => return Err(Failure::Unreadable("no event counter".to_owned())),
            }
        }
    }
    Ok(firsts)
}

/// Appends events with their numbers.
pub async fn append(session: &Session, rows: &[Of<(u64, &NewEvent)>]) -> Result<()> {
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 11] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| signed(of.row.0)),
            &rows::column(part, |of| week(of.row.1.at)),
            &rows::column(part, |of| of.row.1.id.as_uuid()),
            &rows::column(part, |of| of.row.1.kind.as_str()),
            &rows::column(part, |of| of.row.1.tracking.as_uuid()),
            &rows::column(part, |of| of.row.1.tag.map(Tag::as_str)),
            &rows::column(part, |of| micros(of.row.1.at)),
            &rows::column(part, |of| Text(&of.row.1.body)),
        ];
        session.change(APPEND, &values).await?;
    }
    Ok(())
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

/// The trackings that events since an instant say are changed and still there, each with when it last
/// was: an event's instant is its tracking's `updated_at`. `None` where they cannot tell: there are too
/// many, or the ones before them were swept, which leaves a gap in their numbers where an older one is kept.
pub async fn changed_since(
    session: &Session,
    home: &Home,
    since: i64,
    limit: usize,
) -> Result<Option<Vec<(Uuid, i64)>>> {
    let (mut changed, mut below, mut chunk) = (Vec::new(), i64::MAX, FIRST_CHUNK);
    let (mut told, mut passed) = (HashSet::new(), 0);
    let last = session
        .row(LAST, &[&home.shard, &home.organization])
        .await?;
    // Newer ones may come meanwhile.
    let mut expected = last.map_or(Ok(0), |row| row.value::<i64>(0))?..=i64::MAX;
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
            let sequence: i64 = row.value(0)?;
            if !expected.contains(&sequence) {
                return Ok(None);
            }
            expected = sequence - 1..=sequence - 1;
            let at = row.value(1)?;
            if at < since {
                return Ok(Some(changed));
            }
            if passed >= limit {
                return Ok(None);
            }
            passed += 1;
            below = sequence;
            let tracking = row.value(2)?;
            // The newest that says anything of a tracking is the one that holds.
            let change = row.word(3, EventKind::parse)?.change();
            if change != Change::None && told.insert(tracking) && change == Change::Changed {
                changed.push((tracking, at));
            }
        }
        if rows.len() < chunk {
            return Ok((expected == (0..=0)).then_some(changed));
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
