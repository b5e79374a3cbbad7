//! Which trackings a filter lets through.

use jiff::Timestamp;
use rusqlite::{Connection, Row, types::ValueRef};
use waybill_model::{ClockFacts, CountryCode, CourierSlug, Tag};
use waybill_storage::TrackingFilter;

use crate::values::{Columns, micros};

/// Whether the tracking in this row fits. Numbers are not asked here: they are names, and found as
/// such.
pub fn fits(
    connection: &Connection,
    filter: &TrackingFilter,
    row: i64,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT slug, tag, order_id, origin, destination, courier_destination, return_to_sender, created_at,
                    updated_at, shipment_tags, clock
             FROM trackings WHERE row = ?1",
        )?
        .query_row([row], |row| row_fits(filter, row, now))
}

fn row_fits(filter: &TrackingFilter, row: &Row<'_>, now: Timestamp) -> rusqlite::Result<bool> {
    Ok(is_one_of(row, 0, &filter.slugs, CourierSlug::as_str)?
        && is_one_of(row, 1, &filter.tags, |tag: &Tag| tag.as_str())?
        && is_one_of(row, 2, &filter.order_ids, String::as_str)?
        && is_one_of(row, 3, &filter.origins, CountryCode::as_str)?
        && is_one_of(row, 4, &filter.destinations, CountryCode::as_str)?
        && is_one_of(row, 5, &filter.courier_destinations, CountryCode::as_str)?
        && (filter.return_to_sender.is_none() || filter.return_to_sender == Some(row.get(6)?))
        && is_within(row.get(7)?, filter.created_at_min, filter.created_at_max)
        && is_within(row.get(8)?, filter.updated_at_min, filter.updated_at_max)
        && (filter.shipment_tags.is_empty()
            || row
                .list(9)?
                .iter()
                .any(|tag| filter.shipment_tags.contains(tag)))
        && (filter.transit_time.is_none()
            || filter.transit_time == row.json::<ClockFacts>(10)?.transit_time(now)))
}

fn is_one_of<T>(
    row: &Row<'_>,
    column: usize,
    wanted: &[T],
    text: impl Fn(&T) -> &str,
) -> rusqlite::Result<bool> {
    if wanted.is_empty() {
        return Ok(true);
    }
    Ok(match row.get_ref(column)? {
        ValueRef::Text(stored) => wanted
            .iter()
            .any(|wanted| text(wanted).as_bytes() == stored),
        _ => false,
    })
}

fn is_within(at: i64, min: Option<Timestamp>, max: Option<Timestamp>) -> bool {
    min.is_none_or(|min| at >= micros(min)) && max.is_none_or(|max| at <= micros(max))
}
