//! The words of trackings, and which of them are found by a keyword.
//!
//! A token is an organization's key and a word. What has the beginning of a word is put together from all words that have
//! it, which an index of this kind does for every search anyway: beginnings of their own would only make it larger.

use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use uuid::Uuid;
use waybill_model::{OrganizationId, TrackingKey, search::key};
use waybill_storage::{Keyword, SearchRow, TrackingRow};

use crate::{
    failure::Result,
    lists::columns,
    names,
    rows::{self, Homes, Of},
    session::Session,
    trackings::{self, whole},
    values::{Columns, Home, signed},
};

const NOTE: &str = "INSERT INTO unsearchable (shard, organization, tracking)
    SELECT shards.shard, given.organization, given.tracking
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS given (shard, organization, tracking)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT DO NOTHING";
const NOTED: &str = "SELECT organization, tracking FROM unsearchable LIMIT $1";
/// What is read of those that are noted: a row each.
const READ: &str = concat!(
    "SELECT ",
    whole!(),
    " FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS noted (of_shard, of_organization, tracking)
    JOIN trackings ON shard = noted.of_shard AND organization = noted.of_organization AND key = noted.tracking
    WHERE trackings.shard = ANY ($1)"
);
/// Trackings are held as they are: who changes one, and notes it anew, does so after this.
const HOLD: &str = "SELECT given.place
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[])
        WITH ORDINALITY AS given (shard, organization, tracking, revision, place)
    JOIN trackings ON trackings.shard = given.shard AND trackings.organization = given.organization
        AND trackings.key = given.tracking AND trackings.revision = given.revision
    WHERE trackings.shard = ANY ($1) FOR SHARE OF trackings";
const FORGET_NOTES: &str = "DELETE FROM unsearchable
    USING unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS given (shard, organization, tracking)
    WHERE unsearchable.shard = ANY ($1) AND unsearchable.shard = given.shard
        AND unsearchable.organization = given.organization AND unsearchable.tracking = given.tracking";
/// A row's tokens come as one text with spaces between.
const PUT: &str = "INSERT INTO search (shard, organization, tracking, tokens)
    SELECT shards.shard, given.organization, given.tracking,
        array_to_tsvector(string_to_array(given.tokens, ' '))
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[])
        AS given (shard, organization, tracking, tokens)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT (shard, organization, tracking) DO UPDATE SET tokens = excluded.tokens";
const DELETE: &str = "WITH gone AS (
        DELETE FROM unsearchable WHERE shard = $1 AND organization = $2 AND tracking = $3)
    DELETE FROM search WHERE shard = $1 AND organization = $2 AND tracking = $3";
const HITS: &str = concat!(
    "SELECT found.* FROM (
        SELECT tracking FROM search
        WHERE shard = $1 AND organization = $2 AND tracking < $3 AND tracking >= $4
        AND tokens @@ $5::text::tsquery ORDER BY tracking DESC LIMIT $6) AS hit
     CROSS JOIN LATERAL (SELECT ",
    columns!(),
    " FROM trackings WHERE shard = $1 AND organization = $2 AND key = hit.tracking LIMIT 1) AS found
     ORDER BY found.key DESC"
);
const COUNT: &str = "SELECT count(*) FROM (
    SELECT FROM search
    WHERE shard = $1 AND organization = $2 AND tracking >= $3 AND tokens @@ $4::text::tsquery LIMIT $5) AS hits";
const WITH_WORDS: &str = "SELECT tracking FROM search
    WHERE shard = $1 AND organization = $2 AND tracking = ANY ($3) AND tokens @@ $4::text::tsquery";

/// All statements of this module that stay on one shard.
pub const STATEMENTS: &[&str] = &[
    NOTE,
    READ,
    HOLD,
    FORGET_NOTES,
    PUT,
    DELETE,
    HITS,
    COUNT,
    WITH_WORDS,
];
/// Those that ask all shards.
pub const LOOKS: &[&str] = &[NOTED];

