//! The one door for outgoing connections: couriers are asked, webhooks sent and files fetched
//! through [`Door::send`] and nowhere else.
//!
//! The door decides where a connection may go (an address filter at connect time, see
//! [`addresses`]), how long it may take and how large its answer may be. It follows no redirect,
//! takes no proxy from the environment, keeps no cookies and never repeats a request that may have
//! reached the other side.
//!
//! It must not know who calls: no couriers, no webhooks, no tracking. What an answer means is the
//! caller's business, and so are retries, rates and tokens.
//!
//! To block one more kind of address, add a line to the table in [`addresses`]. To answer one more
//! scheme inside the process, implement [`Answerer`] and hand it to [`Door::with_answerer`].

pub mod addresses;
mod door;
mod error;
mod names;
mod policy;
mod request;
mod target;
mod tls;

pub use door::Door;
pub use error::Error;
pub use policy::{Policy, Ports};
pub use request::{Answer, Answerer, Incomplete, Request};
