//! The trackings that may fit a filter, newest first.
//!
//! One source leads (by the filter: numbers, keyword, orders, what changed since, couriers or tags,
//! else the key); what it finds is tried against the whole filter, unless it is settled already.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;
use waybill_model::TrackingKey;
use waybill_storage::{Keyword, TrackingFilter};

use crate::{
    events,
    failure::Result,
    filter::is_within,
    lists::{Query, columns},
    names, search,
    session::Session,
    trackings,
    values::{Columns, Home, Text, micros, signed},
};

/// A key is made at the same moment as its tracking, and an event as its change; the two may differ
/// by rounding, and by clocks.
const SLACK: SignedDuration = SignedDuration::from_mins(1);
/// Rows read at once, at first and at most. Twice as many each time: a page reads a few, a count of
/// thousands takes few statements.
const FIRST_CHUNK: usize = 64;
const LARGEST_CHUNK: usize = 2_048;

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
/// How many there are in them.
macro_rules! count_along {
    ($condition:literal) => {
        concat!(
            "SELECT count(*) FROM (
                SELECT FROM unnest($5::text[]) AS wanted (value) CROSS JOIN LATERAL (
                    SELECT FROM trackings WHERE shard = $1 AND organization = $2 AND ",
            $condition,
            " AND key < $3 AND key >= $4 LIMIT $6) AS found LIMIT $6) AS counted"
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
const COUNT_BY_KEY: &str = "SELECT count(*) FROM (
    SELECT FROM trackings WHERE shard = $1 AND organization = $2 AND key < $3 AND key >= $4 LIMIT $5) AS counted";
const COUNT_BY_TAG: &str = count_along!("tag = wanted.value");
const COUNT_BY_SLUG: &str = count_along!("slug = wanted.value");
const COUNT_BY_ORDER: &str =
    count_along!("left(order_id, 200) = left(wanted.value, 200) AND order_id = wanted.value");
/// The limit makes the planner look up each key, whatever it thinks of the table.
const THESE: &str = concat!(
    "SELECT found.* FROM unnest($3::uuid[]) AS wanted (key) CROSS JOIN LATERAL (SELECT ",
    columns!(),
    " FROM trackings WHERE shard = $1 AND organization = $2 AND key = wanted.key LIMIT 1) AS found
     ORDER BY found.key DESC"
);

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[
    BY_KEY,
    BY_TAG,
    BY_SLUG,
    BY_ORDER,
    COUNT_BY_KEY,
    COUNT_BY_TAG,
    COUNT_BY_SLUG,
    COUNT_BY_ORDER,
    THESE,
];

/// An index that ends in the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    Key,
    Tag,
    Slug,
    Order,
}

impl Index {
    /// What reads along it, and what counts.
    fn statements(self) -> (&'static str, &'static str) {
        match self {
            Self::Key => (BY_KEY, COUNT_BY_KEY),
            Self::Tag => (BY_TAG, COUNT_BY_TAG),
            Self::Slug => (BY_SLUG, COUNT_BY_SLUG),
            Self::Order => (BY_ORDER, COUNT_BY_ORDER),
        }
    }
}

/// Keys from the first (inclusive) to the last (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    below: Uuid,
    from: Uuid,
}

/// The trackings that may fit, newest first.
pub struct Candidates {
    home: Home,
    source: Source,
    read: VecDeque<Row>,
    /// Found by the name that a keyword is.
    named: VecDeque<Row>,
    /// Rows that are read next.
    pub chunk: usize,
    /// All that the source finds between these keys fits.
    settled: Option<Span>,
}

enum Source {
    /// These, if they are there; the newest is the last.
    Keys(Vec<Uuid>),
    /// Those that changed within the times that are asked for, all of them there; the newest is the last.
    Changed(Vec<Uuid>),
    /// Along an index, by these values; the newest span is the last.
    Walk {
        index: Index,
        values: Vec<String>,
        spans: Vec<Span>,
    },
    /// By words.
    Hits(Keyword, Span),
    /// There are no more.
    End,
}

impl Candidates {
    /// Those below a key.
    pub async fn new(
        session: &Session,
        query: Query<'_>,
        before: Option<TrackingKey>,
    ) -> Result<Self> {
        let Query { home, filter, .. } = query;
        let bounds = bounds(filter, before);
        let mut rest = TrackingFilter {
            created_at_min: None,
            created_at_max: None,
            ..filter.clone()
        };
        let mut named = VecDeque::new();
        let source = if !filter.numbers.is_empty() {
            rest.numbers.clear();
            let Span { below, from } = bounds;
            let mut keys = names::numbered(session, home, &filter.numbers, below, from).await?;
            if let Some(keyword) = rest.keyword.take() {
                keys = search::found(session, home, &keyword, &keys).await?;
            }
            Source::Keys(within(keys, bounds))
        } else if let Some(keyword) = rest.keyword.take() {
            let Span { below, from } = bounds;
            let keys = search::named(session, home, &keyword, below, from).await?;
            named = these(session, home, &keys).await?.into();
            Source::Hits(keyword, bounds)
        } else if let Some(keys) = changed(session, query).await? {
            rest.updated_at_min = None;
            rest.updated_at_max = None;
            Source::Changed(within(keys, bounds))
        } else {
            let (index, mut values) = leading(session, query, &mut rest).await?;
            values.sort_unstable();
            values.dedup();
            let spans = vec![bounds];
            Source::Walk {
                index,
                values,
                spans,
            }
        };
        let is_settled = rest == TrackingFilter::default();
        Ok(Self {
            home: *home,
            source,
            read: VecDeque::new(),
            named,
            chunk: FIRST_CHUNK,
            settled: is_settled.then(|| surely_made_between(filter)),
        })
    }

    /// Makes the first reading large enough for a page and the row behind it.
    pub fn expect(&mut self, rows: usize) {
        self.chunk = self.chunk.max(rows.saturating_add(1)).min(LARGEST_CHUNK);
    }

    /// The next.
    pub async fn next(&mut self, session: &Session) -> Result<Option<Row>> {
        while self.read.is_empty() && !matches!(self.source, Source::End) {
            self.read_on(session).await?;
        }
        let key = |row: Option<&Row>| row.map(|row| row.value::<Uuid>(0)).transpose();
        let (named, read) = (key(self.named.front())?, key(self.read.front())?);
        if named == read {
            self.named.pop_front();
        }
        Ok(if named > read {
            self.named.pop_front()
        } else {
            self.read.pop_front()
        })
    }

    /// Whether one that came next fits for sure.
    pub fn is_settled(&self, key: Uuid) -> bool {
        self.settled
            .is_some_and(|span| (span.from..span.below).contains(&key))
    }

    /// Counts those that fit for sure, where none has to be looked at, and passes them over; at most
    /// `limit`. Only before the first came.
    pub async fn count_settled(&mut self, session: &Session, limit: u64) -> Result<u64> {
        let Some(settled) = self.settled else {
            return Ok(0);
        };
        let (index, values, spans) = match &mut self.source {
            Source::Walk {
                index,
                values,
                spans,
            } => (index, values, spans),
            Source::Changed(keys) => {
                let all = keys.len();
                keys.retain(|key| !(settled.from..settled.below).contains(key));
                return Ok(((all - keys.len()) as u64).min(limit));
            }
            _ => return Ok(0),
        };
        let Some(whole) = spans.pop() else {
            return Ok(0);
        };
        let span = Span {
            below: settled.below.min(whole.below),
            from: settled.from.max(whole.from),
        };
        if span.from >= span.below {
            spans.push(whole);
            return Ok(0);
        }
        let older = Span {
            below: span.from,
            ..whole
        };
        let newer = Span {
            from: span.below,
            ..whole
        };
        spans.extend(
            [older, newer]
                .into_iter()
                .filter(|span| span.from < span.below),
        );
        let counting = index.statements().1;
        let rows = walk(session, &self.home, counting, values, span, limit).await?;
        rows.first().map_or(Ok(0), |row| row.unsigned(0))
    }

    async fn read_on(&mut self, session: &Session) -> Result<()> {
        let chunk = self.chunk;
        self.chunk = (chunk * 2).min(LARGEST_CHUNK);
        match &mut self.source {
            Source::Keys(keys) | Source::Changed(keys) => {
                let next = keys.split_off(keys.len().saturating_sub(chunk));
                if next.is_empty() {
                    self.source = Source::End;
                } else {
                    self.read = these(session, &self.home, &next).await?.into();
                }
            }
            Source::Walk {
                index,
                values,
                spans,
            } => {
                let Some(span) = spans.last_mut() else {
                    self.source = Source::End;
                    return Ok(());
                };
                let reading = index.statements().0;
                let rows = walk(session, &self.home, reading, values, *span, chunk as u64).await?;
                match rows.last() {
                    Some(last) if rows.len() >= chunk => span.below = last.value(0)?,
                    _ => drop(spans.pop()),
                }
                self.read = rows.into();
            }
            Source::Hits(keyword, span) => {
                let Span { below, from } = *span;
                let rows = search::hits(session, &self.home, keyword, below, from, chunk).await?;
                match rows.last() {
                    Some(last) if rows.len() >= chunk => span.below = last.value(0)?,
                    _ => self.source = Source::End,
                }
                self.read = rows.into();
            }
            Source::End => {}
        }
        Ok(())
    }
}

async fn walk(
    session: &Session,
    home: &Home,
    statement: &'static str,
    values: &[String],
    Span { below, from }: Span,
    limit: u64,
) -> Result<Vec<Row>> {
    let Home {
        shard,
        organization,
    } = home;
    let limit = signed(limit);
    if [BY_KEY, COUNT_BY_KEY].contains(&statement) {
        return session
            .rows(statement, &[shard, organization, &below, &from, &limit])
            .await;
    }
    let values: Vec<Text<'_>> = values.iter().map(|value| Text(value)).collect();
    session
        .rows(
            statement,
            &[shard, organization, &below, &from, &values, &limit],
        )
        .await
}

async fn these(session: &Session, home: &Home, keys: &[Uuid]) -> Result<Vec<Row>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    session
        .rows(THESE, &[&home.shard, &home.organization, &keys])
        .await
}

