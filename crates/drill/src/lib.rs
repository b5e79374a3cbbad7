//! The real binary in the hands of tests and fault drills: started in a folder of its own, asked over HTTP,
//! stopped, killed, frozen; with a receiver of webhooks, a courier, and checks of what must hold
//! whatever happened.
//!
//! What goes wrong here ends the test or the drill. To add a drill: a file in `drills/` and its line in
//! `main.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::print_stderr,
    reason = "a failure here is a failed test"
)]

mod command;
mod courier;
mod database;
mod http;
mod ledger;
mod load;
mod receiver;
mod server;
mod waiting;

pub use command::{Command, use_binary};
pub use courier::{SLOW_COURIER, SlowCourier};
pub use database::{Database, Feed};
pub use http::{Answer, send};
pub use ledger::{Ledger, Sum};
pub use load::{Load, Told};
pub use receiver::{Received, Receiver, ToldEvent};
pub use server::{KEY, Process, Server, text};
pub use tempfile::TempDir;
pub use waiting::{LOOPBACK, config, folder, holds_for, seconds, wait_for, wait_until};
