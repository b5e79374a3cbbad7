//! The state of asking couriers, and the log of it.

use tokio_postgres::{Row, types::ToSql};
use waybill_model::{CourierSlug, OrganizationId, TrackingKey};
use waybill_storage::{Conflict, PollAttemptRow, PollCount, PollOutcome, PollRow};

use crate::{
    failure::Result,
    partitions::week,
    rows::{self, Homes, Of, Refusal, places},
    session::Session,
    values::{Columns, Home, Text, maybe_micros, micros, signed},
    write_set::Step,
};

/// The columns of rows that are written, in the order of [`write`]'s values.
macro_rules! given {
    () => {
        "unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::smallint[], $6::bigint[], $7::text[], $8::text[],
                $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::bigint[],
                $15::bigint[])
         WITH ORDINALITY AS given
            (shard, organization, tracking, leg, revision, slug, number, next_check_at, checked_at, answered_at,
             outcome, reason, tracked_count, failures, place)"
    };
}
/// What is inserted but for the shard, which comes from the table that is joined.
macro_rules! insert {
    ($shard:literal, $joined:literal) => {
        concat!(
            "INSERT INTO polls
        (shard, organization, tracking, leg, revision, slug, number, next_check_at, checked_at, answered_at,
         outcome, reason, tracked_count, failures)
    SELECT ",
            $shard,
            ", given.organization, given.tracking, given.leg, given.revision + 1, given.slug,
        given.number, given.next_check_at, given.checked_at, given.answered_at, given.outcome,
        given.reason, given.tracked_count, given.failures
    FROM ",
            given!(),
            $joined
        )
    };
}
/// Of trackings that the same transaction makes: nobody else can know them, and none of their legs is there.
const INSERT_FIRST: &str = insert!(
    "shards.shard",
    " JOIN shards ON shards.shard = given.shard WHERE shards.shard = ANY ($1)"
);
/// The trackings are held against being deleted meanwhile.
const INSERT: &str = insert!(
    "trackings.shard",
    " JOIN trackings ON trackings.shard = given.shard AND trackings.organization = given.organization
        AND trackings.key = given.tracking
    WHERE trackings.shard = ANY ($1) FOR KEY SHARE OF trackings ON CONFLICT DO NOTHING RETURNING leg"
);
const UPDATE: &str = concat!(
    "UPDATE polls
    SET revision = polls.revision + 1, slug = given.slug, number = given.number,
        next_check_at = given.next_check_at, checked_at = given.checked_at, answered_at = given.answered_at,
        outcome = given.outcome, reason = given.reason, tracked_count = given.tracked_count,
        failures = given.failures
    FROM ",
    given!(),
    " WHERE polls.shard = ANY ($1) AND polls.shard = given.shard
        AND polls.organization = given.organization AND polls.tracking = given.tracking
        AND polls.leg = given.leg AND polls.revision = given.revision
    RETURNING given.place"
);
const DELETE: &str = "DELETE FROM polls
    WHERE shard = $1 AND organization = $2 AND tracking = $3 AND leg = $4";
const DELETE_ATTEMPTS: &str = "DELETE FROM poll_attempts
    WHERE shard = $1 AND organization = $2 AND tracking = $3 AND leg = $4";
const DELETE_ALL: &str =
    "DELETE FROM polls WHERE shard = $1 AND organization = $2 AND tracking = $3";
const DELETE_ALL_ATTEMPTS: &str =
    "DELETE FROM poll_attempts WHERE shard = $1 AND organization = $2 AND tracking = $3";
const OF_TRACKING: &str =
    "SELECT organization, tracking, leg, revision, slug, number, next_check_at, checked_at,
        answered_at, outcome, reason, tracked_count, failures
    FROM polls WHERE shard = $1 AND organization = $2 AND tracking = $3 ORDER BY leg";
const APPEND_ATTEMPTS: &str = "INSERT INTO poll_attempts
        (shard, organization, tracking, week, at, number, leg, slug, outcome, reason, http_status,
         latency_ms, new_checkpoints, excerpt)
    SELECT polls.shard, given.organization, given.tracking, given.week, given.at, given.number, given.leg,
        given.slug, given.outcome, given.reason, given.http_status, given.latency_ms,
        given.new_checkpoints, given.excerpt
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::integer[], $6::bigint[], $7::bigint[],
                $8::smallint[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],
                $14::bigint[], $15::text[])
        AS given (shard, organization, tracking, week, at, number, leg, slug, outcome, reason, http_status,
                  latency_ms, new_checkpoints, excerpt)
    JOIN polls ON polls.shard = given.shard AND polls.organization = given.organization
        AND polls.tracking = given.tracking AND polls.leg = given.leg
    WHERE polls.shard = ANY ($1)";