/// Notes that trackings are to be made searchable.
pub async fn note(session: &Session, rows: &[Of<TrackingKey>]) -> Result<()> {
    for part in session.parts(rows) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 4] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.as_uuid()),
        ];
        session.change(NOTE, &values).await?;
    }
    Ok(())
}

/// Trackings that are to be made searchable.
pub async fn unsearchable(session: &Session, limit: usize) -> Result<Vec<TrackingRow>> {
    let noted = session.rows(NOTED, &[&signed(limit as u64)]).await?;
    let noted = noted.iter().map(|row| {
        let home = Home::of(OrganizationId::from_uuid(row.value(0)?));
        Ok(of(home, row.value::<Uuid>(1)?))
    });
    let mut noted = noted.collect::<Result<Vec<_>>>()?;
    noted.sort_by_key(|noted| (noted.home, noted.row));
    let mut found = Vec::with_capacity(noted.len());
    for part in session.parts(&noted) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 4] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row),
        ];
        let read = session.rows(READ, &values).await?;
        for row in &read {
            found.push(trackings::from_row(row)?);
        }
    }
    Ok(found)
}

/// Writes the words of those trackings that are as they were when the words were read.
pub async fn put(session: &Session, rows: &[SearchRow]) -> Result<()> {
    let mut rows: Vec<Of<&SearchRow>> = rows
        .iter()
        .map(|row| of(Home::of(row.organization), row))
        .collect();
    // In the order in which everybody locks them.
    rows.sort_by_key(|of| (of.home, of.row.tracking));
    // What a loss of power takes back is noted as to be made searchable again, and only found later.
    session.begin_lightly().await?;
    let mut written = Ok(());
    for part in session.parts(&rows) {
        written = put_part(session, part).await;
        if written.is_err() {
            break;
        }
    }
    match written {
        Ok(()) => session.commit().await,
        Err(failure) => {
            session.roll_back().await?;
            Err(failure)
        }
    }
}

async fn put_part(session: &Session, rows: &[Of<&SearchRow>]) -> Result<()> {
    let held = hold(session, rows).await?;
    if held.is_empty() {
        return Ok(());
    }
    let homes = Homes::of(&held);
    let keys = rows::column(&held, |of| of.row.tracking.as_uuid());
    let values: [&(dyn ToSql + Sync); 4] =
        [&homes.shards, &homes.of_rows, &homes.organizations, &keys];
    session.change(FORGET_NOTES, &values).await?;
    let values: [&(dyn ToSql + Sync); 5] = [
        &homes.shards,
        &homes.of_rows,
        &homes.organizations,
        &keys,
        &rows::column(&held, tokens),
    ];
    session.change(PUT, &values).await.map(drop)
}

/// Those that are as they were, held so until the transaction ends.
async fn hold<'r>(session: &Session, rows: &[Of<&'r SearchRow>]) -> Result<Vec<Of<&'r SearchRow>>> {
    let homes = Homes::of(rows);
    let values: [&(dyn ToSql + Sync); 5] = [
        &homes.shards,
        &homes.of_rows,
        &homes.organizations,
        &rows::column(rows, |of| of.row.tracking.as_uuid()),
        &rows::column(rows, |of| signed(of.row.revision)),
    ];
    let mut places = rows::places(&session.rows(HOLD, &values).await?)?;
    places.sort_unstable();
    let places = places
        .into_iter()
        .filter_map(|place| usize::try_from(place - 1).ok());
    Ok(places
        .filter_map(|place| rows.get(place).copied())
        .collect())
}

/// A row that is of no set.
fn of<T>(home: Home, row: T) -> Of<T> {
    Of { set: 0, home, row }
}

fn tokens(of: &Of<&SearchRow>) -> String {
    let key = key(of.row.organization);
    let tokens: Vec<String> = of
        .row
        .words
        .iter()
        .map(|word| format!("{key}{word}"))
        .collect();
    tokens.join(" ")
}

