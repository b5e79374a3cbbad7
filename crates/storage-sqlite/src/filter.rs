//! Which trackings a filter lets through.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, types::ValueRef};
use waybill_model::{ClockFacts, CountryCode, CourierSlug, Tag};

use crate::{
    lists::Query,
    values::{Bytes, Columns, micros},
};

/// What is asked of a tracking, as [`row_fits`] reads it.
macro_rules! asked {
    () => {
        "slug, tag, order_id, origin, destination, courier_destination, return_to_sender, created_at,
         updated_at, shipment_tags, clock"
    };
}

/// Whether the tracking in this row fits. Numbers are not asked here: they are names, and found as such.
pub fn fits(connection: &Connection, query: Query<'_>, row: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(concat!(
            "SELECT ",
            asked!(),
            " FROM trackings WHERE row = ?1"
        ))?
        .query_row([row], |row| row_fits(query, row))
}

/// Where the organization's tracking with this key stands, and whether it fits.
pub fn find(
    connection: &Connection,
    query: Query<'_>,
    key: &Bytes,
) -> rusqlite::Result<Option<(i64, bool)>> {
    connection
        .prepare_cached(concat!(
            "SELECT ",
            asked!(),
            ", row FROM trackings WHERE key = ?1 AND organization = ?2"
        ))?
        .query_row(params![key, query.organization.number], |row| {
            Ok((row.get(11)?, row_fits(query, row)?))
        })
        .optional()
}

fn row_fits(query: Query<'_>, row: &Row<'_>) -> rusqlite::Result<bool> {
    let Query { filter, now, .. } = query;
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

/// Whether an instant, as it is stored, is within these, both inclusive.
pub fn is_within(at: i64, min: Option<Timestamp>, max: Option<Timestamp>) -> bool {
    min.is_none_or(|min| at >= micros(min)) && max.is_none_or(|max| at <= micros(max))
}
