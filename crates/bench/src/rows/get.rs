//! `GET /trackings/{id}`.

use std::sync::Arc;

use anyhow::Result;

use crate::{
    contest::{Contest, Side},
    load::{self, Connection, Requests, Shape},
    program::Program,
    world::{Drawn, Filled, TRACKINGS, World, mixed, url},
};

/// Checkpoints of each tracking.
const CHECKPOINTS: u8 = 10;

/// Versions that are measured beside the newest: those from which most has changed.
const OLDER: [&str; 3] = ["/v4", "/tracking/2024-01", "/tracking/2025-01"];

/// Against bytes in memory, and against the same read; older versions against the newest.
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
        let requests = one(&filled, &drawn, TRACKINGS);
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
            let drawn = drawn.clone();
            Arc::new(move |number| {
                let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
                load::get(&format!("/{}/{}", one.organization_number, one.id), "")
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
                    &Side::new(&waybill, requests.clone()),
                )
                .await?,
        );
        for older in OLDER {
            let older_requests = one(&filled, &drawn, &format!("{older}/trackings"));
            let contest = Contest::new(format!("{work}, {older}"), "the newest version", "≥ 0.40");
            let side = Side::new(&waybill, requests.clone());
            contests.push(
                contest
                    .alternate(
                        options.rounds,
                        shape,
                        false,
                        &side,
                        &Side::new(&waybill, older_requests),
                    )
                    .await?,
            );
        }
    }
    Ok(contests)
}

/// A tracking by its id, another each time.
fn one(filled: &Arc<Filled>, drawn: &Arc<Vec<Drawn>>, trackings: &str) -> Requests {
    let (filled, drawn, trackings) = (filled.clone(), drawn.clone(), trackings.to_owned());
    Arc::new(move |number| {
        let one = &drawn[(mixed(number) % drawn.len() as u64) as usize];
        load::get(
            &format!("{trackings}/{}", one.id),
            &filled.organizations[one.organization].1,
        )
    })
}