/// Forgets the words of a tracking.
pub async fn delete(session: &Session, home: &Home, key: TrackingKey) -> Result<()> {
    session
        .change(DELETE, &[&home.shard, &home.organization, &key.as_uuid()])
        .await
        .map(drop)
}

/// The trackings found by words, newest first, with the columns that filters look at.
pub async fn hits(
    session: &Session,
    home: &Home,
    keyword: &Keyword,
    below: Uuid,
    from: Uuid,
    limit: usize,
) -> Result<Vec<Row>> {
    if keyword.words.is_empty() {
        return Ok(Vec::new());
    }
    session
        .planned(
            HITS,
            &[
                (&home.shard, Type::INT2),
                (&home.organization, Type::UUID),
                (&below, Type::UUID),
                (&from, Type::UUID),
                (&query(home, &keyword.words), Type::TEXT),
                (&signed(limit as u64), Type::INT8),
            ],
        )
        .await
}

/// How many are found by a keyword from a key on, at most `limit`.
pub async fn count(
    session: &Session,
    home: &Home,
    keyword: &Keyword,
    from: Uuid,
    limit: u64,
) -> Result<u64> {
    let named = named(session, home, keyword, Uuid::max(), from).await?;
    let indexed = with_words(session, home, keyword, &named).await?.len();
    let unindexed = named.len().saturating_sub(indexed) as u64;
    if keyword.words.is_empty() {
        return Ok(unindexed);
    }
    let rows = session
        .planned(
            COUNT,
            &[
                (&home.shard, Type::INT2),
                (&home.organization, Type::UUID),
                (&from, Type::UUID),
                (&query(home, &keyword.words), Type::TEXT),
                (&signed(limit), Type::INT8),
            ],
        )
        .await?;
    let hits: u64 = rows.first().map_or(Ok(0), |row| row.unsigned(0))?;
    Ok((hits + unindexed).min(limit))
}

/// Those of these trackings that a keyword finds.
pub async fn found(
    session: &Session,
    home: &Home,
    keyword: &Keyword,
    keys: &[Uuid],
) -> Result<Vec<Uuid>> {
    let named = named(session, home, keyword, Uuid::max(), Uuid::nil()).await?;
    let mut found = with_words(session, home, keyword, keys).await?;
    found.extend(keys.iter().filter(|key| named.contains(key)));
    Ok(found)
}

/// The trackings that a keyword names.
pub async fn named(
    session: &Session,
    home: &Home,
    keyword: &Keyword,
    below: Uuid,
    from: Uuid,
) -> Result<Vec<Uuid>> {
    match &keyword.number {
        Some(number) => {
            let numbers = std::slice::from_ref(number);
            names::numbered(session, home, numbers, below, from).await
        }
        None => Ok(Vec::new()),
    }
}

async fn with_words(
    session: &Session,
    home: &Home,
    keyword: &Keyword,
    keys: &[Uuid],
) -> Result<Vec<Uuid>> {
    if keys.is_empty() || keyword.words.is_empty() {
        return Ok(Vec::new());
    }
    let rows = session
        .planned(
            WITH_WORDS,
            &[
                (&home.shard, Type::INT2),
                (&home.organization, Type::UUID),
                (&keys, Type::UUID_ARRAY),
                (&query(home, &keyword.words), Type::TEXT),
            ],
        )
        .await?;
    rows.iter().map(|row| row.value(0)).collect()
}

/// All of them must be there, and the last may be a beginning. Words have letters and digits alone, so none can be
/// anything else.
fn query(home: &Home, words: &[String]) -> String {
    let key = key(OrganizationId::from_uuid(home.organization));
    let last = words.len().saturating_sub(1);
    let token = |(place, word)| {
        let ends = if place == last { ":*" } else { "" };
        format!("'{key}{word}'{ends}")
    };
    let tokens: Vec<String> = words.iter().enumerate().map(token).collect();
    tokens.join(" & ")
}
