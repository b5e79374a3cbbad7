//! `/notifications`, up to 2024-04: who hears of a tracking.

pub(crate) mod add;
pub(crate) mod get;
pub(crate) mod remove;