/// Which index leads, along which of its values.
async fn leading(
    session: &Session,
    query: Query<'_>,
    rest: &mut TrackingFilter,
) -> Result<(Index, Vec<String>)> {
    let filter = query.filter;
    Ok(if !filter.order_ids.is_empty() {
        (Index::Order, std::mem::take(&mut rest.order_ids))
    } else if !filter.slugs.is_empty() && !tags_are_rarer(session, query).await? {
        let slugs = std::mem::take(&mut rest.slugs);
        (Index::Slug, slugs.iter().map(ToString::to_string).collect())
    } else if !filter.tags.is_empty() {
        let tags = std::mem::take(&mut rest.tags);
        let words = tags.iter().map(|tag| tag.as_str().to_owned());
        (Index::Tag, words.collect())
    } else {
        (Index::Key, Vec::new())
    })
}

/// Whether all trackings with the filter's tags are passed within one page's budget: then they lead,
/// else the couriers.
async fn tags_are_rarer(session: &Session, query: Query<'_>) -> Result<bool> {
    let tags = &query.filter.tags;
    Ok(!tags.is_empty()
        && trackings::kept_count(session, query.home, tags).await? <= query.walk_budget as u64)
}

/// The trackings that last changed within the times that are asked for, where the events can tell: each
/// change has one, but old ones are swept. Orders are few and lead before them.
async fn changed(session: &Session, query: Query<'_>) -> Result<Option<Vec<Uuid>>> {
    let filter = query.filter;
    let since = filter.updated_at_min;
    let since = since.and_then(|since| since.checked_sub(SLACK).ok());
    let Some(since) = since.filter(|_| filter.order_ids.is_empty()) else {
        return Ok(None);
    };
    let changed =
        events::changed_since(session, query.home, micros(since), query.walk_budget).await?;
    let fits = |at: i64| is_within(at, filter.updated_at_min, filter.updated_at_max);
    Ok(changed.map(|changed| {
        let changed = changed.into_iter().filter(|(_, at)| fits(*at));
        changed.map(|(key, _)| key).collect()
    }))
}

