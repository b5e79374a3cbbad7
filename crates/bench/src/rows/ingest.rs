//! Durable ingest of checkpoints.

use std::sync::{Arc, atomic::AtomicU64};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::Value;

use crate::{
    bare::{Prototype, Snapshot},
    contest::{Contest, Side, round},
    drive::{Changed, drive},
    load::{self, Shape},
    program::Program,
    world::{Drawn, Filled, World, mixed, url},
};

const WEBHOOKS: &str = "/waybill/v1/webhooks";
/// Its own journeys go on; of others the tag would go back.
const TAG: &str = "InTransit";
/// A later scan of the same parcel must be a newer one.
const SCANS_A_SECOND: u64 = 8;
/// Seconds between scans that are not taken for one told twice.
const APART: u64 = 300;
/// Never reached: nobody delivers here.
const WEBHOOK: &str =
    r#"{"url":"https://example.com/hook","events":["tracking_update"],"secret":"measured"}"#;

/// A checkpoint each, with its event, and the delivery and the job of a webhook, against the bare
/// writer of the same rows.
pub async fn measure(world: &World) -> Result<Vec<Contest>> {
    let options = &world.options;
    let mut contests = Vec::new();
    let prototype = prototype(world).await?;
    let prototype = prototype.to_string_lossy().into_owned();
    for organizations in &options.organizations {
        let filled = world.filled(options.rows, *organizations, 10)?;
        let drawn = filled.draw_of_tag(TAG)?;
        let changed = world.path("changed.json");
        std::fs::write(&changed, serde_json::to_vec(&changed_of(&drawn))?)?;
        let ours = world.copy(&filled, "waybill.db")?;
        let waybill = Program::waybill(&options.waybill, &url(&ours), "api")?;
        make_webhooks(&waybill, &filled).await?;
        let bare = url(&world.copy(&filled, "bare.db")?);

        let keys: Vec<String> = filled
            .organizations
            .iter()
            .map(|one| one.1.clone())
            .collect();
        let begin = before_now();
        let request = move |number: u64| {
            let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
            post(&one.id, &keys[one.organization], begin, number)
        };
        let side = Side {
            program: &waybill,
            requests: Arc::new(request),
            next: Arc::new(AtomicU64::new(1)),
        };
        let mut contest = Contest::new(
            format!(
                "ingest of a checkpoint at {} trackings, {organizations} organizations",
                options.rows
            ),
            "bare writer of the same rows",
            "≥ 0.4",
        );
        eprintln!("{} against {}", contest.work, contest.against);
        let shape = Shape {
            connections: options.connections,
            duration: options.round(),
            rate: None,
        };
        let seconds = options.seconds.to_string();
        let changed = changed.to_string_lossy().into_owned();
        for _ in 0..options.rounds {
            contest.bare.push(drive(&[
                "bare-writer",
                "--database",
                &bare,
                "--prototype",
                &prototype,
                "--changed",
                &changed,
                "--seconds",
                &seconds,
            ])?);
            contest.waybill.push(round(&side, shape, true).await?);
        }
        contests.push(contest);
    }
    Ok(contests)
}

/// What an ingest writes, learned on a small database.
async fn prototype(world: &World) -> Result<std::path::PathBuf> {
    let few = world.filled(64, 1, 10)?;
    let copy = world.copy(&few, "learn.db")?;
    let few = Filled { file: copy, ..few };
    let one = few
        .draw_of_tag(TAG)?
        .into_iter()
        .next()
        .context("no journey is under way")?;
    let waybill = Program::waybill(&world.options.waybill, &url(&few.file), "api")?;
    make_webhooks(&waybill, &few).await?;
    let reader = Connection::open(&few.file)?;
    let mut http = load::Connection::open(&waybill.address).await?;
    let (organization, key) = &few.organizations[0];
    let begin = before_now();
    let mut snapshots = Vec::new();
    let mut number = String::new();
    for count in 0..3 {
        let request = post(&one.id, key, begin, count * SCANS_A_SECOND * APART);
        let answer = http.exchange(&request).await?;
        let answer: Value = serde_json::from_slice(answer)?;
        answer["data"]["tracking_number"]
            .as_str()
            .context("an ingest without a tracking")?
            .clone_into(&mut number);
        snapshots.push(Snapshot::take(&reader)?);
    }
    let snapshots: [Snapshot; 3] = snapshots.try_into().map_err(|_| anyhow::anyhow!("three"))?;
    let prototype = Prototype::learn(&snapshots, &number, &one.id, organization)?;
    eprintln!(
        "an ingest writes {} rows and {} anew",
        prototype.inserts.len(),
        prototype.rewrites.len()
    );
    let path = world.path("ingest.json");
    std::fs::write(&path, serde_json::to_vec(&prototype)?)?;
    Ok(path)
}

async fn make_webhooks(waybill: &Program, filled: &Filled) -> Result<()> {
    let mut http = load::Connection::open(&waybill.address).await?;
    for (_, key) in &filled.organizations {
        http.exchange(&load::post(WEBHOOKS, key, WEBHOOK)).await?;
    }
    Ok(())
}

fn post(id: &str, key: &str, begin: Timestamp, number: u64) -> Vec<u8> {
    let at = begin + SignedDuration::from_secs((number / SCANS_A_SECOND) as i64);
    let at = at.strftime("%Y-%m-%dT%H:%M:%S+00:00");
    let route = format!("/waybill/v1/trackings/{id}/checkpoints");
    let body = format!(
        r#"{{"checkpoints":[{{"tag":"InTransit","checkpoint_time":"{at}","message":"Arrived at depot {number:010}","location":"Lisbon"}}]}}"#
    );
    load::post(&route, key, &body)
}

/// So long ago that all scans of a run are newer than what was filled, and none is to come.
#[expect(clippy::disallowed_methods, reason = "scans are as of now")]
fn before_now() -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(3)
}

fn changed_of(drawn: &[Drawn]) -> Vec<Changed> {
    let changed = drawn.iter().map(|one| Changed {
        key: crate::bare::unhex(&one.id),
        organization_number: one.organization_number,
    });
    changed.collect()
}
