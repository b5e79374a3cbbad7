//! Trackings: rows, views and the kept counters.

use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;
use waybill_model::{CountryCode, CourierSlug, OrganizationId, OwnId, SubStatus, Tag, TrackingKey};
use waybill_storage::{Conflict, TrackingRow, TrackingView};

use crate::{
    failure::{Failure, Result},
    names, polls,
    rows::{self, Homes, Of, Refusal},
    search,
    session::Session,
    values::{Columns, Home, Text, list_to_text, micros, signed},
    write_set::{Step, Stop, expect},
};

/// The columns of a whole row, as [`from_row`] reads them.
macro_rules! whole {
    () => {
        "organization, key, revision, own_id, number, slug, tag, sub_status, active, order_id, origin, destination,
         courier_destination, return_to_sender, shipment_tags, created_at, updated_at, clock, document, record"
    };
}
pub(crate) use whole;
/// The columns of rows that are written, in the order of [`write`]'s values.
macro_rules! given {
    () => {
        "unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::boolean[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::bigint[],
                $16::bigint[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
         WITH ORDINALITY AS given
            (shard, organization, key, revision, slug, tag, order_id, sub_status, active, return_to_sender, origin,
             destination, courier_destination, created_at, updated_at, shipment_tags, clock, number, own_id,
             document, record, place)"
    };
}
const INSERT: &str = concat!(
    "INSERT INTO trackings
        (shard, organization, key, revision, slug, tag, order_id, sub_status, active, return_to_sender, origin,
         destination, courier_destination, created_at, updated_at, shipment_tags, clock, number, own_id,
         document, record)
    SELECT shards.shard, given.organization, given.key, given.revision + 1, given.slug, given.tag,
        given.order_id, given.sub_status, given.active, given.return_to_sender, given.origin,
        given.destination, given.courier_destination, given.created_at, given.updated_at,
        given.shipment_tags, given.clock, given.number, given.own_id, given.document, given.record
    FROM ",
    given!(),
    " JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)"
);
/// Answers the tags that they had.
const UPDATE: &str = concat!(
    "UPDATE trackings
    SET revision = trackings.revision + 1, slug = given.slug, tag = given.tag, order_id = given.order_id,
        sub_status = given.sub_status, active = given.active, return_to_sender = given.return_to_sender,
        origin = given.origin, destination = given.destination,
        courier_destination = given.courier_destination, created_at = given.created_at,
        updated_at = given.updated_at, shipment_tags = given.shipment_tags, clock = given.clock,
        number = given.number, own_id = given.own_id, document = given.document, record = given.record
    FROM ",
    given!(),
    " JOIN trackings AS old ON old.shard = given.shard AND old.organization = given.organization
        AND old.key = given.key AND old.revision = given.revision
    WHERE old.shard = ANY ($1) AND trackings.shard = ANY ($1) AND trackings.shard = given.shard
        AND trackings.organization = given.organization AND trackings.key = given.key
        AND trackings.revision = given.revision
    RETURNING given.place, old.tag"
);
const DELETE: &str = "DELETE FROM trackings
    WHERE shard = $1 AND organization = $2 AND key = $3 AND revision = $4 RETURNING tag";
const ONE: &str = concat!(
    "SELECT ",
    whole!(),
    " FROM trackings WHERE shard = $1 AND organization = $2 AND key = $3"
);
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
const ADD_TO_COUNTS: &str = "INSERT INTO tracking_counts (shard, organization, tag, count)
    SELECT shards.shard, given.organization, given.tag, given.count
    FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::bigint[])
        AS given (shard, organization, tag, count)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
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
    ADD_TO_COUNTS,
];

/// Writes new trackings. One that is there is an error, [`crate::failure::Failure::is_of_a_known_row`]: their keys are
/// drawn by chance.
pub async fn insert(session: &Session, rows: &[Of<&TrackingRow>]) -> Result<()> {
    for part in session.parts(rows) {
        write(session, INSERT, part).await?;
    }
    Ok(())
}

