//! What the sets of a transaction write together at its end: counters, then events.
//!
//! These rows are the hot ones, which every writer of an organization needs. So each is written once
//! a transaction, in the order of the keys, as late as can be: no two nodes can wait for each other
//! in a ring here, and none holds another up for long.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use waybill_model::Tag;
use waybill_storage::{PollCount, WriteSet};

use crate::{
    deliveries, events, polls,
    session::Session,
    trackings,
    values::Home,
    write_set::{Effects, Step},
};

/// A set of the transaction that holds.
pub struct Held<'a> {
    /// Where its rows are.
    pub home: Home,
    /// The set.
    pub set: &'a WriteSet,
    /// What it still has to write.
    pub effects: Effects<'a>,
}

/// Writes the ends of these sets; for each the number of its last event.
pub async fn write(session: &Session, held: &[Held<'_>]) -> Step<Vec<Option<u64>>> {
    count_tags(session, held).await?;
    count_polls(session, held).await?;
    append_events(session, held).await
}

async fn count_tags(session: &Session, held: &[Held<'_>]) -> Step {
    let mut changes: BTreeMap<(Home, &'static str), (Tag, i64)> = BTreeMap::new();
    for held in held {
        for (tag, change) in &held.effects.tags {
            let counter = changes.entry((held.home, tag.as_str()));
            counter.or_insert((*tag, 0)).1 += change;
        }
    }
    for ((home, _), (tag, change)) in &changes {
        if *change != 0 {
            trackings::add_to_count(session, home, *tag, *change).await?;
        }
    }
    Ok(())
}

async fn count_polls(session: &Session, held: &[Held<'_>]) -> Step {
    let mut counts: BTreeMap<_, PollCount> = BTreeMap::new();
    for held in held {
        for count in &held.effects.poll_counts {
            let key = (
                held.home.shard,
                count.day,
                count.slug.as_str(),
                count.outcome.as_str(),
            );
            let counter = counts.entry(key).or_insert(PollCount {
                count: 0,
                ..(*count).clone()
            });
            counter.count = counter.count.saturating_add(count.count);
        }
    }
    for ((shard, ..), count) in &counts {
        polls::add_count(session, *shard, count).await?;
    }
    Ok(())
}

async fn append_events(session: &Session, held: &[Held<'_>]) -> Step<Vec<Option<u64>>> {
    let mut lasts = vec![None; held.len()];
    let mut by_home: BTreeMap<Home, Vec<usize>> = BTreeMap::new();
    for (place, held) in held.iter().enumerate() {
        if !held.set.events.is_empty() {
            by_home.entry(held.home).or_default().push(place);
        }
    }
    for (home, places) in &by_home {
        let new = places.iter().flat_map(|place| &held[*place].set.events);
        let new: Vec<_> = new.collect();
        let first = events::number(session, home, new.len()).await?;
        events::append(session, home, first, &new).await?;
        let begun = (first..).zip(&new).flat_map(|(sequence, event)| {
            let begin = move |delivery| deliveries::begin(session, home, event, sequence, delivery);
            event.deliver_to.iter().map(begin)
        });
        try_join_all(begun).await?;
        let mut last = first - 1;
        for place in places {
            last += held[*place].set.events.len() as u64;
            lasts[*place] = Some(last);
        }
    }
    Ok(lasts)
}
