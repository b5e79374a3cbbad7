//! The engine against a real server: one that the tests start and end themselves, or the one that
//! `WAYBILL_TEST_POSTGRES` names.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests end where the tests would"
)]

mod conformance;
mod fixtures;
mod nodes;
mod outages;
mod server;
mod start;