/// Writes known trackings; the tags that they had, where none is refused.
pub async fn update(
    session: &Session,
    rows: &[Of<&TrackingRow>],
) -> Result<(Vec<Refusal>, Vec<Of<Tag>>)> {
    let (mut refusals, mut tags) = (Vec::new(), Vec::with_capacity(rows.len()));
    for part in session.parts(rows) {
        let answered = write(session, UPDATE, part).await?;
        let mut places = Vec::with_capacity(answered.len());
        for row in &answered {
            let place: i64 = row.value(0)?;
            places.push(place);
            if let Some(of) = part.get(place as usize - 1) {
                tags.push(of.with(row.word(1, Tag::parse)?));
            }
        }
        refusals.extend(rows::missing(part, &places, &Conflict::Changed));
    }
    Ok((refusals, tags))
}

/// Runs a statement that writes whole rows.
async fn write(
    session: &Session,
    statement: &'static str,
    rows: &[Of<&TrackingRow>],
) -> Result<Vec<Row>> {
    let homes = Homes::of(rows);
    let documents = rows
        .iter()
        .map(|of| of.row.document.text())
        .collect::<waybill_storage::Result<Vec<_>>>()
        .map_err(|error| Failure::Unreadable(error.to_string()))?;
    let texts = |text: fn(&TrackingRow) -> &str| -> Vec<Text<'_>> {
        rows::column(rows, |of| Text(text(of.row)))
    };
    let country = |country: &'static dyn Fn(&TrackingRow) -> &Option<CountryCode>| {
        rows::column(rows, |of| country(of.row).as_ref().map(CountryCode::as_str))
    };
    let mut clocks = Vec::with_capacity(rows.len());
    for of in rows {
        let clock = serde_json::to_string(&of.row.clock);
        clocks.push(clock.map_err(|error| Failure::Unreadable(error.to_string()))?);
    }
    let shipment_tags = rows::column(rows, |of| list_to_text(&of.row.shipment_tags));
    let values: [&(dyn ToSql + Sync); 22] = [
        &homes.shards,
        &homes.of_rows,
        &homes.organizations,
        &rows::column(rows, |of| of.row.key.as_uuid()),
        &rows::column(rows, |of| signed(of.row.revision)),
        &rows::column(rows, |of| of.row.slug.as_str()),
        &rows::column(rows, |of| of.row.tag.as_str()),
        &rows::column(rows, |of| of.row.order_id.as_deref().map(Text)),
        &rows::column(rows, |of| of.row.sub_status.code()),
        &rows::column(rows, |of| of.row.active),
        &rows::column(rows, |of| of.row.return_to_sender),
        &country(&|row| &row.origin),
        &country(&|row| &row.destination),
        &country(&|row| &row.courier_destination),
        &rows::column(rows, |of| micros(of.row.created_at)),
        &rows::column(rows, |of| micros(of.row.updated_at)),
        &shipment_tags
            .iter()
            .map(|text| Text(text))
            .collect::<Vec<_>>(),
        &clocks.iter().map(|text| Text(text)).collect::<Vec<_>>(),
        &texts(|row| &row.number),
        &rows::column(rows, |of| of.row.own_id.as_ref().map(OwnId::as_str)),
        &documents.iter().map(|text| Text(text)).collect::<Vec<_>>(),
        &texts(|row| &row.record),
    ];
    session.rows(statement, &values).await
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

/// Adds to kept counters, each of which is named once, in the order of their keys.
pub async fn add_to_counts(session: &Session, changes: &[Of<(Tag, i64)>]) -> Result<()> {
    for part in session.parts(changes) {
        let homes = Homes::of(part);
        let tags = rows::column(part, |of| of.row.0.as_str());
        let counts = rows::column(part, |of| of.row.1);
        let values: [&(dyn ToSql + Sync); 5] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &tags,
            &counts,
        ];
        session.change(ADD_TO_COUNTS, &values).await?;
    }
    Ok(())
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

/// A whole row, of the columns [`whole`].
pub fn from_row(row: &Row) -> Result<TrackingRow> {
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
        document: row.value::<String>(18)?.into(),
        record: row.value(19)?,
    })
}
