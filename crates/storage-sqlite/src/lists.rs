//! Lists and counts of trackings.

use jiff::Timestamp;
use rusqlite::Connection;
use waybill_model::{Tag, TrackingKey};
use waybill_storage::{EXACT_COUNT_LIMIT, TrackingFilter};

use crate::{
    candidates::{Candidates, Found, first_key},
    organization_numbers::Organization,
    search, trackings,
    values::Bytes,
    walk,
};

/// A count passes at most this many rows for each that a list may: it answers once for many pages.
const COUNT_BUDGET_FACTOR: usize = 5;

/// What is asked for, by whom, and how far to go.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// Whose trackings.
    pub organization: &'a Organization,
    /// Which.
    pub filter: &'a TrackingFilter,
    /// What the clock-dependent conditions are judged by.
    pub now: Timestamp,
    /// A list ends after so many refused rows.
    pub walk_budget: usize,
    /// The key of the organization's tracking in a row, where that is known without a look.
    pub known: &'a dyn Fn(i64) -> Option<Bytes>,
}

/// A page of trackings.
pub struct Page {
    /// Them, newest first.
    pub found: Vec<Found>,
    /// Where the next page begins, if there may be one.
    pub next: Option<TrackingKey>,
}

/// A page of trackings below a key.
pub fn page(
    connection: &Connection,
    query: Query<'_>,
    before: Option<TrackingKey>,
    limit: usize,
) -> rusqlite::Result<Page> {
    let mut found = Vec::new();
    let mut next = None;
    let mut candidates = Candidates::new(connection, query, before)?;
    let mut refused = 0;
    while let Some(((key, row), fits)) = candidates.next()? {
        if !fits {
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
    Ok(Page {
        found,
        next: next.map(|key| TrackingKey::from_uuid(uuid::Uuid::from_bytes(key))),
    })
}

/// How many trackings fit; see `Storage::count_trackings` for what is exact.
pub fn count(connection: &Connection, query: Query<'_>) -> rusqlite::Result<u64> {
    let filter = query.filter;
    let by_tags = TrackingFilter {
        tags: filter.tags.clone(),
        created_at_min: filter.created_at_min,
        ..TrackingFilter::default()
    };
    if *filter == by_tags {
        return count_by_tags(connection, query);
    }
    let by_keyword = TrackingFilter {
        keyword: filter.keyword.clone(),
        created_at_min: filter.created_at_min,
        ..TrackingFilter::default()
    };
    if let Some(keyword) = &filter.keyword
        && *filter == by_keyword
    {
        let from = filter.created_at_min.map_or([0; 16], first_key);
        let organization = query.organization;
        return search::count(connection, organization, keyword, &from, EXACT_COUNT_LIMIT);
    }
    count_by_walking(connection, query)
}

/// The kept counters, unless some are too old for the filter and the others can be counted.
fn count_by_tags(connection: &Connection, query: Query<'_>) -> rusqlite::Result<u64> {
    let Query {
        organization,
        filter,
        ..
    } = query;
    let kept = trackings::kept_count(connection, organization, &filter.tags)?;
    let Some(min) = filter.created_at_min else {
        return Ok(kept);
    };
    let tags = match filter.tags.as_slice() {
        [] => Tag::ALL,
        tags => tags,
    };
    let is_old = |tag: &Tag| {
        let below = first_key(min);
        walk::exists_below(connection, organization, tag.as_str(), &below)
    };
    for tag in tags {
        if is_old(tag)? {
            let counted = count_by_walking(connection, query)?;
            let is_exact = counted < EXACT_COUNT_LIMIT;
            return Ok(if is_exact { counted } else { kept });
        }
    }
    Ok(kept)
}

/// Passes all candidates, up to a limit. Those that a list settles are not looked at one by one.
fn count_by_walking(connection: &Connection, query: Query<'_>) -> rusqlite::Result<u64> {
    let mut candidates = Candidates::new(connection, query, None)?;
    let mut count = candidates.count_settled(EXACT_COUNT_LIMIT)?;
    let mut refused = 0;
    while count < EXACT_COUNT_LIMIT
        && refused < query.walk_budget.saturating_mul(COUNT_BUDGET_FACTOR)
        && let Some((_, fits)) = candidates.next()?
    {
        if fits {
            count += 1;
        } else {
            refused += 1;
        }
    }
    Ok(count.min(EXACT_COUNT_LIMIT))
}