/// In order, each once.
fn within(mut keys: Vec<Uuid>, span: Span) -> Vec<Uuid> {
    keys.retain(|key| (span.from..span.below).contains(key));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The first key that can be made at an instant: keys begin with their millisecond.
pub fn first_key(at: Timestamp) -> Uuid {
    let mut key = [0; 16];
    key[..6].copy_from_slice(&at.as_millisecond().max(0).to_be_bytes()[2..]);
    Uuid::from_bytes(key)
}

/// What conditions on creation leave of the keys, so that they bound a walk.
fn bounds(filter: &TrackingFilter, before: Option<TrackingKey>) -> Span {
    // Nothing is changed before it is made.
    let latest = [filter.created_at_max, filter.updated_at_max]
        .into_iter()
        .flatten()
        .min();
    let latest = latest
        .and_then(|at| at.checked_add(SLACK).ok())
        .map(first_key);
    let before = before.map(|key| key.as_uuid());
    let below = before.into_iter().chain(latest).min();
    Span {
        below: below.unwrap_or(Uuid::max()),
        from: filter
            .created_at_min
            .and_then(|at| at.checked_sub(SLACK).ok())
            .map_or(Uuid::nil(), first_key),
    }
}

/// Of which keys it is certain that conditions on creation hold.
fn surely_made_between(filter: &TrackingFilter) -> Span {
    let below = filter.created_at_max.map(|max| max.checked_sub(SLACK));
    let from = filter.created_at_min.map(|min| min.checked_add(SLACK));
    Span {
        below: below.map_or(Uuid::max(), |at| at.map_or(Uuid::nil(), first_key)),
        from: from.map_or(Uuid::nil(), |at| at.map_or(Uuid::max(), first_key)),
    }
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
        let Span { below, from } = bounds(&filter, None);
        assert!(from < below && below < Uuid::max() && from > Uuid::nil());
        let sure = surely_made_between(&filter);
        assert!(from < sure.from && sure.from < sure.below && sure.below < below);
        let before = TrackingKey::from_uuid(from);
        assert_eq!(bounds(&filter, Some(before)).below, from);
    }
}
