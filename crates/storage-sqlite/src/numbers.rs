//! What an organization's numbers turned out to be.

use rusqlite::{Connection, params};
use waybill_model::CourierSlug;
use waybill_storage::NumberCount;

use crate::{
    values::{Bytes, Columns, signed},
    write_set::Step,
};

/// Adds to a count.
pub fn add(connection: &Connection, organization: &Bytes, count: &NumberCount) -> Step {
    connection
        .prepare_cached(
            "INSERT INTO number_counts (organization, outline, slug, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (organization, outline, slug) DO UPDATE SET count = count + excluded.count",
        )?
        .execute(params![
            organization,
            count.outline,
            count.slug.as_str(),
            signed(count.count)
        ])?;
    Ok(())
}

/// The counts of an outline, by slug.
pub fn of_outline(
    connection: &Connection,
    organization: &Bytes,
    outline: &str,
) -> rusqlite::Result<Vec<NumberCount>> {
    connection
        .prepare_cached(
            "SELECT outline, slug, count FROM number_counts
             WHERE organization = ?1 AND outline = ?2 ORDER BY slug",
        )?
        .query_map(params![organization, outline], |row| {
            Ok(NumberCount {
                outline: row.get(0)?,
                slug: row.word(1, CourierSlug::parse)?,
                count: row.unsigned(2)?,
            })
        })?
        .collect()
}
