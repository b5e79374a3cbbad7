//! `waybill bench`

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::task::JoinSet;
use waybill_service::{NewKey, Service};
use waybill_storage::{Authentication, Commit, Result as Stored, Storage, Unavailable, WriteSet};

use super::open;
use crate::{
    bench::{Moved, Plan, templates},
    cli::{Bench, Fill},
    failure::Failure,
    terminal::say,
};

/// Couriers of most trackings, and the one of a few.
const COMMON: [&str; 8] = [
    "ups",
    "usps",
    "fedex",
    "dhl",
    "royal-mail",
    "dpd",
    "china-post",
    "canada-post",
];
const RARE: &str = "jersey-post";
/// Batches under way at once.
const BATCHES: usize = 4;
/// How long nothing was to be made searchable before it is looked again.
const SEARCH_PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn run(command: Bench) -> Result<(), Failure> {
    match command {
        Bench::Fill(wanted) => fill(wanted).await,
    }
}

async fn fill(wanted: Fill) -> Result<(), Failure> {
    let node = open(&wanted.common).await?;
    let service = &node.service;
    let (mut organizations, mut keys) = (Vec::new(), Vec::new());
    for index in 0..wanted.organizations {
        let name = format!("bench-{index}");
        let new = NewKey {
            name: "bench".to_owned(),
            authentication: Authentication::ApiKey,
            public_key: None,
            scopes: Vec::new(),
            key: None,
        };
        let made = service.create_organization_with_key(&name, new).await?;
        let (row, issued) = made.ok_or_else(|| {
            Failure::usage(format!(
                "the database holds an organization `{name}`; fill a new one"
            ))
        })?;
        organizations.push(row.id);
        keys.push(json!({ "name": name, "id": row.id, "key": issued.key }));
    }
    let couriers = service.couriers();
    let checkpoints = usize::from(wanted.checkpoints);
    let mut common = Vec::new();
    for slug in COMMON {
        common.extend(templates(&couriers, slug, checkpoints).await?);
    }
    let plan = Plan {
        common,
        rare: templates(&couriers, RARE, checkpoints).await?,
        organizations,
        trackings: wanted.trackings,
        now: service.now(),
        next: 0,
        progress: |done, all| eprintln!("{done} of {all} trackings"),
        moved: Moved::default(),
    };
    let is_loaded = Arc::new(AtomicBool::new(false));
    // A task of its own, so that it reads and splits words while this one makes what is loaded.
    let searchable = tokio::spawn(make_searchable(service.clone(), is_loaded.clone()));
    let searchable = async {
        let made = searchable.await;
        made.map_err(|error| Failure::failed(error.to_string()))?
    };
    let loading = async {
        let loaded = load(service.storage(), plan).await?;
        service.storage().flush().await?;
        is_loaded.store(true, Ordering::Relaxed);
        Ok::<_, Failure>(loaded)
    };
    let (loaded, ()) = tokio::try_join!(loading, searchable)?;
    let keys = json!({ "trackings": loaded, "rare_slug": RARE, "organizations": keys });
    match &wanted.keys {
        Some(file) => std::fs::write(file, keys.to_string()).map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", file.display()))
        })?,
        None => say(keys),
    }
    Ok(())
}

/// Makes searchable what is loaded while it is still in memory, as a server does, until all of it is.
async fn make_searchable(service: Service, is_loaded: Arc<AtomicBool>) -> Result<(), Failure> {
    loop {
        let is_all = is_loaded.load(Ordering::Relaxed);
        if service.make_searchable().await? > 0 {
            continue;
        }
        if is_all {
            return Ok(());
        }
        tokio::time::sleep(SEARCH_PAUSE).await;
    }
}

/// Brings batches into the database, a few at a time.
async fn load(
    storage: &Arc<dyn Storage>,
    batches: impl Iterator<Item = Vec<WriteSet>> + Send + 'static,
) -> Stored<u64> {
    let mut loaded = 0;
    let mut under_way = JoinSet::new();
    for batch in batches {
        if under_way.len() >= BATCHES {
            loaded += ended(under_way.join_next().await)?;
        }
        let storage = storage.clone();
        under_way.spawn(async move {
            let mut commits = JoinSet::new();
            for set in batch {
                let storage = storage.clone();
                commits.spawn(async move { storage.commit(set).await });
            }
            let mut loaded = 0;
            while let Some(commit) = commits.join_next().await {
                match commit.map_err(|error| Unavailable(error.to_string()))?? {
                    Commit::Applied { .. } => loaded += 1,
                    Commit::Conflict(conflict) => {
                        return Err(Unavailable(format!(
                            "the database is not new: {conflict:?}"
                        )));
                    }
                }
            }
            Ok(loaded)
        });
    }
    while !under_way.is_empty() {
        loaded += ended(under_way.join_next().await)?;
    }
    Ok(loaded)
}

fn ended(batch: Option<Result<Stored<u64>, tokio::task::JoinError>>) -> Stored<u64> {
    match batch {
        Some(Ok(loaded)) => loaded,
        Some(Err(error)) => Err(Unavailable(error.to_string())),
        None => Ok(0),
    }
}
