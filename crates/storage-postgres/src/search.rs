//! The words of trackings, and which of them are found by a keyword.
//!
//! A token is an organization's key and a word. What has the beginning of a word is put together from all words that have
//! it, which an index of this kind does for every search anyway: beginnings of their own would only make it larger.

use futures_util::future::{join_all, try_join_all};
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
    trackings,
    values::{Columns, Home, signed},
};

const NOTE: &str = "INSERT INTO unsearchable (shard, organization, tracking)
    SELECT shards.shard, given.organization, given.tracking
    FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS given (shard, organization, tracking)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT DO NOTHING";
const NOTED: &str = "SELECT organization, tracking FROM unsearchable LIMIT $1";
/// The tracking is held as it is: who changes it, and notes it anew, does so after this.
const PUT: &str = "WITH held AS MATERIALIZED (
        SELECT key FROM trackings
        WHERE shard = $1 AND organization = $2 AND key = $3 AND revision = $4 FOR SHARE),
    done AS (
        DELETE FROM unsearchable
        WHERE shard = $1 AND organization = $2 AND tracking = $3 AND EXISTS (SELECT FROM held))
    INSERT INTO search (shard, organization, tracking, tokens)
    SELECT $1, $2, key, array_to_tsvector($5::text[]) FROM held
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
pub const STATEMENTS: &[&str] = &[NOTE, PUT, DELETE, HITS, COUNT, WITH_WORDS];
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
    let read = noted.iter().map(async |row| {
        let organization = OrganizationId::from_uuid(row.value(0)?);
        let key = TrackingKey::from_uuid(row.value(1)?);
        trackings::one(session, &Home::of(organization), key).await
    });
    Ok(try_join_all(read).await?.into_iter().flatten().collect())
}

/// Writes the words of those trackings that are as they were when the words were read.
pub async fn put(session: &Session, rows: &[SearchRow]) -> Result<()> {
    // In the order in which everybody locks them.
    let mut rows: Vec<&SearchRow> = rows.iter().collect();
    rows.sort_by_key(|row| (Home::of(row.organization), row.tracking));
    session.begin().await?;
    let written = join_all(rows.into_iter().map(async |row| {
        let home = Home::of(row.organization);
        let key = key(row.organization);
        let tokens: Vec<String> = row
            .words
            .iter()
            .map(|word| format!("{key}{word}"))
            .collect();
        session
            .change(
                PUT,
                &[
                    &home.shard,
                    &home.organization,
                    &row.tracking.as_uuid(),
                    &signed(row.revision),
                    &tokens,
                ],
            )
            .await
    }))
    .await;
    let failed = written.into_iter().find_map(std::result::Result::err);
    match failed {
        None => session.commit().await,
        Some(failure) => {
            session.roll_back().await?;
            Err(failure)
        }
    }
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
