//! `waybill bench`

use serde_json::json;
use waybill_service::NewKey;
use waybill_storage::Authentication;

use super::open;
use crate::{
    bench::{Moved, Plan, load, templates},
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
    let loaded = load(service.storage(), plan).await?;
    let keys = json!({ "trackings": loaded, "rare_slug": RARE, "organizations": keys });
    match &wanted.keys {
        Some(file) => std::fs::write(file, keys.to_string()).map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", file.display()))
        })?,
        None => say(keys),
    }
    Ok(())
}
