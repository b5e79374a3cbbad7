//! Durable `POST /trackings`.

use std::sync::{Arc, atomic::AtomicU64};

use anyhow::Result;

use crate::{
    contest::{Contest, Side, median},
    load::{self, Requests, Shape},
    program::Program,
    world::{TRACKINGS, World, create_body, mixed, url},
};

/// The open loop offers this part of the slower program's rate: what it can do without a queue.
const OFFERED: f64 = 0.5;
/// Its rounds are so much longer: the log is copied a few times in each, and not in some of them only.
const OPEN_ROUNDS: u32 = 3;
/// Its connections: enough that none is ever waited for.
const OPEN_CONNECTIONS: usize = 256;

/// Against the same rows in group commits, on an empty database and on a full one; closed loop, then
/// both at the same offered rate.
pub async fn measure(world: &World) -> Result<Vec<Contest>> {
    let options = &world.options;
    let prototype = world.prototype().await?;
    let mut contests = Vec::new();
    for organizations in &options.organizations {
        for trackings in [0, options.rows] {
            let filled = world.filled(trackings, *organizations, 10)?;
            let (ours, theirs) = (
                world.copy(&filled, "waybill.db")?,
                world.copy(&filled, "bare.db")?,
            );
            let waybill = Program::waybill(&options.waybill, &url(&ours), "api")?;
            let bare = Program::bare(
                "create",
                &[
                    "--database",
                    &theirs.to_string_lossy(),
                    "--prototype",
                    &prototype.to_string_lossy(),
                ],
            )?;
            let keys: Vec<String> = filled
                .organizations
                .iter()
                .map(|one| one.1.clone())
                .collect();
            let ours: Requests = Arc::new(move |number| {
                let key = &keys[(mixed(number ^ 0xabc) % keys.len() as u64) as usize];
                load::post(TRACKINGS, key, &create_body(number))
            });
            let theirs: Requests = Arc::new(|number| load::post("/", "", &create_body(number)));
            // Other numbers than the ones of the prototype.
            let next = || Arc::new(AtomicU64::new(1_000));
            let bare = Side {
                program: &bare,
                requests: theirs,
                next: next(),
            };
            let waybill = Side {
                program: &waybill,
                requests: ours,
                next: next(),
            };

            let place = format!("at {trackings} trackings, {organizations} organizations");
            let shape = Shape {
                connections: options.connections,
                duration: options.round(),
                rate: None,
            };
            let contest = Contest::new(
                format!("POST a tracking {place}"),
                "axum + group commit",
                "≥ 0.75; ≤ 15 KB",
            );
            let closed = contest
                .alternate(options.rounds, shape, true, &bare, &waybill)
                .await?;
            if options.wants("latency") {
                let slower = median(&closed.waybill, |round| round.rate)
                    .min(median(&closed.bare, |round| round.rate));
                let rate = slower * OFFERED;
                let shape = Shape {
                    connections: OPEN_CONNECTIONS,
                    duration: shape.duration * OPEN_ROUNDS,
                    rate: Some(rate),
                };
                let work = format!("the same, {rate:.0}/s offered, {place}");
                let contest = Contest::new(work, "axum + group commit", "p99 ≤ 2 ×");
                contests.push(
                    contest
                        .alternate(options.rounds, shape, true, &bare, &waybill)
                        .await?,
                );
            }
            contests.insert(
                contests.len() - usize::from(options.wants("latency")),
                closed,
            );
        }
    }
    Ok(contests)
}
