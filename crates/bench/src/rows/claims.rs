//! Due jobs, claimed and finished.

use anyhow::Result;

use crate::{
    contest::Contest,
    drive::drive,
    rows::Measured,
    world::{World, url},
};

/// More than a round can finish; added before each.
const JOBS_PER_SECOND: u64 = 200_000;

/// Against the least statements, on both engines; and how long one job waits behind a crowd.
pub async fn measure(world: &World) -> Result<Measured> {
    let mut measured = Measured::default();
    let seconds = world.options.seconds.to_string();
    let empty = world.filled(0, 1, 0)?;
    for engine in ["SQLite", "PostgreSQL"] {
        let mut contest = Contest::new(
            format!("due jobs, claimed and finished, {engine}"),
            "claim loop",
            "≥ 0.7",
        );
        eprintln!("{} against {}", contest.work, contest.against);
        let new = async || -> Result<String> {
            if engine == "SQLite" {
                return Ok(url(&world.copy(&empty, "claims.db")?));
            }
            let url = waybill_test_postgres::empty().await;
            // Opening it makes its tables.
            drive(&["add-jobs", "--database", &url, "--jobs", "1"])?;
            Ok(url)
        };
        let jobs = (JOBS_PER_SECOND * world.options.seconds).to_string();
        for _ in 0..world.options.rounds {
            for (kind, rounds) in [
                ("bare-claims", &mut contest.bare),
                ("claims", &mut contest.waybill),
            ] {
                let database = new().await?;
                drive(&["add-jobs", "--database", &database, "--jobs", &jobs])?;
                rounds.push(drive(&[
                    kind,
                    "--database",
                    &database,
                    "--seconds",
                    &seconds,
                ])?);
            }
        }
        measured.contests.push(contest);

        let database = new().await?;
        let crowd = world.options.rows.to_string();
        drive(&[
            "add-jobs",
            "--database",
            &database,
            "--jobs",
            &crowd,
            "--organizations",
            "1",
        ])?;
        let waited = drive(&["fairness", "--database", &database])?.p50 / 1_000.0;
        measured.notes.push(format!(
            "{engine}: behind {crowd} due jobs of another organization one job waited {waited:.2} s (wanted: at most 2 s)."
        ));
    }
    Ok(measured)
}
