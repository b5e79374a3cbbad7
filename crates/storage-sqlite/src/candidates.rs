//! The trackings that may fit a filter, newest first.
//!
//! One source leads (by the filter: numbers, keyword, orders, what changed since, couriers or tags,
//! else all tags); what it finds is tried against the whole filter, unless it is settled already.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use waybill_model::{Tag, TrackingKey};
use waybill_storage::{NameQuery, TrackingFilter};

use crate::{
    events, filter,
    lists::Query,
    names,
    organization_numbers::Organization,
    search::{self, Hits},
    trackings,
    values::{Bytes, micros},
    walk::{Bounds, List, Walk},
};

/// A key is made at the same moment as its tracking, and an event as its change; the two may differ
/// by rounding, and by clocks.
const SLACK: SignedDuration = SignedDuration::from_mins(1);

/// A tracking's key, and its row where that is known.
pub type Found = (Bytes, Option<i64>);

/// The trackings that may fit, newest first.
pub struct Candidates<'a> {
    connection: &'a Connection,
    query: Query<'a>,
    source: Source<'a>,
    /// All that the source finds between these keys fits.
    settled: Option<Span>,
}

enum Source<'a> {
    /// These, if they are there; the newest is the last.
    Keys(Vec<Bytes>),
    /// Those that changed within the times that are asked for, all of them there; the newest is the last.
    Changed(Vec<Bytes>),
    /// Along a list.
    Walk(Walk<'a>),
    /// By words.
    Hits(Hits<'a>),
}

/// Keys from the first (inclusive) to the last (exclusive).
pub type Span = Bounds;

impl<'a> Candidates<'a> {
    /// Those below a key.
    pub fn new(
        connection: &'a Connection,
        query: Query<'a>,
        before: Option<TrackingKey>,
    ) -> rusqlite::Result<Self> {
        let Query {
            organization,
            filter,
            ..
        } = query;
        let bounds = bounds(filter, before);
        let mut rest = TrackingFilter {
            created_at_min: None,
            created_at_max: None,
            ..filter.clone()
        };
        let source = if !filter.numbers.is_empty() {
            rest.numbers.clear();
            let keyword = rest.keyword.take();
            let mut keys = Vec::new();
            for number in &filter.numbers {
                keys.extend(named(connection, organization, number)?);
            }
            if let Some(keyword) = &keyword {
                let found = search::found(connection, organization, keyword, &keys)?;
                keys = found;
            }
            Source::Keys(within(keys, bounds))
        } else if let Some(keyword) = &rest.keyword.take() {
            let before = before.map(|key| key.as_uuid().into_bytes());
            let hits = Hits::new(connection, query, keyword, before.as_ref())?;
            Source::Hits(hits)
        } else if let Some(keys) = changed(connection, query)? {
            rest.updated_at_min = None;
            rest.updated_at_max = None;
            Source::Changed(within(keys, bounds))
        } else {
            let (list, values) = leading(connection, query, &mut rest)?;
            let walk = Walk::new(connection, organization, list, values, bounds);
            Source::Walk(walk)
        };
        let is_settled = rest == TrackingFilter::default();
        Ok(Self {
            connection,
            query,
            source,
            settled: is_settled.then(|| surely_made_between(filter)),
        })
    }

    /// The next, and whether it fits.
    pub fn next(&mut self) -> rusqlite::Result<Option<(Found, bool)>> {
        let span = self.settled;
        let is_settled =
            |key: &Bytes| span.is_some_and(|span| (span.from..span.below).contains(key));
        let entry = match &mut self.source {
            Source::Changed(keys) if keys.last().is_some_and(is_settled) => {
                return Ok(keys.pop().map(|key| ((key, None), true)));
            }
            Source::Keys(keys) | Source::Changed(keys) => {
                while let Some(key) = keys.pop() {
                    if let Some((row, fits)) = filter::find(self.connection, self.query, &key)? {
                        return Ok(Some(((key, Some(row)), fits)));
                    }
                }
                None
            }
            Source::Walk(walk) => walk.next()?,
            Source::Hits(hits) => hits.next()?,
        };
        let Some((key, row)) = entry else {
            return Ok(None);
        };
        let fits = is_settled(&key) || filter::fits(self.connection, self.query, row)?;
        Ok(Some(((key, Some(row)), fits)))
    }

    /// Counts those that fit for sure, where none has to be looked at, and passes them over; at most `limit`.
    pub fn count_settled(&mut self, limit: u64) -> rusqlite::Result<u64> {
        match (&mut self.source, self.settled) {
            (Source::Walk(walk), Some(span)) => walk.count_between(span, limit),
            (Source::Changed(keys), Some(span)) => {
                let all = keys.len();
                keys.retain(|key| !(span.from..span.below).contains(key));
                Ok(((all - keys.len()) as u64).min(limit))
            }
            _ => Ok(0),
        }
    }
}

/// Which list leads, along which of its values.
fn leading(
    connection: &Connection,
    query: Query<'_>,
    rest: &mut TrackingFilter,
) -> rusqlite::Result<(List, Vec<String>)> {
    let filter = query.filter;
    let word = |tag: &Tag| tag.as_str().to_owned();
    Ok(if !filter.order_ids.is_empty() {
        (List::Order, std::mem::take(&mut rest.order_ids))
    } else if !filter.slugs.is_empty() && !tags_are_rarer(connection, query)? {
        let slugs = std::mem::take(&mut rest.slugs);
        (List::Slug, slugs.iter().map(ToString::to_string).collect())
    } else if !filter.tags.is_empty() {
        let tags = std::mem::take(&mut rest.tags);
        (List::Tag, tags.iter().map(word).collect())
    } else {
        (List::Tag, Tag::ALL.iter().map(word).collect())
    })
}

/// Whether all trackings with the filter's tags are passed within one page's budget: then they lead,
/// else the couriers.
fn tags_are_rarer(connection: &Connection, query: Query<'_>) -> rusqlite::Result<bool> {
    let tags = &query.filter.tags;
    Ok(!tags.is_empty()
        && trackings::kept_count(connection, query.organization, tags)? <= query.walk_budget as u64)
}

/// The trackings that last changed within the times that are asked for, where the events can tell: each
/// change has one, but old ones are swept. Orders are few and lead before them.
fn changed(connection: &Connection, query: Query<'_>) -> rusqlite::Result<Option<Vec<Bytes>>> {
    let filter = query.filter;
    let since = filter.updated_at_min;
    let since = since.and_then(|since| since.checked_sub(SLACK).ok());
    let Some(since) = since.filter(|_| filter.order_ids.is_empty()) else {
        return Ok(None);
    };
    let changed = events::changed_since(
        connection,
        query.organization,
        micros(since),
        query.walk_budget,
    )?;
    let fits = |at: i64| filter::is_within(at, filter.updated_at_min, filter.updated_at_max);
    Ok(changed.map(|changed| {
        let changed = changed.into_iter().filter(|(_, at)| fits(*at));
        changed.map(|(key, _)| key).collect()
    }))
}

/// The trackings that a number means.
pub fn named(
    connection: &Connection,
    organization: &Organization,
    number: &str,
) -> rusqlite::Result<Vec<Bytes>> {
    let query = NameQuery::Number {
        number: number.to_owned(),
        slug: None,
        discriminator: None,
    };
    let names = names::find(connection, organization, &query)?;
    let keys = names
        .iter()
        .map(|name| name.tracking.as_uuid().into_bytes());
    Ok(keys.collect())
}

/// In order, each once.
fn within(mut keys: Vec<Bytes>, bounds: Bounds) -> Vec<Bytes> {
    keys.retain(|key| (bounds.from..bounds.below).contains(key));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The first key that can be made at an instant: keys begin with their millisecond.
pub fn first_key(at: Timestamp) -> Bytes {
    let mut key = [0; 16];
    key[..6].copy_from_slice(&at.as_millisecond().max(0).to_be_bytes()[2..]);
    key
}

/// What conditions on creation leave of the keys, so that they bound a walk.
fn bounds(filter: &TrackingFilter, before: Option<TrackingKey>) -> Bounds {
    // Nothing is changed before it is made.
    let latest = [filter.created_at_max, filter.updated_at_max]
        .into_iter()
        .flatten()
        .min();
    let latest = latest
        .and_then(|at| at.checked_add(SLACK).ok())
        .map(first_key);
    let before = before.map(|key| key.as_uuid().into_bytes());
    Bounds {
        below: before.into_iter().chain(latest).min().unwrap_or([0xff; 16]),
        from: filter
            .created_at_min
            .and_then(|at| at.checked_sub(SLACK).ok())
            .map_or([0; 16], first_key),
    }
}

/// Of which keys it is certain that conditions on creation hold.
fn surely_made_between(filter: &TrackingFilter) -> Span {
    let below = filter.created_at_max.map(|max| max.checked_sub(SLACK));
    let from = filter.created_at_min.map(|min| min.checked_add(SLACK));
    Span {
        below: below.map_or([0xff; 16], |at| at.map_or([0; 16], first_key)),
        from: from.map_or([0; 16], |at| at.map_or([0xff; 16], first_key)),
    }
}
