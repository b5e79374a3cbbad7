//! Trackings: rows, views and the kept counters.

use tokio_postgres::Row;
use uuid::Uuid;
use waybill_model::{CountryCode, CourierSlug, OrganizationId, OwnId, SubStatus, Tag, TrackingKey};
use waybill_storage::{Conflict, TrackingRow, TrackingView};

use crate::{
    failure::{Failure, Result},
    names, polls, search,
    session::Session,
    values::{Columns, Home, Text, list_to_text, micros, signed},
    write_set::{Step, Stop, expect},
};

const INSERT: &str = "INSERT INTO trackings
        (shard, organization, key, revision, slug, tag, order_id, sub_status, active, return_to_sender, origin,
         destination, courier_destination, created_at, updated_at, shipment_tags, clock, number, own_id,
         document, record)
    VALUES ($1, $2, $3, $4 + 1::bigint, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21)
    ON CONFLICT DO NOTHING RETURNING tag";
/// Answers the tag that it had.
const UPDATE: &str = "WITH old AS MATERIALIZED (
        SELECT tag FROM trackings
        WHERE shard = $1 AND organization = $2 AND key = $3 AND revision = $4 FOR NO KEY UPDATE)
    UPDATE trackings
    SET revision = revision + 1, slug = $5, tag = $6, order_id = $7, sub_status = $8, active = $9,
        return_to_sender = $10, origin = $11, destination = $12, courier_destination = $13, created_at = $14,
        updated_at = $15, shipment_tags = $16, clock = $17, number = $18, own_id = $19, document = $20,
        record = $21
    FROM old
    WHERE shard = $1 AND organization = $2 AND key = $3 AND revision = $4 RETURNING old.tag";
const DELETE: &str = "DELETE FROM trackings
    WHERE shard = $1 AND organization = $2 AND key = $3 AND revision = $4 RETURNING tag";
const ONE: &str = "SELECT organization, key, revision, own_id, number, slug, tag, sub_status, active, order_id,
        origin, destination, courier_destination, return_to_sender, shipment_tags, created_at, updated_at,
        clock, document, record
    FROM trackings WHERE shard = $1 AND organization = $2 AND key = $3";
/// The limit makes the planner look up each key, whatever it thinks of the table.
const VIEWS: &str = "SELECT found.key, found.document, found.clock,
        (SELECT coalesce(sum(tracked_count), 0)::bigint FROM polls
         WHERE polls.shard = $1 AND polls.organization = $2 AND polls.tracking = found.key)
    FROM unnest($3::uuid[]) WITH ORDINALITY AS wanted (key, place) CROSS JOIN LATERAL (
        SELECT key, document, clock FROM trackings
        WHERE shard = $1 AND organization = $2 AND key = wanted.key LIMIT 1) AS found
    ORDER BY wanted.place";
const KEY_IN_RANGE: &str = "SELECT key FROM trackings
    WHERE shard = $1 AND organization = $2 AND key BETWEEN $3 AND $4 ORDER BY key LIMIT 1";
const KEPT_COUNTS: &str =
    "SELECT tag, count FROM tracking_counts WHERE shard = $1 AND organization = $2";
const EXIST_BELOW: &str = "SELECT 1 FROM trackings
    WHERE shard = $1 AND organization = $2 AND key < $3 ORDER BY key LIMIT 1";
const EXIST_BELOW_WITH_TAG: &str =
    "SELECT 1 FROM unnest($4::text[]) AS wanted (tag) CROSS JOIN LATERAL (
        SELECT FROM trackings
        WHERE shard = $1 AND organization = $2 AND tag = wanted.tag AND key < $3 ORDER BY key LIMIT 1) AS found
    LIMIT 1";
const ADD_TO_COUNT: &str = "INSERT INTO tracking_counts (shard, organization, tag, count)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (shard, organization, tag) DO UPDATE SET count = tracking_counts.count + excluded.count";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    DELETE,
    ONE,
    VIEWS,
    KEY_IN_RANGE,
    KEPT_COUNTS,
    EXIST_BELOW,
    EXIST_BELOW_WITH_TAG,
    ADD_TO_COUNT,
];

/// Writes a tracking; the tag that it had, if it is not new.
pub async fn put(session: &Session, home: &Home, row: &TrackingRow) -> Step<Option<Tag>> {
    let clock = serde_json::to_string(&row.clock)
        .map_err(|error| Stop::Failed(Failure::Unreadable(error.to_string())))?;
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let written = session
        .row(
            statement,
            &[
                &home.shard,
                &home.organization,
                &row.key.as_uuid(),
                &signed(row.revision),
                &row.slug.as_str(),
                &row.tag.as_str(),
                &row.order_id.as_deref().map(Text),
                &row.sub_status.code(),
                &row.active,
                &row.return_to_sender,
                &row.origin.as_ref().map(CountryCode::as_str),
                &row.destination.as_ref().map(CountryCode::as_str),
                &row.courier_destination.as_ref().map(CountryCode::as_str),
                &micros(row.created_at),
                &micros(row.updated_at),
                &Text(&list_to_text(&row.shipment_tags)),
                &Text(&clock),
                &Text(&row.number),
                &row.own_id.as_ref().map(OwnId::as_str),
                &Text(&row.document),
                &Text(&row.record),
            ],
        )
        .await?;
    let written = written.ok_or(Stop::Conflict(Conflict::Changed))?;
    if row.revision == 0 {
        Ok(None)
    } else {
        Ok(Some(written.word(0, Tag::parse)?))
    }
}