const ATTEMPTS: &str = "SELECT tracking, leg, slug, at, outcome, reason, http_status, latency_ms,
        new_checkpoints, excerpt
    FROM poll_attempts WHERE shard = $1 AND organization = $2 AND tracking = $3
    ORDER BY at DESC, number DESC LIMIT $4";
const ADD_COUNTS: &str = "INSERT INTO poll_counts (shard, day, slug, outcome, count)
    SELECT shards.shard, given.day, given.slug, given.outcome, given.count
    FROM unnest($2::smallint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])
        AS given (shard, day, slug, outcome, count)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT (shard, day, slug, outcome) DO UPDATE SET count = poll_counts.count + excluded.count";
const COUNTS: &str =
    "SELECT day, slug, outcome, sum(count)::bigint FROM poll_counts WHERE day >= $1
    GROUP BY day, slug, outcome ORDER BY day, slug, outcome";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[
    INSERT_FIRST,
    INSERT,
    UPDATE,
    DELETE,
    DELETE_ATTEMPTS,
    DELETE_ALL,
    DELETE_ALL_ATTEMPTS,
    OF_TRACKING,
    APPEND_ATTEMPTS,
    ATTEMPTS,
    ADD_COUNTS,
];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[COUNTS];

/// Writes the states of new legs, and of the first legs of trackings that are made in the same
/// transaction. Those are in nobody's way, so they may wait for the others.
pub async fn insert(
    session: &Session,
    rows: &[Of<&PollRow>],
    first: &[Of<&PollRow>],
) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(first) {
        write(session, INSERT_FIRST, part).await?;
    }
    for part in session.parts(rows) {
        if write(session, INSERT, part).await?.len() < part.len() {
            refusals.extend(rows::all(part, &Conflict::Changed));
        }
    }
    Ok(refusals)
}

/// Writes the states of known legs.
pub async fn update(session: &Session, rows: &[Of<&PollRow>]) -> Result<Vec<Refusal>> {
    let mut refusals = Vec::new();
    for part in session.parts(rows) {
        let places = places(&write(session, UPDATE, part).await?)?;
        refusals.extend(rows::missing(part, &places, &Conflict::Changed));
    }
    Ok(refusals)
}

/// Runs a statement that writes whole rows.
async fn write(
    session: &Session,
    statement: &'static str,
    rows: &[Of<&PollRow>],
) -> Result<Vec<Row>> {
    let homes = Homes::of(rows);
    let values: [&(dyn ToSql + Sync); 15] = [
        &homes.shards,
        &homes.of_rows,
        &homes.organizations,
        &rows::column(rows, |of| of.row.tracking.as_uuid()),
        &rows::column(rows, |of| i16::from(of.row.leg)),
        &rows::column(rows, |of| signed(of.row.revision)),
        &rows::column(rows, |of| of.row.slug.as_str()),
        &rows::column(rows, |of| Text(&of.row.number)),
        &rows::column(rows, |of| maybe_micros(of.row.next_check_at)),
        &rows::column(rows, |of| maybe_micros(of.row.checked_at)),
        &rows::column(rows, |of| maybe_micros(of.row.answered_at)),
        &rows::column(rows, |of| of.row.outcome.map(PollOutcome::as_str)),
        &rows::column(rows, |of| Text(&of.row.reason)),
        &rows::column(rows, |of| signed(of.row.tracked_count)),
        &rows::column(rows, |of| i64::from(of.row.failures)),
    ];
    session.rows(statement, &values).await
}

/// Deletes the state of a leg with its attempts.
pub async fn delete(session: &Session, home: &Home, tracking: TrackingKey, leg: u8) -> Step {
    let leg = i16::from(leg);
    for statement in [DELETE, DELETE_ATTEMPTS] {
        let tracking = tracking.as_uuid();
        session
            .change(
                statement,
                &[&home.shard, &home.organization, &tracking, &leg],
            )
            .await?;
    }
    Ok(())
}

/// Deletes all legs of a tracking.
pub async fn delete_all(session: &Session, home: &Home, tracking: TrackingKey) -> Result<()> {
    for statement in [DELETE_ALL, DELETE_ALL_ATTEMPTS] {
        let tracking = tracking.as_uuid();
        session
            .change(statement, &[&home.shard, &home.organization, &tracking])
            .await?;
    }
    Ok(())
}

