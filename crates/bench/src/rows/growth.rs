//! Waybill on a large database beside Waybill on a small one.

use std::sync::{Arc, atomic::AtomicU64};

use anyhow::Result;

use super::lists::{CHANGES, CONNECTIONS, LIMIT, LISTS, requests};
use crate::{
    contest::{Contest, Side},
    load::{self, Requests, Shape},
    program::Program,
    world::{Drawn, Filled, TRACKINGS, World, create_body, mixed, url},
};

/// Small rows: what grows is their number.
const CHECKPOINTS: u8 = 1;
/// The small database of creates, and of lists.
const SMALL: u64 = 100_000;
const SMALL_LISTS: u64 = 10_000;
/// The small lists are of one organization: of more, a page would not be full.
const ORGANIZATIONS_OF_SMALL_LISTS: u32 = 1;
const ORGANIZATIONS: u32 = 100;
/// What is asked for so rarely that it is on no page of the small database more than once: a page that has
/// ten times as much on it would say nothing of how lists grow.
const ONCE: &str = "RARE";
/// Engines, and how much slower creates may be on the large database.
const ENGINES: [(&str, &str, &str); 2] = [
    ("sqlite", "SQLite", "≥ 0.4 by rate"),
    ("postgres", "PostgreSQL", "≥ 0.7 by rate"),
];

/// Creates on both engines, and lists; in the table the small database stands for the bare program.
pub async fn measure(world: &World) -> Result<Vec<Contest>> {
    let options = &world.options;
    let mut contests = Vec::new();
    let shape = Shape {
        connections: options.connections,
        duration: options.round(),
        rate: None,
    };
    let (small, large) = (SMALL.min(options.large), options.large);

    // Before a copy of the large file takes the system's cache.
    if options.engines.iter().any(|engine| engine == "sqlite") {
        contests.extend(lists(world).await?);
    }
    for (name, engine, goal) in ENGINES {
        if !options.engines.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut sides = Vec::new();
        for (trackings, copy) in [(small, "small.db"), (large, "large.db")] {
            let (database, filled) = if name == "sqlite" {
                let filled = world.filled(trackings, ORGANIZATIONS, CHECKPOINTS)?;
                (url(&world.copy(&filled, copy)?), filled)
            } else {
                world
                    .filled_postgres(trackings, ORGANIZATIONS, CHECKPOINTS)
                    .await?
            };
            sides.push((
                Program::waybill(&options.waybill, &database, "api")?,
                creates(&filled),
            ));
        }
        let mut sides = sides.iter().map(|(program, requests)| Side {
            program,
            requests: requests.clone(),
            next: Arc::new(AtomicU64::new(1_000)),
        });
        if let (Some(small_side), Some(large_side)) = (sides.next(), sides.next()) {
            let work = format!("POST a tracking at {large} trackings, {engine}");
            let contest = Contest::new(work, &format!("the same at {small}"), goal);
            contests.push(
                contest
                    .alternate(options.rounds, shape, true, &small_side, &large_side)
                    .await?,
            );
        }
    }
    Ok(contests)
}

/// Lists, on SQLite.
async fn lists(world: &World) -> Result<Vec<Contest>> {
    let options = &world.options;
    let mut contests = Vec::new();
    let shape = Shape {
        connections: CONNECTIONS.min(options.connections),
        duration: options.round(),
        rate: None,
    };
    let large = options.large;
    let small = Arc::new(world.filled(
        SMALL_LISTS.min(large),
        ORGANIZATIONS_OF_SMALL_LISTS,
        CHECKPOINTS,
    )?);
    let large = Arc::new(world.filled(large, ORGANIZATIONS, CHECKPOINTS)?);
    let (small_drawn, large_drawn) = (Arc::new(small.draw()?), Arc::new(large.draw()?));
    let (small_since, large_since) = (
        Arc::new(small.since(CHANGES)?),
        Arc::new(large.since(CHANGES)?),
    );
    let small_program = Program::waybill(&options.waybill, &url(&small.file), "api")?;
    let large_program = Program::waybill(&options.waybill, &url(&large.file), "api")?;
    ask_for_each(&small_program, &small, &small_drawn).await?;
    ask_for_each(&large_program, &large, &large_drawn).await?;
    for (name, path, _) in LISTS {
        let work = format!("list of 100, {name}, at {} trackings", options.large);
        let contest = Contest::new(work, &format!("the same at {SMALL_LISTS}"), "p99 ≤ 1.5 ×");
        let limit = if path.contains(ONCE) { 1 } else { LIMIT };
        let small = requests(&small, &small_drawn, &small_since, path, limit, true);
        let large = requests(&large, &large_drawn, &large_since, path, limit, true);
        let small = Side::new(&small_program, small);
        let large = Side::new(&large_program, large);
        contests.push(
            contest
                .alternate(options.rounds, shape, false, &small, &large)
                .await?,
        );
    }
    Ok(contests)
}

/// Asks for each order that is drawn, so that what is measured is how lists grow, and not the disk: an order's
/// trackings stand anywhere, and the rounds ask for no more than a part of the orders, most for the first time.
async fn ask_for_each(program: &Program, filled: &Filled, drawn: &[Drawn]) -> Result<()> {
    let requests = drawn.iter().map(|one| {
        let (_, key) = &filled.organizations[one.organization];
        load::get(&format!("{TRACKINGS}?order_id={}", one.order), key)
    });
    load::send_each(&program.address, CONNECTIONS, requests.collect()).await
}

fn creates(filled: &Filled) -> Requests {
    let keys: Vec<String> = filled
        .organizations
        .iter()
        .map(|one| one.1.clone())
        .collect();
    Arc::new(move |number| {
        let key = &keys[(mixed(number ^ 0xabc) % keys.len() as u64) as usize];
        load::post(TRACKINGS, key, &create_body(number))
    })
}
