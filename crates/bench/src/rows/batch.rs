//! `POST /waybill/v1/trackings/batch`.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Result;

use crate::{
    contest::{Contest, Round, Side, median, round},
    drive::drive,
    load::{self, Shape},
    program::Program,
    rows::Measured,
    server::Server,
    world::{Filled, TRACKINGS, World, create_body, url},
};

const ROUTE: &str = "/waybill/v1/trackings/batch";
/// Trackings of a request: the most there may be.
const BATCH: u64 = 1_000;
/// Above what is reached.
const BATCHES_A_SECOND: u64 = 50;
/// Requests at once.
const CONNECTIONS: usize = 4;

/// Against the bare batching writers, in trackings a second.
pub async fn measure(world: &World) -> Result<Measured> {
    let mut measured = Measured::default();
    measured.contests.push(on_sqlite(world).await?);
    for organizations in &world.options.organizations {
        let (contest, note) = on_postgres(world, *organizations).await?;
        measured.contests.push(contest);
        measured.notes.push(note);
    }
    Ok(measured)
}

async fn on_sqlite(world: &World) -> Result<Contest> {
    let prototype = world.prototype().await?;
    let filled = world.filled(0, 1, 0)?;
    let ours = url(&world.copy(&filled, "waybill.db")?);
    let theirs = url(&world.copy(&filled, "bare.db")?);
    let waybill = Program::waybill(&world.options.waybill, &ours, "api")?;
    let side = side(&waybill, &filled);
    let mut contest = contest("batch create, SQLite, each tracking");
    for _ in 0..world.options.rounds {
        contest.bare.push(bare(world, &theirs, &prototype)?);
        contest.waybill.push(batches(world, &side).await?);
    }
    Ok(contest)
}

/// Both databases are on one server, which works for one program at a time. Also what the server
/// itself took.
async fn on_postgres(world: &World, organizations: u32) -> Result<(Contest, String)> {
    let prototype = world.prototype_postgres().await?;
    let (ours, filled) = world.filled_postgres(0, organizations, 0).await?;
    let (theirs, others) = world.filled_postgres(0, organizations, 0).await?;
    begin(world, &theirs, &others).await?;
    let client = waybill_test_postgres::client(&ours).await;
    let server = Server::of(&client).await?;
    let waybill = Program::waybill(&world.options.waybill, &ours, "api")?;
    let side = side(&waybill, &filled);
    let work = format!("batch create, PostgreSQL, {organizations} organizations, each tracking");
    let mut contest = contest(&work);
    let (mut for_bare, mut for_waybill) = (Vec::new(), Vec::new());
    for _ in 0..world.options.rounds {
        let before = server.cpu_micros()?;
        let round = bare(world, &theirs, &prototype)?;
        let between = server.cpu_micros()?;
        for_bare.push(of_server(world, round, between - before));
        contest.bare.push(round);
        let round = batches(world, &side).await?;
        for_waybill.push(of_server(world, round, server.cpu_micros()? - between));
        contest.waybill.push(round);
    }
    let micros = |rounds: &[Round]| median(rounds, |round| round.cpu_micros);
    let note = format!(
        "{work}: the server itself took {:.0} µs of CPU for Waybill, {:.0} for the bare writer.",
        micros(&for_waybill),
        micros(&for_bare)
    );
    Ok((contest, note))
}

/// Makes what the first creates make besides: the tables of the week, counters.
async fn begin(world: &World, database: &str, filled: &Filled) -> Result<()> {
    let waybill = Program::waybill(&world.options.waybill, database, "api")?;
    let mut http = load::Connection::open(&waybill.address).await?;
    for (number, (_, key)) in (0..).zip(&filled.organizations) {
        http.exchange(&load::post(TRACKINGS, key, &create_body(number)))
            .await?;
    }
    Ok(())
}

fn contest(work: &str) -> Contest {
    let contest = Contest::new(work, "bare batching writer", "≥ 0.7 by rate");
    eprintln!("{} against {}", contest.work, contest.against);
    contest
}

/// Batches of all organizations in turn.
fn side<'a>(waybill: &'a Program, filled: &Filled) -> Side<'a> {
    let keys = filled.organizations.iter().map(|(_, key)| key.clone());
    let keys: Vec<String> = keys.collect();
    let request = move |number: u64| {
        let trackings: Vec<String> = (0..BATCH)
            .map(|index| create_body(number * BATCH + index))
            .collect();
        load::post(
            ROUTE,
            &keys[number as usize % keys.len()],
            &format!("{{\"trackings\":[{}]}}", trackings.join(",")),
        )
    };
    Side {
        program: waybill,
        requests: Arc::new(request),
        next: Arc::new(AtomicU64::new(1)),
    }
}

/// The same with its next requests written already, as many as a round may take: the bare writer has nobody beside
/// it who writes bodies.
fn written<'a>(side: &Side<'a>, seconds: u64) -> Side<'a> {
    let first = side.next.load(Ordering::Relaxed);
    let written: Vec<Vec<u8>> = (first..first + seconds * BATCHES_A_SECOND)
        .map(|number| (side.requests)(number))
        .collect();
    let requests = side.requests.clone();
    Side {
        requests: Arc::new(move |number| {
            let written = written.get((number - first) as usize);
            written.cloned().unwrap_or_else(|| requests(number))
        }),
        next: side.next.clone(),
        program: side.program,
    }
}

/// A round of Waybill, by trackings.
async fn batches(world: &World, side: &Side<'_>) -> Result<Round> {
    let shape = Shape {
        connections: CONNECTIONS,
        duration: world.options.round(),
        rate: None,
    };
    let side = written(side, world.options.seconds);
    let whole = round(&side, shape, true).await?;
    Ok(Round {
        rate: whole.rate * BATCH as f64,
        cpu_micros: whole.cpu_micros / BATCH as f64,
        written_kb: whole.written_kb / BATCH as f64,
        ..whole
    })
}

/// A round of the bare writer.
fn bare(world: &World, database: &str, prototype: &Path) -> Result<Round> {
    drive(&[
        "bare-writer",
        "--database",
        database,
        "--prototype",
        &prototype.to_string_lossy(),
        "--seconds",
        &world.options.seconds.to_string(),
    ])
}

/// What a server took for each tracking of a round, as the round's CPU.
fn of_server(world: &World, round: Round, cpu_micros: u64) -> Round {
    let trackings = round.rate * world.options.seconds as f64;
    Round {
        cpu_micros: cpu_micros as f64 / trackings.max(1.0),
        ..round
    }
}
