//! Which trackings a filter lets through.

use jiff::Timestamp;
use tokio_postgres::Row;
use waybill_model::{ClockFacts, CountryCode, CourierSlug, Tag};
use waybill_storage::TrackingFilter;

use crate::{
    failure::Result,
    values::{Columns, micros},
};

/// Whether the tracking in this row fits; its columns are those of the statements in `lists`.
/// Numbers are not asked here: they are names, and found as such.
pub fn fits(filter: &TrackingFilter, row: &Row, now: Timestamp) -> Result<bool> {
    Ok(is_one_of(row, 1, &filter.slugs, CourierSlug::as_str)?
        && is_one_of(row, 2, &filter.tags, |tag: &Tag| tag.as_str())?
        && is_one_of(row, 3, &filter.order_ids, String::as_str)?
        && is_one_of(row, 4, &filter.origins, CountryCode::as_str)?
        && is_one_of(row, 5, &filter.destinations, CountryCode::as_str)?
        && is_one_of(row, 6, &filter.courier_destinations, CountryCode::as_str)?
        && (filter.return_to_sender.is_none() || filter.return_to_sender == Some(row.value(7)?))
        && is_within(row.value(8)?, filter.created_at_min, filter.created_at_max)
        && is_within(row.value(9)?, filter.updated_at_min, filter.updated_at_max)
        && (filter.shipment_tags.is_empty()
            || row
                .list(10)?
                .iter()
                .any(|tag| filter.shipment_tags.contains(tag)))
        && (filter.transit_time.is_none()
            || filter.transit_time == row.json::<ClockFacts>(11)?.transit_time(now)))
}

fn is_one_of<T>(row: &Row, column: usize, wanted: &[T], text: impl Fn(&T) -> &str) -> Result<bool> {
    if wanted.is_empty() {
        return Ok(true);
    }
    let stored: Option<&str> = row.value(column)?;
    Ok(stored.is_some_and(|stored| wanted.iter().any(|wanted| text(wanted) == stored)))
}

/// Whether an instant, as it is stored, is within these, both inclusive.
pub fn is_within(at: i64, min: Option<Timestamp>, max: Option<Timestamp>) -> bool {
    min.is_none_or(|min| at >= micros(min)) && max.is_none_or(|max| at <= micros(max))
}
