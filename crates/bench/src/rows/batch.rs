//! `POST /waybill/v1/trackings/batch`.

use std::sync::{Arc, atomic::AtomicU64};

use anyhow::Result;

use crate::{
    contest::{Contest, Round, Side, round},
    drive::drive,
    load::{self, Shape},
    program::Program,
    rows::Measured,
    world::{World, create_body, url},
};

const ROUTE: &str = "/waybill/v1/trackings/batch";
/// Trackings of a request: the most there may be.
const BATCH: u64 = 1_000;
/// Requests at once.
const CONNECTIONS: usize = 4;

/// Against the bare batching writer, in trackings a second.
pub async fn measure(world: &World) -> Result<Measured> {
    let options = &world.options;
    let mut measured = Measured::default();
    let prototype = world.prototype().await?;
    let filled = world.filled(0, 1, 0)?;
    let (ours, theirs) = (
        world.copy(&filled, "waybill.db")?,
        world.copy(&filled, "bare.db")?,
    );
    let waybill = Program::waybill(&options.waybill, &url(&ours), "api")?;
    let key = filled.organizations[0].1.clone();
    let request = move |number: u64| {
        let trackings: Vec<String> = (0..BATCH)
            .map(|index| create_body(number * BATCH + index))
            .collect();
        load::post(
            ROUTE,
            &key,
            &format!("{{\"trackings\":[{}]}}", trackings.join(",")),
        )
    };
    if let Err(error) = load::Connection::open(&waybill.address)
        .await?
        .exchange(&request(1_000_000))
        .await
    {
        measured.notes.push(format!(
            "Batches of creates were not measured: {}",
            error.to_string().lines().next().unwrap_or_default()
        ));
        return Ok(measured);
    }
    let mut contest = Contest::new(
        "batch create, SQLite, each tracking",
        "bare batching writer",
        "≥ 0.7",
    );
    eprintln!("{} against {}", contest.work, contest.against);
    let side = Side {
        program: &waybill,
        requests: Arc::new(request),
        next: Arc::new(AtomicU64::new(1)),
    };
    let shape = Shape {
        connections: CONNECTIONS,
        duration: options.round(),
        rate: None,
    };
    let database = url(&theirs);
    let (prototype, seconds) = (
        prototype.to_string_lossy().into_owned(),
        options.seconds.to_string(),
    );
    for _ in 0..options.rounds {
        let arguments = [
            "bare-writer",
            "--database",
            &database,
            "--prototype",
            &prototype,
            "--seconds",
            &seconds,
        ];
        contest.bare.push(drive(&arguments)?);
        let whole = round(&side, shape, true).await?;
        contest.waybill.push(Round {
            rate: whole.rate * BATCH as f64,
            cpu_micros: whole.cpu_micros / BATCH as f64,
            written_kb: whole.written_kb / BATCH as f64,
            ..whole
        });
    }
    measured.contests.push(contest);
    Ok(measured)
}
