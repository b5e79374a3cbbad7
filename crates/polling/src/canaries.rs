//! Known numbers that are asked by the clock: an interface that changed is noticed even while no parcel of
//! the courier is on its way.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use waybill_couriers::{Couriers, Query};
use waybill_jobs::Schedule;
use waybill_service::Service;
use waybill_storage::PollOutcome;

use crate::ask::{Asked, Asker};

/// From one asking to the next.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How long ago a canary is said to have been added: some couriers are asked from that day on.
const AGE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What came of asking for a courier's canary, since this process started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Canary {
    /// How often it was asked, by [`PollOutcome::as_str`].
    pub askings: BTreeMap<&'static str, u64>,
    /// Events in the newest answer, 0 where none could be read. An asking without an answer changes nothing.
    pub events: Option<usize>,
}

/// All canaries that were asked, by courier.
#[derive(Default)]
pub(crate) struct Known(Mutex<BTreeMap<String, Canary>>);

impl Known {
    fn note(&self, slug: &str, outcome: PollOutcome, events: usize) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let canary = all.entry(slug.to_owned()).or_default();
        *canary.askings.entry(outcome.as_str()).or_default() += 1;
        if outcome != PollOutcome::CouldNotAsk {
            canary.events = Some(events);
        }
    }

    pub(crate) fn all(&self) -> Vec<(String, Canary)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .map(|(slug, canary)| (slug.clone(), canary.clone()))
            .collect()
    }
}

impl Asker {
    /// Asks for the canary of each courier that has one, within its limits and its budget, and notes what came
    /// of it. What cannot be asked now is left out until the next time.
    pub async fn ask_canaries(&self, couriers: &Couriers, now: Timestamp) {
        for (slug, options) in &self.couriers {
            let (Some(number), Some(courier)) = (&options.canary, couriers.get(slug)) else {
                continue;
            };
            let query = Query::new(number, now - AGE, now);
            let Asked::Reports(reports) = self.ask(courier, None, &[query]).await else {
                continue;
            };
            for report in reports {
                let reading = report.reading.as_ref();
                let events = reading.map_or(0, |reading| reading.checkpoints.len());
                self.known_canaries.note(slug, report.outcome, events);
                if report.outcome != PollOutcome::Ok {
                    let (outcome, reason) = (report.outcome.as_str(), report.reason);
                    tracing::warn!(slug, outcome, reason, "a canary told nothing");
                }
            }
        }
    }

    /// What came of the canaries, as far as this process asked for them.
    pub fn canaries(&self) -> Vec<(String, Canary)> {
        self.known_canaries.all()
    }
}

/// Asks for the canaries once an hour, on whichever node takes the turn.
pub struct AskCanaries {
    service: Service,
    asker: Arc<Asker>,
}

impl AskCanaries {
    /// A schedule for the canaries of the asker.
    pub fn new(service: Service, asker: Arc<Asker>) -> Self {
        Self { service, asker }
    }
}

#[async_trait]
impl Schedule for AskCanaries {
    fn name(&self) -> &'static str {
        "canaries"
    }

    fn every(&self) -> SignedDuration {
        EVERY
    }

    /// Only begins it: who takes the turns must not wait for couriers.
    async fn run(&self, now: Timestamp) -> Result<(), String> {
        let (couriers, asker) = (self.service.couriers(), self.asker.clone());
        tokio::spawn(async move { asker.ask_canaries(&couriers, now).await });
        Ok(())
    }
}
