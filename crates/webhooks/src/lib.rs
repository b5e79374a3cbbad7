//! Delivering events to webhooks: signed, in order per tracking, at least once.
//!
//! A delivery is a row that was committed with its event. Its job sends it when it stands at the
//! head of its lane (webhook, tracking), records the attempt and either ends it or sets the next
//! one. Nothing here decides which events there are; that is the service's.
//!
//! To change when attempts are made: [`schedule`]. To change what is sent: [`signature`] and
//! `send`.

mod deliver;
mod drain;
mod health;
mod oauth;
pub mod schedule;
mod send;
pub mod signature;

pub use deliver::DeliverWorker;
pub use drain::DrainWorker;
pub use send::{Sender, SenderOptions};
