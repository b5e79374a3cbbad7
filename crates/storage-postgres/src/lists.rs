//! Lists and counts of trackings.

use jiff::Timestamp;
use uuid::Uuid;
use waybill_model::TrackingKey;
use waybill_storage::{EXACT_COUNT_LIMIT, TrackingFilter, TrackingPage};

use crate::{
    candidates::{Candidates, first_key},
    failure::Result,
    filter::fits,
    search,
    session::Session,
    trackings,
    values::{Columns, Home},
};

/// A count passes at most this many rows for each that a list may: it answers once for many pages.
const COUNT_BUDGET_FACTOR: usize = 5;

/// What [`fits`] looks at, after the key.
macro_rules! columns {
    () => {
        "key, slug, tag, order_id, origin, destination, courier_destination, return_to_sender, created_at,
         updated_at, shipment_tags, clock"
    };
}
pub(crate) use columns;

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
    candidates.expect(limit);
    let mut refused = 0;
    while let Some(row) = candidates.next(session).await? {
        let key = row.value(0)?;
        if !candidates.is_settled(key) && !fits(query.filter, &row, query.now)? {
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
    let filter = query.filter;
    let by_tags = TrackingFilter {
        tags: filter.tags.clone(),
        created_at_min: filter.created_at_min,
        ..TrackingFilter::default()
    };
    if *filter == by_tags {
        return count_by_tags(session, query).await;
    }
    let by_keyword = TrackingFilter {
        keyword: filter.keyword.clone(),
        created_at_min: filter.created_at_min,
        ..TrackingFilter::default()
    };
    if let Some(keyword) = &filter.keyword
        && *filter == by_keyword
    {
        let from = filter.created_at_min.map_or(Uuid::nil(), first_key);
        return search::count(session, query.home, keyword, from, EXACT_COUNT_LIMIT).await;
    }
    count_by_walking(session, query).await
}

/// The kept counters, unless some are too old for the filter and the others can be counted.
async fn count_by_tags(session: &Session, query: Query<'_>) -> Result<u64> {
    let Query { home, filter, .. } = query;
    let kept = trackings::kept_count(session, home, &filter.tags).await?;
    let Some(min) = filter.created_at_min else {
        return Ok(kept);
    };
    if !trackings::exist_below(session, home, &filter.tags, first_key(min)).await? {
        return Ok(kept);
    }
    let counted = count_by_walking(session, query).await?;
    let is_exact = counted < EXACT_COUNT_LIMIT;
    Ok(if is_exact { counted } else { kept })
}

/// Passes all candidates, up to a limit. Those that an index settles are not looked at one by one.
async fn count_by_walking(session: &Session, query: Query<'_>) -> Result<u64> {
    let mut candidates = Candidates::new(session, query, None).await?;
    let mut count = candidates.count_settled(session, EXACT_COUNT_LIMIT).await?;
    let mut refused = 0;
    while count < EXACT_COUNT_LIMIT
        && refused < query.walk_budget.saturating_mul(COUNT_BUDGET_FACTOR)
        && let Some(row) = candidates.next(session).await?
    {
        if candidates.is_settled(row.value(0)?) || fits(query.filter, &row, query.now)? {
            count += 1;
        } else {
            refused += 1;
        }
    }
    Ok(count.min(EXACT_COUNT_LIMIT))
}