/// Deletes a tracking with its names, polls and attempts; the tag that it had.
pub async fn delete(session: &Session, home: &Home, key: TrackingKey, revision: u64) -> Step<Tag> {
    let deleted = session
        .row(
            DELETE,
            &[
                &home.shard,
                &home.organization,
                &key.as_uuid(),
                &signed(revision),
            ],
        )
        .await?;
    expect(deleted.is_some(), Conflict::Changed)?;
    polls::delete_all(session, home, key).await?;
    search::delete(session, home, key).await?;
    names::delete_all(session, home, key).await?;
    let deleted = deleted.ok_or(Stop::Conflict(Conflict::Changed))?;
    Ok(deleted.word(0, Tag::parse)?)
}

/// Adds to a kept counter.
pub async fn add_to_count(session: &Session, home: &Home, tag: Tag, change: i64) -> Result<()> {
    session
        .change(
            ADD_TO_COUNT,
            &[&home.shard, &home.organization, &tag.as_str(), &change],
        )
        .await
        .map(drop)
}

/// The whole row.
pub async fn one(session: &Session, home: &Home, key: TrackingKey) -> Result<Option<TrackingRow>> {
    let row = session
        .row(ONE, &[&home.shard, &home.organization, &key.as_uuid()])
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// What GETs of these trackings answer from, in their order; what is gone is left out.
pub async fn views(session: &Session, home: &Home, keys: &[Uuid]) -> Result<Vec<TrackingView>> {
    let rows = session
        .rows(VIEWS, &[&home.shard, &home.organization, &keys])
        .await?;
    let view = |row: &Row| {
        Ok(TrackingView {
            key: TrackingKey::from_uuid(row.value(0)?),
            document: row.value(1)?,
            clock: row.json(2)?,
            tracked_count: row.unsigned(3)?,
        })
    };
    rows.iter().map(view).collect()
}

/// The first key in an inclusive range.
pub async fn key_in_range(
    session: &Session,
    home: &Home,
    from: TrackingKey,
    to: TrackingKey,
) -> Result<Option<TrackingKey>> {
    let row = session
        .row(
            KEY_IN_RANGE,
            &[
                &home.shard,
                &home.organization,
                &from.as_uuid(),
                &to.as_uuid(),
            ],
        )
        .await?;
    row.map(|row| row.value(0).map(TrackingKey::from_uuid))
        .transpose()
}

/// The kept counter of these tags; of all, where none is named.
pub async fn kept_count(session: &Session, home: &Home, tags: &[Tag]) -> Result<u64> {
    let rows = session
        .rows(KEPT_COUNTS, &[&home.shard, &home.organization])
        .await?;
    let mut total = 0;
    for row in &rows {
        let tag = row.word(0, Tag::parse)?;
        if tags.is_empty() || tags.contains(&tag) {
            total += row.unsigned::<u64>(1)?;
        }
    }
    Ok(total)
}

/// Whether an organization has a tracking below a key, with any of these tags where some are named.
pub async fn exist_below(
    session: &Session,
    home: &Home,
    tags: &[Tag],
    below: Uuid,
) -> Result<bool> {
    let Home {
        shard,
        organization,
    } = home;
    let row = if tags.is_empty() {
        session
            .row(EXIST_BELOW, &[shard, organization, &below])
            .await?
    } else {
        let tags: Vec<&str> = tags.iter().map(|tag| tag.as_str()).collect();
        session
            .row(EXIST_BELOW_WITH_TAG, &[shard, organization, &below, &tags])
            .await?
    };
    Ok(row.is_some())
}

fn from_row(row: &Row) -> Result<TrackingRow> {
    Ok(TrackingRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        key: TrackingKey::from_uuid(row.value(1)?),
        revision: row.unsigned(2)?,
        own_id: row.maybe_word(3, OwnId::parse)?,
        number: row.value(4)?,
        slug: row.word(5, CourierSlug::parse)?,
        tag: row.word(6, Tag::parse)?,
        sub_status: row.word(7, SubStatus::parse)?,
        active: row.value(8)?,
        order_id: row.value(9)?,
        origin: row.maybe_word(10, CountryCode::parse)?,
        destination: row.maybe_word(11, CountryCode::parse)?,
        courier_destination: row.maybe_word(12, CountryCode::parse)?,
        return_to_sender: row.value(13)?,
        shipment_tags: row.list(14)?,
        created_at: row.at(15)?,
        updated_at: row.at(16)?,
        clock: row.json(17)?,
        document: row.value(18)?,
        record: row.value(19)?,
    })
}
