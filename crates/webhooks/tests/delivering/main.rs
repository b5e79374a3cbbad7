//! Deliveries under a clock that the test moves: days of retries in milliseconds.

#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod crash;
mod lanes;
mod oauth;
mod schedule;
mod versions;
mod world;
