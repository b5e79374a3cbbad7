//! Memory: after the start, and under a load that goes on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    load::{self, Requests, Shape},
    program::Program,
    rows::Measured,
    world::{TRACKINGS, World, create_body, mixed, url},
};

/// Starts measured.
const STARTS: usize = 5;
/// How long an idle server is left alone.
const IDLE: Duration = Duration::from_secs(3);
/// Of ten requests so many read.
const READS: u64 = 8;
const KIB: f64 = 1_024.0;

/// Reads, lists and creates for some minutes, the memory looked at between.
pub async fn measure(world: &World) -> Result<Measured> {
    let options = &world.options;
    let mut measured = Measured::default();
    let empty = world.filled(0, 1, 0)?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let database = url(&world.copy(&empty, "start.db")?);
        let begin = Instant::now();
        let _started = Program::waybill(&options.waybill, &database, "api,web,workers")?;
        starts.push(begin.elapsed().as_millis());
    }
    starts.sort_unstable();
    let idle = Program::waybill(
        &options.waybill,
        &url(&world.copy(&empty, "start.db")?),
        "api,web,workers",
    )?;
    tokio::time::sleep(IDLE).await;
    measured.notes.push(format!(
        "Started in {} ms (median of {STARTS}); {:.1} MB of anonymous memory when idle.",
        starts[STARTS / 2],
        idle.anonymous_memory()? as f64 / KIB
    ));
    drop(idle);

    let organizations = options.organizations.iter().max().copied().unwrap_or(1);
    let filled = Arc::new(world.filled(options.rows, organizations, 10)?);
    let drawn = filled.draw()?;
    let waybill = Program::waybill(
        &options.waybill,
        &url(&world.copy(&filled, "soak.db")?),
        "api",
    )?;
    let requests: Requests = Arc::new(move |number| {
        let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
        let key = &filled.organizations[one.organization].1;
        match number % 10 {
            0 => load::get(&format!("{TRACKINGS}?limit=100"), key),
            kind if kind <= READS => load::get(&format!("{TRACKINGS}/{}", one.id), key),
            _ => load::post(TRACKINGS, key, &create_body(number + 1_000)),
        }
    });
    let next = Arc::default();
    let mut seen = Vec::new();
    for minute in 0..options.minutes {
        let shape = Shape {
            connections: options.connections,
            duration: Duration::from_mins(1),
            rate: None,
        };
        load::run(&waybill.address, &requests, &next, shape).await?;
        seen.push(waybill.anonymous_memory()? as f64 / KIB);
        eprintln!(
            "minute {}: {:.1} MB",
            minute + 1,
            seen.last().copied().unwrap_or_default()
        );
    }
    let listed: Vec<String> = seen
        .iter()
        .map(|megabytes| format!("{megabytes:.0}"))
        .collect();
    measured.notes.push(format!(
        "Anonymous memory under load at {} trackings of {organizations} organizations, a minute each: {} MB \
         (wanted: below 250 MB, no growth).",
        options.rows,
        listed.join(", ")
    ));
    Ok(measured)
}
