//! What an organization's numbers turned out to be.

use tokio_postgres::{Row, types::ToSql};
use waybill_model::CourierSlug;
use waybill_storage::NumberCount;

use crate::{
    failure::Result,
    rows::{self, Homes, Of},
    session::Session,
    values::{Columns, Home, Text, signed},
};

const ADD: &str = "INSERT INTO number_counts (shard, organization, outline, slug, count)
    SELECT shards.shard, given.organization, given.outline, given.slug, given.count
    FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::bigint[])
        AS given (shard, organization, outline, slug, count)
    JOIN shards ON shards.shard = given.shard
    WHERE shards.shard = ANY ($1)
    ON CONFLICT (shard, organization, outline, slug)
        DO UPDATE SET count = number_counts.count + excluded.count";
const OF_OUTLINE: &str = "SELECT outline, slug, count FROM number_counts
    WHERE shard = $1 AND organization = $2 AND outline = $3 ORDER BY slug";

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[ADD, OF_OUTLINE];

/// Adds to counts, each of which is named once, in the order of their keys.
pub async fn add(session: &Session, counts: &[Of<NumberCount>]) -> Result<()> {
    for part in session.parts(counts) {
        let homes = Homes::of(part);
        let values: [&(dyn ToSql + Sync); 6] = [
            &homes.shards,
            &homes.of_rows,
            &homes.organizations,
            &rows::column(part, |of| of.row.outline.as_str()),
            &rows::column(part, |of| of.row.slug.as_str()),
            &rows::column(part, |of| signed(of.row.count)),
        ];
        session.change(ADD, &values).await?;
    }
    Ok(())
}

/// The counts of an outline, by slug.
pub async fn of_outline(session: &Session, home: &Home, outline: &str) -> Result<Vec<NumberCount>> {
    let outline = Text(outline);
    let rows = session
        .rows(OF_OUTLINE, &[&home.shard, &home.organization, &outline])
        .await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<NumberCount> {
    Ok(NumberCount {
        outline: row.value(0)?,
        slug: row.word(1, CourierSlug::parse)?,
        count: row.unsigned(2)?,
    })
}
