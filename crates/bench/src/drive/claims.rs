//! Jobs: claimed and finished.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use async_trait::async_trait;
use jiff::SignedDuration;
use rusqlite::params;
use tokio_util::sync::CancellationToken;
use waybill_jobs::{Done, Held, Runner, Wake, Worker};
use waybill_model::{Clock, OrganizationId};
use waybill_storage::{Commit, JobChange, NewJob, Storage, WriteSet};

use super::{Machine, On, client as client_of, meter, meter::Meter, open};
use crate::{bare, contest::Round, server::Server};

/// The kind of job that does nothing.
const KIND: &str = "bench";
/// Jobs of a claim, of an addition, and under way at once.
const CLAIM: usize = 100;
const ADDITION: u64 = 1_000;
/// As the runner's.
const LEASE: SignedDuration = SignedDuration::from_secs(10);
/// The one whose job waits behind the crowd.
const LONELY: u64 = u64::MAX;

/// Adds jobs that were due over the last hour.
pub async fn add(on: &On, jobs: u64, organizations: u64) -> Result<Round> {
    let storage = open(on).await?;
    let now = Machine.now();
    let meter = Meter::start(None)?;
    for start in (0..jobs).step_by(ADDITION as usize) {
        let mut set = WriteSet::new(organization(start / ADDITION % organizations));
        for index in start..jobs.min(start + ADDITION) {
            let ago = SignedDuration::from_secs((index % 3_600) as i64);
            set = set.job(job(now - ago));
        }
        apply(storage.as_ref(), set).await?;
    }
    storage.flush().await?;
    meter.stop(jobs).await
}

/// Through the runner, each job ended by its own commit.
pub async fn waybill(on: &On) -> Result<Round> {
    let storage = open(on).await?;
    let meter = meter(on).await?;
    let finished = Arc::new(AtomicU64::new(0));
    let worker = Finisher {
        storage: storage.clone(),
        finished: finished.clone(),
        lonely: None,
    };
    let stop = CancellationToken::new();
    let runner = runner(storage, worker);
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { runner.run(stop).await }
    });
    tokio::time::sleep(Duration::from_secs(on.seconds)).await;
    stop.cancel();
    running.await?;
    meter.stop(finished.load(Ordering::Relaxed)).await
}