/// The state of all legs of a tracking.
pub async fn of_tracking(session: &Session, home: &Home, key: TrackingKey) -> Result<Vec<PollRow>> {
    let rows = session
        .rows(
            OF_TRACKING,
            &[&home.shard, &home.organization, &key.as_uuid()],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// Appends askings. Where the leg is gone there is nothing to tell.
pub async fn append_attempts(session: &Session, rows: &[Of<&PollAttemptRow>]) -> Result<()> {
    for part in session.parts(rows) {
        let numbers = session.numbers(part.len()).await?;
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 15] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.tracking.as_uuid()),
            &rows::column(part, |of| week(of.row.at)),
            &rows::column(part, |of| micros(of.row.at)),
            &numbers,
            &rows::column(part, |of| i16::from(of.row.leg)),
            &rows::column(part, |of| of.row.slug.as_str()),
            &rows::column(part, |of| of.row.outcome.as_str()),
            &rows::column(part, |of| Text(&of.row.reason)),
            &rows::column(part, |of| of.row.http_status.map(i64::from)),
            &rows::column(part, |of| signed(of.row.latency_ms)),
            &rows::column(part, |of| i64::from(of.row.new_checkpoints)),
            &rows::column(part, |of| of.row.excerpt.as_deref().map(Text)),
        ];
        session.change(APPEND_ATTEMPTS, &values).await?;
    }
    Ok(())
}

/// The newest attempts of a tracking, newest first.
pub async fn attempts(
    session: &Session,
    home: &Home,
    key: TrackingKey,
    limit: usize,
) -> Result<Vec<PollAttemptRow>> {
    let rows = session
        .rows(
            ATTEMPTS,
            &[
                &home.shard,
                &home.organization,
                &key.as_uuid(),
                &signed(limit as u64),
            ],
        )
        .await?;
    rows.iter().map(attempt_from_row).collect()
}

/// Adds to daily counts, each of which is named once, in the order of their keys.
pub async fn add_counts(session: &Session, counts: &[Of<PollCount>]) -> Result<()> {
    for part in session.parts(counts) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 6] = [
            &homes.shards,
            &homes.of_rows,
            &rows::column(part, |of| i64::from(of.row.day)),
            &rows::column(part, |of| of.row.slug.as_str()),
            &rows::column(part, |of| of.row.outcome.as_str()),
            &rows::column(part, |of| signed(of.row.count)),
        ];
        session.change(ADD_COUNTS, &values).await?;
    }
    Ok(())
}

/// Daily counts from a day on.
pub async fn counts(session: &Session, from_day: i32) -> Result<Vec<PollCount>> {
    let rows = session.rows(COUNTS, &[&i64::from(from_day)]).await?;
    let count = |row: &Row| {
        Ok(PollCount {
            day: row.unsigned(0)?,
            slug: row.word(1, CourierSlug::parse)?,
            outcome: row.word(2, PollOutcome::parse)?,
            count: row.unsigned(3)?,
        })
    };
    rows.iter().map(count).collect()
}

fn from_row(row: &Row) -> Result<PollRow> {
    Ok(PollRow {
        organization: OrganizationId::from_uuid(row.value(0)?),
        tracking: TrackingKey::from_uuid(row.value(1)?),
        leg: leg(row, 2)?,
        revision: row.unsigned(3)?,
        slug: row.word(4, CourierSlug::parse)?,
        number: row.value(5)?,
        next_check_at: row.maybe_at(6)?,
        checked_at: row.maybe_at(7)?,
        answered_at: row.maybe_at(8)?,
        outcome: row.maybe_word(9, PollOutcome::parse)?,
        reason: row.value(10)?,
        tracked_count: row.unsigned(11)?,
        failures: row.unsigned(12)?,
    })
}

fn attempt_from_row(row: &Row) -> Result<PollAttemptRow> {
    Ok(PollAttemptRow {
        tracking: TrackingKey::from_uuid(row.value(0)?),
        leg: leg(row, 1)?,
        slug: row.word(2, CourierSlug::parse)?,
        at: row.at(3)?,
        outcome: row.word(4, PollOutcome::parse)?,
        reason: row.value(5)?,
        http_status: row.maybe_unsigned(6)?,
        latency_ms: row.unsigned(7)?,
        new_checkpoints: row.unsigned(8)?,
        excerpt: row.value(9)?,
    })
}

fn leg(row: &Row, column: usize) -> Result<u8> {
    Ok(row.value::<i16>(column)?.clamp(0, i16::from(u8::MAX)) as u8)
}
