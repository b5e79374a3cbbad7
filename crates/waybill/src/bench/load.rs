//! Brings trackings into a database, and makes them searchable.

use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};
use waybill_service::searched;
use waybill_storage::{Commit, Put, Result, SearchRow, Storage, Unavailable, WriteSet};

/// Batches under way at once.
const BATCHES: usize = 4;

/// Loads batches, a few at a time; how many sets they had. All sets are new ones.
///
/// # Errors
/// The database is away, or holds something of theirs already.
pub async fn load(
    storage: &Arc<dyn Storage>,
    batches: impl Iterator<Item = Vec<WriteSet>> + Send,
) -> Result<u64> {
    let mut loaded = 0;
    let mut under_way = JoinSet::new();
    for batch in batches {
        if under_way.len() >= BATCHES
            && let Some(ended) = under_way.join_next().await
        {
            loaded += done(ended)?;
        }
        under_way.spawn(load_batch(storage.clone(), batch));
    }
    while let Some(ended) = under_way.join_next().await {
        loaded += done(ended)?;
    }
    storage.flush().await?;
    Ok(loaded)
}

/// The words are at hand, and soon after the write its pages are in memory, too: who comes later reads everything anew.
async fn load_batch(storage: Arc<dyn Storage>, batch: Vec<WriteSet>) -> Result<u64> {
    let words = batch.iter().flat_map(words).collect();
    let mut commits = JoinSet::new();
    for set in batch {
        let storage = storage.clone();
        commits.spawn(async move { storage.commit(set).await });
    }
    let mut loaded = 0;
    while let Some(ended) = commits.join_next().await {
        match done(ended)? {
            Commit::Applied { .. } => loaded += 1,
            Commit::Conflict(conflict) => {
                let error = format!("the database is not new: {conflict:?}");
                return Err(Unavailable(error));
            }
        }
    }
    storage.make_searchable(words).await?;
    Ok(loaded)
}

/// The words of the tracking that a set makes.
fn words(set: &WriteSet) -> impl Iterator<Item = SearchRow> {
    set.put.iter().filter_map(|put| match put {
        Put::Tracking(row) => Some(SearchRow {
            // Which it has once it is written.
            revision: row.revision + 1,
            ..searched(row)
        }),
        _ => None,
    })
}

fn done<T>(ended: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    ended.map_err(|error| Unavailable(error.to_string()))?
}
