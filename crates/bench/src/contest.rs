//! Two programs, alternated.

use std::sync::{Arc, atomic::AtomicU64};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{
    load::{self, Requests, Shape},
    program::Program,
    report,
};

/// One of the two.
pub struct Side<'a> {
    /// The server.
    pub program: &'a Program,
    /// What it is sent.
    pub requests: Requests,
    /// The next request.
    pub next: Arc<AtomicU64>,
}

impl<'a> Side<'a> {
    /// A side that begins with its first request.
    pub fn new(program: &'a Program, requests: Requests) -> Self {
        Self {
            program,
            requests,
            next: Arc::default(),
        }
    }
}

/// One round of one program.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Round {
    /// Operations a second.
    pub rate: f64,
    /// CPU of the server an operation, in microseconds.
    pub cpu_micros: f64,
    /// KB that the server wrote an operation, with the copying of the log.
    pub written_kb: f64,
    /// Latencies in milliseconds.
    pub p50: f64,
    /// Of a hundred, the slowest but one.
    pub p99: f64,
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Contest {
    /// The work.
    pub work: String,
    /// What Waybill is beside.
    pub against: String,
    /// The least ratio that is wanted, in words.
    pub goal: String,
    /// Rounds of the bare program.
    pub bare: Vec<Round>,
    /// Rounds of Waybill.
    pub waybill: Vec<Round>,
}

impl Contest {
    /// An empty row.
    pub fn new(work: impl Into<String>, against: &str, goal: &str) -> Self {
        Self {
            work: work.into(),
            against: against.to_owned(),
            goal: goal.to_owned(),
            bare: Vec::new(),
            waybill: Vec::new(),
        }
    }

    /// Rounds of both in turn, after one of each that does not count.
    pub async fn alternate(
        mut self,
        rounds: usize,
        shape: Shape,
        writes: bool,
        bare: &Side<'_>,
        waybill: &Side<'_>,
    ) -> Result<Self> {
        eprintln!("{} against {}", self.work, self.against);
        let warm_up = Shape {
            duration: shape.duration / 2,
            ..shape
        };
        round(bare, warm_up, false).await?;
        round(waybill, warm_up, false).await?;
        for _ in 0..rounds {
            self.bare.push(round(bare, shape, writes).await?);
            self.waybill.push(round(waybill, shape, writes).await?);
        }
        eprintln!("{}", report::row(&self));
        Ok(self)
    }
}

/// One round.
pub async fn round(side: &Side<'_>, shape: Shape, writes: bool) -> Result<Round> {
    let before = side.program.usage()?;
    let outcome = load::run(&side.program.address, &side.requests, &side.next, shape).await?;
    if writes {
        side.program.quiet().await?;
    }
    let used = side.program.usage()?.since(before);
    let operations = outcome.latencies.len().max(1) as f64;
    Ok(Round {
        rate: outcome.rate(),
        cpu_micros: used.cpu_micros as f64 / operations,
        written_kb: used.written as f64 / 1_024.0 / operations,
        p50: outcome.percentile(50) / 1_000.0,
        p99: outcome.percentile(99) / 1_000.0,
    })
}

/// The middle value of a figure over rounds.
pub fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(figure).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How far the rounds lie apart: largest less smallest, in percent of the median.
pub fn spread(rounds: &[Round], figure: impl Fn(&Round) -> f64 + Copy) -> f64 {
    let values = rounds.iter().map(figure);
    let largest = values.clone().fold(f64::MIN, f64::max);
    let smallest = values.fold(f64::MAX, f64::min);
    100.0 * (largest - smallest) / median(rounds, figure).max(f64::MIN_POSITIVE)
}
