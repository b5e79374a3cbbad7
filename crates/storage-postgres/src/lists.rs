//! Lists and counts of trackings.
//!
//! One index leads (by the filter: numbers, orders, couriers, tags, else the key); what it finds is
//! tried against the whole filter. A walk that its filter refuses too often ends early.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;
use waybill_model::TrackingKey;
use waybill_storage::{EXACT_COUNT_LIMIT, TrackingFilter, TrackingPage};

use crate::{
    failure::Result,
    filter::fits,
    names,
    session::Session,
    trackings,
    values::{Columns, Home, Text, signed},
};

/// A key is made at the same moment as its tracking; the two may differ by rounding.
const KEY_SLACK: SignedDuration = SignedDuration::from_mins(1);
/// A count passes at most this many rows for each that a list may: it answers once for many pages.
const COUNT_BUDGET_FACTOR: usize = 5;
/// Rows read at once, at first and at most. Twice as many each time: a page reads a few, a count of
/// thousands takes few statements.
const FIRST_CHUNK: usize = 64;
const LARGEST_CHUNK: usize = 2_048;

/// What [`fits`] looks at, after the key.
macro_rules! columns {
    () => {
        "key, slug, tag, order_id, origin, destination, courier_destination, return_to_sender, created_at,
         updated_at, shipment_tags, clock"
    };
}
/// The runs of an index's values, merged.
macro_rules! along {
    ($condition:literal) => {
        concat!(
            "SELECT found.* FROM unnest($5::text[]) AS wanted (value) CROSS JOIN LATERAL (SELECT ",
            columns!(),
            " FROM trackings WHERE shard = $1 AND organization = $2 AND ",
            $condition,
            " AND key < $3 AND key >= $4 ORDER BY key DESC LIMIT $6) AS found
             ORDER BY key DESC LIMIT $6"
        )
    };
}

const BY_KEY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM trackings WHERE shard = $1 AND organization = $2 AND key < $3 AND key >= $4
     ORDER BY key DESC LIMIT $5"
);
const BY_TAG: &str = along!("tag = wanted.value");
const BY_SLUG: &str = along!("slug = wanted.value");
const BY_ORDER: &str =
    along!("left(order_id, 200) = left(wanted.value, 200) AND order_id = wanted.value");
/// The limit makes the planner look up each key, whatever it thinks of the table.
const THESE: &str = concat!(
    "SELECT found.* FROM unnest($3::uuid[]) AS wanted (key) CROSS JOIN LATERAL (SELECT ",
    columns!(),
    " FROM trackings WHERE shard = $1 AND organization = $2 AND key = wanted.key LIMIT 1) AS found
     ORDER BY found.key DESC"
);

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[BY_KEY, BY_TAG, BY_SLUG, BY_ORDER, THESE];

/// What is asked for, by whom, and how far to go.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// Whose trackings.
    pub home: &'a Home,
    /// Which.
    pub filter: &'a TrackingFilter,
    /// What the clock-dependent conditions are judged by.
    pub now: Timestamp,
    /// A list ends after so many refused rows.
    pub walk_budget: usize,
}

/// A page of trackings below a key.
pub async fn page(
    session: &Session,
    query: Query<'_>,
    before: Option<TrackingKey>,
    limit: usize,
) -> Result<TrackingPage> {
    let mut found: Vec<Uuid> = Vec::new();
    let mut next = None;
    let mut candidates = Candidates::new(session, query, before).await?;
    candidates.chunk = candidates
        .chunk
        .max(limit.saturating_add(1))
        .min(LARGEST_CHUNK);
    let mut refused = 0;
    while let Some(row) = candidates.next(session).await? {
        let key = row.value(0)?;
        if !candidates.is_settled && !fits(query.filter, &row, query.now)? {
            refused += 1;
            if refused >= query.walk_budget {
                next = Some(key);
                break;
            }
        } else if found.len() < limit {
            found.push(key);
        } else {
            next = found.last().copied();
            break;
        }
    }
    let trackings = if found.is_empty() {
        Vec::new()
    } else {
        trackings::views(session, query.home, &found).await?
    };
    Ok(TrackingPage {
        trackings,
        next: next.map(TrackingKey::from_uuid),
    })
}

/// How many trackings fit; see `Storage::count_trackings` for what is exact.
pub async fn count(session: &Session, query: Query<'_>) -> Result<u64> {
    let tags_alone = TrackingFilter {
        tags: query.filter.tags.clone(),
        ..TrackingFilter::default()
    };
    if *query.filter == tags_alone {
        return trackings::kept_count(session, query.home, &query.filter.tags).await;
    }
    let mut candidates = Candidates::new(session, query, None).await?;
    let (mut count, mut refused) = (0, 0);
    while count < EXACT_COUNT_LIMIT
        && refused < query.walk_budget.saturating_mul(COUNT_BUDGET_FACTOR)
        && let Some(row) = candidates.next(session).await?
    {
        if candidates.is_settled || fits(query.filter, &row, query.now)? {
            count += 1;
        } else {
            refused += 1;
        }
    }
    Ok(count)
}

