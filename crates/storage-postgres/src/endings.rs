//! What the sets of a transaction write together at its end: counters, then events.
//!
//! These rows are the hot ones, which every writer of an organization needs. So each is written once
//! a transaction, in the order of the keys, as late as can be: no two nodes can wait for each other
//! in a ring here, and none holds another up for long.

use std::collections::BTreeMap;

use futures_util::future::{try_join, try_join5};
use uuid::Uuid;
use waybill_model::Tag;
use waybill_storage::{DeliveryRow, NumberCount, PollCount, UnclassifiedRow};

use crate::{
    deliveries, events, failure::Result, numbers, polls, rows::Of, session::Session, trackings,
    unclassified, values::Home, write_set::Rows,
};

/// Writes the ends of so many sets; for each the number of its last event.
pub async fn write(
    session: &Session,
    rows: &mut Rows<'_>,
    sets: usize,
) -> Result<Vec<Option<u64>>> {
    let mut lasts = vec![None; sets];
    let mut counts: Vec<Of<u64>> = Vec::new();
    for of in &rows.events {
        match counts.last_mut().filter(|count| count.home == of.home) {
            Some(count) => count.row += 1,
            None => counts.push(of.with(1)),
        }
    }
    let (tags, poll_counts) = (tags(rows), poll_counts(rows));
    let number_counts = number_counts(rows);
    let unknown = unknown(rows);
    let ((), (), (), (), mut next) = try_join5(
        trackings::add_to_counts(session, &tags),
        polls::add_counts(session, &poll_counts),
        numbers::add(session, &number_counts),
        unclassified::add(session, &unknown),
        events::number(session, &counts),
    )
    .await?;
    let mut numbered = Vec::with_capacity(rows.events.len());
    let mut begun: Vec<Of<DeliveryRow>> = Vec::new();
    for of in &rows.events {
        let Some(next) = next.get_mut(&of.home.organization) else {
            continue;
        };
        numbered.push(of.with((*next, of.row)));
        let deliveries = of.row.deliver_to.iter();
        begun.extend(
            deliveries
                .map(|delivery| of.with(deliveries::begun(&of.home, of.row, *next, delivery))),
        );
        lasts[of.set] = Some(*next);
        *next += 1;
    }
    let ((), refusals) = try_join(
        events::append(session, &numbered),
        deliveries::insert(
            session,
            &begun.iter().map(|of| of.with(&of.row)).collect::<Vec<_>>(),
        ),
    )
    .await?;
    rows.refusals.extend(refusals);
    Ok(lasts)
}

/// Each counter that changes once, in order.
fn tags(rows: &Rows<'_>) -> Vec<Of<(Tag, i64)>> {
    let mut changes: BTreeMap<(Home, &'static str), (Tag, i64)> = BTreeMap::new();
    for of in &rows.tags {
        let (tag, change) = of.row;
        let counter = changes.entry((of.home, tag.as_str()));
        counter.or_insert((tag, 0)).1 += change;
    }
    let changes = changes.into_iter().filter(|(_, (_, change))| *change != 0);
    changes
        .map(|((home, _), row)| Of { set: 0, home, row })
        .collect()
}

/// Each count once, in order: they are kept by shard.
fn poll_counts(rows: &Rows<'_>) -> Vec<Of<PollCount>> {
    let mut counts: BTreeMap<_, PollCount> = BTreeMap::new();
    for of in &rows.poll_counts {
        let count = of.row;
        let (slug, outcome) = (count.slug.as_str(), count.outcome.as_str());
        let counter = counts.entry((of.home.shard, count.day, slug, outcome));
        let counter = counter.or_insert(PollCount {
            count: 0,
            ..count.clone()
        });
        counter.count = counter.count.saturating_add(count.count);
    }
    counts
        .into_iter()
        .map(|((shard, ..), row)| of_shard(shard, row))
        .collect()
}

/// Each count once, in order.
fn number_counts(rows: &Rows<'_>) -> Vec<Of<NumberCount>> {
    let mut counts: BTreeMap<_, NumberCount> = BTreeMap::new();
    for of in &rows.number_counts {
        let count = of.row;
        let counter = counts.entry((of.home, count.outline.as_str(), count.slug.as_str()));
        let counter = counter.or_insert(NumberCount {
            count: 0,
            ..count.clone()
        });
        counter.count = counter.count.saturating_add(count.count);
    }
    counts
        .into_iter()
        .map(|((home, ..), row)| Of { set: 0, home, row })
        .collect()
}

/// What nothing understood, each once, in order.
fn unknown(rows: &Rows<'_>) -> Vec<Of<UnclassifiedRow>> {
    let mut merged: BTreeMap<_, UnclassifiedRow> = BTreeMap::new();
    for of in &rows.unclassified {
        let key = (of.home.shard, of.row.slug.as_str(), of.row.word.as_str());
        let row = merged.entry(key).or_insert_with(|| UnclassifiedRow {
            count: 0,
            ..of.row.clone()
        });
        row.count = row.count.saturating_add(of.row.count);
        row.last_seen_at = row.last_seen_at.max(of.row.last_seen_at);
    }
    merged
        .into_iter()
        .map(|((shard, ..), row)| of_shard(shard, row))
        .collect()
}

/// A row that is no organization's.
fn of_shard<T>(shard: i16, row: T) -> Of<T> {
    let organization = Uuid::nil();
    Of {
        set: 0,
        home: Home {
            shard,
            organization,
        },
        row,
    }
}
