//! `GET /trackings/{id}`.

use std::sync::Arc;

use anyhow::Result;

use crate::{
    contest::{Contest, Side},
    load::{self, Connection, Requests, Shape},
    program::Program,
    world::{TRACKINGS, World, mixed, url},
};

/// Checkpoints of each tracking.
const CHECKPOINTS: u8 = 10;

/// Against bytes in memory, and against the same read.
pub async fn measure(world: &World) -> Result<Vec<Contest>> {
    let options = &world.options;
    let shape = Shape {
        connections: options.connections,
        duration: options.round(),
        rate: None,
    };
    let mut contests = Vec::new();
    for organizations in &options.organizations {
        let filled = Arc::new(world.filled(options.rows, *organizations, CHECKPOINTS)?);
        let drawn = Arc::new(filled.draw()?);
        let waybill = Program::waybill(&options.waybill, &url(&filled.file), "api")?;
        let requests: Requests = {
            let (filled, drawn) = (filled.clone(), drawn.clone());
            Arc::new(move |number| {
                let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
                load::get(
                    &format!("{TRACKINGS}/{}", one.id),
                    &filled.organizations[one.organization].1,
                )
            })
        };
        let body = Connection::open(&waybill.address)
            .await?
            .exchange(&requests(0))
            .await?
            .to_vec();
        let path = world.path("body.json");
        std::fs::write(&path, &body)?;
        let fixed = Program::bare("fixed", &["--body", &path.to_string_lossy()])?;
        let read = Program::bare("read", &["--database", &filled.file.to_string_lossy()])?;

        let by_key: Requests = {
            let (filled, drawn) = (filled.clone(), drawn.clone());
            Arc::new(move |number| {
                let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
                load::get(
                    &format!("/{}/{}", filled.organizations[one.organization].0, one.id),
                    "",
                )
            })
        };
        let work = format!(
            "GET a tracking ({:.1} KB), {organizations} organizations",
            body.len() as f64 / 1_024.0
        );
        let contest = Contest::new(&work, "axum, bytes in memory", "≥ 0.35");
        let side = Side::new(&fixed, Arc::new(|_| load::get("/x", "")));
        contests.push(
            contest
                .alternate(
                    options.rounds,
                    shape,
                    false,
                    &side,
                    &Side::new(&waybill, requests.clone()),
                )
                .await?,
        );
        let contest = Contest::new(&work, "axum + SQLite read", "≥ 0.85");
        let side = Side::new(&read, by_key);
        contests.push(
            contest
                .alternate(
                    options.rounds,
                    shape,
                    false,
                    &side,
                    &Side::new(&waybill, requests),
                )
                .await?,
        );
    }
    Ok(contests)
}
