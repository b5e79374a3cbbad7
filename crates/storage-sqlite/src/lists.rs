//! Lists and counts of trackings.
//!
//! One index leads (by the filter: numbers, orders, couriers or tags, else all tags); what it finds
//! is tried against the whole filter. A walk that its filter refuses too often ends early.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use waybill_model::{Tag, TrackingKey};
use waybill_storage::{EXACT_COUNT_LIMIT, NameQuery, TrackingFilter, TrackingPage};

use crate::{
    filter::fits,
    names, trackings,
    values::Bytes,
    walk::{Bounds, Entry, Index, Walk},
};

/// A key is made at the same moment as its tracking; the two may differ by rounding.
const KEY_SLACK: SignedDuration = SignedDuration::from_mins(1);
/// A count passes at most this many rows for each that a list may: it answers once for many pages.
const COUNT_BUDGET_FACTOR: usize = 5;

/// What is asked for, by whom, and how far to go.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// Whose trackings.
    pub organization: &'a Bytes,
    /// Which.
    pub filter: &'a TrackingFilter,
    /// What the clock-dependent conditions are judged by.
    pub now: Timestamp,
    /// A list ends after so many refused rows.
    pub walk_budget: usize,
}

/// A page of trackings below a key.
pub fn page(
    connection: &Connection,
    query: Query<'_>,
    before: Option<TrackingKey>,
    limit: usize,
) -> rusqlite::Result<TrackingPage> {
    let mut found = Vec::new();
    let mut next = None;
    let mut candidates = Candidates::new(connection, query, before)?;
    let mut refused = 0;
    while let Some((key, row)) = candidates.next()? {
        if !candidates.is_settled && !fits(connection, query.filter, row, query.now)? {
            refused += 1;
            if refused >= query.walk_budget {
                next = Some(key);
                break;
            }
        } else if found.len() < limit {
            found.push((key, row));
        } else {
            next = found.last().map(|(key, _)| *key);
            break;
        }
    }
    let views = found
        .iter()
        .map(|(_, row)| trackings::view_at(connection, *row));
    Ok(TrackingPage {
        trackings: views.collect::<rusqlite::Result<_>>()?,
        next: next.map(|key| TrackingKey::from_uuid(uuid::Uuid::from_bytes(key))),
    })
}

/// How many trackings fit; see `Storage::count_trackings` for what is exact.
pub fn count(connection: &Connection, query: Query<'_>) -> rusqlite::Result<u64> {
    let tags_alone = TrackingFilter {
        tags: query.filter.tags.clone(),
        ..TrackingFilter::default()
    };
    if *query.filter == tags_alone {
        return trackings::kept_count(connection, query.organization, &query.filter.tags);
    }
    let mut candidates = Candidates::new(connection, query, None)?;
    let (mut count, mut refused) = (0, 0);
    while count < EXACT_COUNT_LIMIT
        && refused < query.walk_budget.saturating_mul(COUNT_BUDGET_FACTOR)
        && let Some((_, row)) = candidates.next()?
    {
        if candidates.is_settled || fits(connection, query.filter, row, query.now)? {
            count += 1;
        } else {
            refused += 1;
        }
    }
    Ok(count)
}

/// The trackings that may fit, newest first.
struct Candidates<'a> {
    source: Source<'a>,
    /// All that the source finds fit.
    is_settled: bool,
}

enum Source<'a> {
    /// Found by their names; the newest is the last.
    Named(Vec<Entry>),
    /// Along an index.
    Walk(Walk<'a>),
}

impl<'a> Candidates<'a> {
    fn new(
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
        let mut rest = filter.clone();
        if !filter.numbers.is_empty() {
            rest.numbers.clear();
            let named = named(connection, organization, &filter.numbers, bounds)?;
            return Ok(Self {
                source: Source::Named(named),
                is_settled: rest == TrackingFilter::default(),
            });
        }
        let (index, values) = if !filter.order_ids.is_empty() {
            (Index::Order, std::mem::take(&mut rest.order_ids))
        } else if !filter.slugs.is_empty() && !tags_are_rarer(connection, query)? {
            (
                Index::Slug,
                texts(&std::mem::take(&mut rest.slugs), ToString::to_string),
            )
        } else if !filter.tags.is_empty() {
            (
                Index::Tag,
                texts(&std::mem::take(&mut rest.tags), |tag| {
                    tag.as_str().to_owned()
                }),
            )
        } else {
            (Index::Tag, texts(Tag::ALL, |tag| tag.as_str().to_owned()))
        };
        let walk = Walk::new(connection, organization, index, values, bounds);
        Ok(Self {
            source: Source::Walk(walk),
            is_settled: rest == TrackingFilter::default(),
        })
    }

    fn next(&mut self) -> rusqlite::Result<Option<Entry>> {
        match &mut self.source {
            Source::Named(entries) => Ok(entries.pop()),
            Source::Walk(walk) => walk.next(),
        }
    }
}

/// Whether all trackings with the filter's tags are passed within one page's budget: then they lead,
/// else the couriers.
fn tags_are_rarer(connection: &Connection, query: Query<'_>) -> rusqlite::Result<bool> {
    let tags = &query.filter.tags;
    Ok(!tags.is_empty()
        && trackings::kept_count(connection, query.organization, tags)? <= query.walk_budget as u64)
}

/// The trackings that any of these numbers means, the newest last.
fn named(
    connection: &Connection,
    organization: &Bytes,
    numbers: &[String],
    bounds: Bounds,
) -> rusqlite::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for number in numbers {
        let query = NameQuery::Number {
            number: number.clone(),
            slug: None,
            discriminator: None,
        };
        for name in names::find(connection, organization, &query)? {
            let key = name.tracking.as_uuid().into_bytes();
            if (bounds.from..bounds.below).contains(&key)
                && let Some(row) = trackings::row_of(connection, organization, name.tracking)?
            {
                entries.push((key, row));
            }
        }
    }
    entries.sort_unstable();
    entries.dedup();
    Ok(entries)
}

/// Keys begin with the millisecond they were made in, so that conditions on creation bound the walk.
fn bounds(filter: &TrackingFilter, before: Option<TrackingKey>) -> Bounds {
    let first_key = |at: Timestamp| {
        let mut key = [0; 16];
        key[..6].copy_from_slice(&at.as_millisecond().max(0).to_be_bytes()[2..]);
        key
    };
    // Nothing is changed before it is made.
    let latest = [filter.created_at_max, filter.updated_at_max]
        .into_iter()
        .flatten()
        .min();
    let latest = latest
        .and_then(|at| at.checked_add(KEY_SLACK).ok())
        .map(first_key);
    let before = before.map(|key| key.as_uuid().into_bytes());
    Bounds {
        below: before.into_iter().chain(latest).min().unwrap_or([0xff; 16]),
        from: filter
            .created_at_min
            .and_then(|at| at.checked_sub(KEY_SLACK).ok())
            .map_or([0; 16], first_key),
    }
}

fn texts<T>(values: &[T], text: impl Fn(&T) -> String) -> Vec<String> {
    values.iter().map(text).collect()
}