/// The trackings that may fit, newest first.
struct Candidates {
    home: Home,
    /// The statement, with the values whose runs it merges; nothing to read on where there is none.
    source: Option<(&'static str, Vec<String>)>,
    read: VecDeque<Row>,
    below: Uuid,
    from: Uuid,
    chunk: usize,
    /// All that is found fits.
    is_settled: bool,
}

impl Candidates {
    async fn new(session: &Session, query: Query<'_>, before: Option<TrackingKey>) -> Result<Self> {
        let filter = query.filter;
        let (below, from) = bounds(filter, before);
        let mut rest = filter.clone();
        let mut read = VecDeque::new();
        let source = if !filter.numbers.is_empty() {
            rest.numbers.clear();
            read = named(session, query.home, &filter.numbers, below, from).await?;
            None
        } else if !filter.order_ids.is_empty() {
            Some((BY_ORDER, std::mem::take(&mut rest.order_ids)))
        } else if !filter.slugs.is_empty() && !tags_are_rarer(session, query).await? {
            let slugs = std::mem::take(&mut rest.slugs);
            Some((BY_SLUG, slugs.iter().map(ToString::to_string).collect()))
        } else if !filter.tags.is_empty() {
            let tags = std::mem::take(&mut rest.tags);
            let words = tags.iter().map(|tag| tag.as_str().to_owned());
            Some((BY_TAG, words.collect()))
        } else {
            Some((BY_KEY, Vec::new()))
        };
        let source = source.map(|(statement, mut values)| {
            values.sort_unstable();
            values.dedup();
            (statement, values)
        });
        Ok(Self {
            home: *query.home,
            source,
            read,
            below,
            from,
            chunk: FIRST_CHUNK,
            is_settled: rest == TrackingFilter::default(),
        })
    }

    async fn next(&mut self, session: &Session) -> Result<Option<Row>> {
        if self.read.is_empty()
            && let Some((statement, values)) = &self.source
        {
            let Home {
                shard,
                organization,
            } = self.home;
            let limit = signed(self.chunk as u64);
            let values: Vec<Text<'_>> = values.iter().map(|value| Text(value)).collect();
            let rows = if *statement == BY_KEY {
                session
                    .rows(
                        statement,
                        &[&shard, &organization, &self.below, &self.from, &limit],
                    )
                    .await?
            } else {
                session
                    .rows(
                        statement,
                        &[
                            &shard,
                            &organization,
                            &self.below,
                            &self.from,
                            &values,
                            &limit,
                        ],
                    )
                    .await?
            };
            if rows.len() < self.chunk {
                self.source = None;
            }
            if let Some(last) = rows.last() {
                self.below = last.value(0)?;
            }
            self.chunk = (self.chunk * 2).min(LARGEST_CHUNK);
            self.read = rows.into();
        }
        Ok(self.read.pop_front())
    }
}

/// Whether all trackings with the filter's tags are passed within one page's budget: then they lead,
/// else the couriers.
async fn tags_are_rarer(session: &Session, query: Query<'_>) -> Result<bool> {
    let tags = &query.filter.tags;
    Ok(!tags.is_empty()
        && trackings::kept_count(session, query.home, tags).await? <= query.walk_budget as u64)
}

/// The trackings that any of these numbers means, newest first.
async fn named(
    session: &Session,
    home: &Home,
    numbers: &[String],
    below: Uuid,
    from: Uuid,
) -> Result<VecDeque<Row>> {
    let keys = names::numbered(session, home, numbers, below, from).await?;
    let rows = session
        .rows(THESE, &[&home.shard, &home.organization, &keys])
        .await?;
    Ok(rows.into())
}

/// Below which key and from which on is walked. Keys begin with the millisecond they were made in,
/// so that conditions on creation bound the walk.
fn bounds(filter: &TrackingFilter, before: Option<TrackingKey>) -> (Uuid, Uuid) {
    let first_key = |at: Timestamp| {
        let mut key = [0; 16];
        key[..6].copy_from_slice(&at.as_millisecond().max(0).to_be_bytes()[2..]);
        Uuid::from_bytes(key)
    };
    // Nothing is changed before it is made.
    let latest = [filter.created_at_max, filter.updated_at_max]
        .into_iter()
        .flatten()
        .min();
    let latest = latest
        .and_then(|at| at.checked_add(KEY_SLACK).ok())
        .map(first_key);
    let before = before.map(|key| key.as_uuid());
    let below = before.into_iter().chain(latest).min();
    let from = filter
        .created_at_min
        .and_then(|at| at.checked_sub(KEY_SLACK).ok())
        .map_or(Uuid::nil(), first_key);
    (below.unwrap_or(Uuid::max()), from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_on_creation_bound_the_walk() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let filter = TrackingFilter {
            created_at_min: Some(at(1_000_000)),
            created_at_max: Some(at(2_000_000)),
            ..TrackingFilter::default()
        };
        let (below, from) = bounds(&filter, None);
        assert!(from < below && below < Uuid::max() && from > Uuid::nil());
        let before = TrackingKey::from_uuid(from);
        assert_eq!(bounds(&filter, Some(before)).0, from);
    }
}
