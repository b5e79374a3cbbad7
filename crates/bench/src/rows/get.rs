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
        let requests_of = |trackings: String| {
            let filled = filled.clone();
            any(&drawn, move |one| by_id(&filled, one, &trackings))
        };
        let requests = requests_of(TRACKINGS.to_owned());
        let body = Connection::open(&waybill.address)
            .await?
            .exchange(&requests(0))
            .await?
            .to_vec();
        let path = world.path("body.json");
        std::fs::write(&path, &body)?;
        let fixed = Program::bare("fixed", &["--body", &path.to_string_lossy()])?;
        let read = Program::bare("read", &["--database", &filled.file.to_string_lossy()])?;

        // Measured is what is asked for again and again, not what a program does the first time.
        let ours = drawn.iter().map(|one| by_id(&filled, one, TRACKINGS));
        load::send_each(&waybill.address, options.connections, ours.collect()).await?;
        let theirs = drawn.iter().map(by_key);
        load::send_each(&read.address, options.connections, theirs.collect()).await?;

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
        let side = Side::new(&read, any(&drawn, by_key));
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
            let older_requests = requests_of(format!("{older}/trackings"));
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

/// Any of those that are drawn, another each time.
fn any(
    drawn: &Arc<Vec<Drawn>>,
    request: impl Fn(&Drawn) -> Vec<u8> + Send + Sync + 'static,
) -> Requests {
    let drawn = drawn.clone();
    Arc::new(move |number| request(&drawn[(mixed(number) % drawn.len() as u64) as usize]))
}

fn by_id(filled: &Filled, one: &Drawn, trackings: &str) -> Vec<u8> {
    let (_, key) = &filled.organizations[one.organization];
    load::get(&format!("{trackings}/{}", one.id), key)
}

/// As the bare program is asked.
fn by_key(one: &Drawn) -> Vec<u8> {
    load::get(&format!("/{}/{}", one.organization_number, one.id), "")
}