/// How long the job of one waits behind those of another.
pub async fn fairness(on: &On) -> Result<Round> {
    let storage = open(on).await?;
    let (told, ran) = tokio::sync::oneshot::channel();
    let worker = Finisher {
        storage: storage.clone(),
        finished: Arc::default(),
        lonely: Some(std::sync::Mutex::new(Some(told))),
    };
    let stop = CancellationToken::new();
    let runner = runner(storage.clone(), worker);
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { runner.run(stop).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let added = Instant::now();
    apply(
        storage.as_ref(),
        WriteSet::new(organization(LONELY)).job(job(Machine.now())),
    )
    .await?;
    ran.await?;
    let waited = added.elapsed().as_secs_f64() * 1_000.0;
    stop.cancel();
    running.await?;
    Ok(Round {
        p50: waited,
        p99: waited,
        ..Round::default()
    })
}

/// The least statements: a claim and its ends are two commits. As Waybill's, claims do not wait for the disk.
pub async fn bare(on: &On) -> Result<Round> {
    match on.database.strip_prefix("sqlite:") {
        Some(file) => bare_sqlite(on, file).await,
        None => bare_postgres(on).await,
    }
}

async fn bare_sqlite(on: &On, file: &str) -> Result<Round> {
    let (connection, restart) = bare::writer(file.as_ref())?;
    let until = Instant::now() + Duration::from_secs(on.seconds);
    let meter = Meter::start(None)?;
    let mut done = 0;
    while Instant::now() < until {
        let now = Machine.now();
        let leased_until = (now + LEASE).as_microsecond();
        let place = |micros: i64| micros / 60_000_000;
        let mut claimed: Vec<(i64, i64, i64)> = Vec::new();
        connection.execute_batch("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE")?;
        {
            let mut statement = connection.prepare_cached(
                "UPDATE jobs SET place = place >> 40 << 40 | ?1, due_at = ?2, lease = lease + 1, attempts = attempts + 1
                 WHERE (place, key) IN (
                    SELECT place, key FROM jobs WHERE place BETWEEN (SELECT number << 40 FROM job_kinds WHERE kind = ?3)
                        AND (SELECT number << 40 | ?4 FROM job_kinds WHERE kind = ?3) AND due_at <= ?5
                    ORDER BY place, key LIMIT ?6)
                 RETURNING place, key, lease, payload, organization",
            )?;
            let now = now.as_microsecond();
            let limit = CLAIM as i64;
            let mut rows = statement.query(params![
                place(leased_until),
                leased_until,
                KIND,
                place(now),
                now,
                limit
            ])?;
            while let Some(row) = rows.next()? {
                let _: (String, Vec<u8>) = (row.get(3)?, row.get(4)?);
                claimed.push((row.get(0)?, row.get(1)?, row.get(2)?));
            }
        }
        connection.execute_batch("COMMIT; PRAGMA synchronous = FULL; BEGIN IMMEDIATE")?;
        for (place, key, lease) in &claimed {
            connection
                .prepare_cached("DELETE FROM jobs WHERE place = ?1 AND key = ?2 AND lease = ?3")?
                .execute(params![place, key, lease])?;
        }
        connection.execute_batch("COMMIT")?;
        bare::restart_if_asked(&connection, &restart)?;
        if claimed.is_empty() {
            bail!("no jobs were left: add more");
        }
        done += claimed.len() as u64;
    }
    meter.stop(done).await
}

async fn bare_postgres(on: &On) -> Result<Round> {
    let client = client_of(&on.database).await?;
    // Claims have a connection that never waits for the disk.
    let claimer = client_of(&on.database).await?;
    claimer
        .batch_execute("SET synchronous_commit = off")
        .await?;
    let meter = Meter::start(Some(Server::of(&client).await?))?;
    let claim = claimer
        .prepare(
            "WITH due AS (SELECT shard, key FROM jobs WHERE shard = $1 AND kind = $2 AND due_at <= $3
                          ORDER BY due_at, key LIMIT $4 FOR UPDATE SKIP LOCKED)
             UPDATE jobs SET due_at = $5, lease = lease + 1, attempts = attempts + 1
             FROM due WHERE jobs.shard = due.shard AND jobs.key = due.key
             RETURNING jobs.key, lease, payload, organization",
        )
        .await?;
    let finish = client
        .prepare(
            "DELETE FROM jobs USING unnest($2::bigint[], $3::bigint[]) AS done (key, lease)
             WHERE shard = $1 AND jobs.key = done.key AND jobs.lease = done.lease",
        )
        .await?;
    let shards = client.query("SELECT DISTINCT shard FROM jobs", &[]).await?;
    let shards: Vec<i16> = shards.iter().map(|row| row.get(0)).collect();
    let until = Instant::now() + Duration::from_secs(on.seconds);
    let mut done = 0;
    for turn in 0.. {
        if Instant::now() >= until || shards.is_empty() {
            break;
        }
        let shard = shards[turn % shards.len()];
        let now = Machine.now();
        let (due, leased_until) = (now.as_microsecond(), (now + LEASE).as_microsecond());
        let limit = CLAIM as i64;
        let rows = claimer
            .query(&claim, &[&shard, &KIND, &due, &limit, &leased_until])
            .await?;
        let keys: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        let leases: Vec<i64> = rows.iter().map(|row| row.get(1)).collect();
        client.execute(&finish, &[&shard, &keys, &leases]).await?;
        done += keys.len() as u64;
    }
    meter.stop(done).await
}

/// Ends each job by a commit of its own.
struct Finisher {
    storage: Arc<dyn Storage>,
    finished: Arc<AtomicU64>,
    lonely: Option<std::sync::Mutex<Option<tokio::sync::oneshot::Sender<()>>>>,
}

#[async_trait]
impl Worker for Finisher {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn concurrency(&self) -> usize {
        CLAIM
    }

    async fn run(&self, held: &Held) -> Done {
        let Held { job, lease } = held;
        let set = WriteSet::new(job.organization).job(lease.finish().await);
        if let Err(error) = self.storage.commit(set).await {
            return Done::Retry(error.to_string());
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
        if job.organization == organization(LONELY)
            && let Some(told) = &self.lonely
            && let Some(told) = told.lock().ok().and_then(|mut told| told.take())
        {
            let _ = told.send(());
        }
        Done::Committed
    }
}

fn runner(storage: Arc<dyn Storage>, worker: Finisher) -> Runner {
    Runner::builder(storage, Arc::new(Machine), Wake::default())
        .worker(worker)
        .build()
}

fn job(due_at: jiff::Timestamp) -> JobChange {
    JobChange::Add(NewJob {
        kind: KIND,
        due_at,
        payload: r#"{"tracking":"01a20635fc38700080004e1e361b14c1","leg":0}"#.to_owned(),
    })
}

fn organization(number: u64) -> OrganizationId {
    OrganizationId::from_uuid(uuid::Uuid::from_u128(u128::from(number) << 32 | 7))
}

async fn apply(storage: &dyn Storage, set: WriteSet) -> Result<()> {
    match storage.commit(set).await? {
        Commit::Applied { .. } => Ok(()),
        Commit::Conflict(conflict) => bail!("a job could not be added: {conflict:?}"),
    }
}
