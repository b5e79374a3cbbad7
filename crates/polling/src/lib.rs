//! Asking couriers: the poll job from request to ingest.
//!
//! The job reads whom to ask, lets the courier's folder build the request, sends it through the
//! door, lets the folder read the answer, and hands what came of it to the service. Each failure
//! is one of the outcomes of [`waybill_storage::PollOutcome`], never "no news". What a courier's
//! answer looks like is data in its folder; nothing here knows any courier by name.
//!
//! To change when couriers are asked: [`cadence`], a pure function. To add a way to authenticate:
//! the couriers crate.

mod ask;
mod budgets;
pub mod cadence;
mod canaries;
mod limits;
mod question;
mod recognise;
mod report;
mod rhythms;
mod sandbox;
mod shares;
mod staleness;
mod tokens;
mod trial;
mod worker;

pub use ask::{Asker, CourierOptions};
pub use canaries::{AskCanaries, Canary};
pub use recognise::RecogniseWorker;
pub use sandbox::SandboxAnswerer;
pub use staleness::Histogram;
pub use trial::Trial;
pub use worker::{CONCURRENCY, PollWorker};
