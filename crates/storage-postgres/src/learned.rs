//! Daily budgets and learned rhythms.

use waybill_model::CourierSlug;
use waybill_storage::{RhythmRow, SpentRow};

use crate::{
    failure::Result,
    session::Session,
    values::{Columns, Text, signed},
};

const SPEND: &str = "INSERT INTO budgets (day, name, spent)
    SELECT $1::integer, $2::text, $3::bigint WHERE $3 <= $4::bigint
    ON CONFLICT (day, name) DO UPDATE SET spent = budgets.spent + $3
        WHERE budgets.spent + $3 <= $4";
const FORGET: &str = "DELETE FROM budgets WHERE day < $1";
const SPENT: &str = "SELECT name, spent FROM budgets WHERE day = $1 ORDER BY name";
const RHYTHM: &str = "SELECT revision, document FROM rhythms WHERE slug = $1";
const INSERT: &str = "INSERT INTO rhythms (slug, revision, document)
    VALUES ($1, $2 + 1::bigint, $3) ON CONFLICT (slug) DO NOTHING";
const UPDATE: &str = "UPDATE rhythms SET revision = revision + 1, document = $3
    WHERE slug = $1 AND revision = $2";
/// Days that what was spent is kept.
const DAYS_KEPT: i32 = 30;

/// All statements of this module.
pub const STATEMENTS: &[&str] = &[SPEND, FORGET, SPENT, RHYTHM, INSERT, UPDATE];

/// Takes all of it, or nothing where it would go beyond the limit.
pub async fn spend(
    session: &Session,
    name: &str,
    day: i32,
    count: u32,
    limit: u32,
) -> Result<bool> {
    let (count, limit) = (i64::from(count), i64::from(limit));
    let spent = session
        .change(SPEND, &[&day, &Text(name), &count, &limit])
        .await?;
    session
        .change(FORGET, &[&day.saturating_sub(DAYS_KEPT)])
        .await?;
    Ok(spent == 1)
}

/// What was spent on a day.
pub async fn spent(session: &Session, day: i32) -> Result<Vec<SpentRow>> {
    let rows = session.rows(SPENT, &[&day]).await?;
    let spent = rows.iter().map(|row| {
        Ok(SpentRow {
            name: row.value(0)?,
            spent: row.unsigned(1)?,
        })
    });
    spent.collect()
}

/// What was learned of a courier.
pub async fn rhythm(session: &Session, slug: &CourierSlug) -> Result<Option<RhythmRow>> {
    let row = session.row(RHYTHM, &[&Text(slug.as_str())]).await?;
    row.map(|row| {
        Ok(RhythmRow {
            slug: slug.clone(),
            revision: row.unsigned(0)?,
            document: row.value(1)?,
        })
    })
    .transpose()
}

/// Writes what was learned, if nobody did meanwhile.
pub async fn put_rhythm(session: &Session, row: &RhythmRow) -> Result<bool> {
    let statement = if row.revision == 0 { INSERT } else { UPDATE };
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [
        &Text(row.slug.as_str()),
        &signed(row.revision),
        &Text(&row.document),
    ];
    Ok(session.change(statement, &values).await? == 1)
}
