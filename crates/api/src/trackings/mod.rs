//! `/trackings`.

pub(crate) mod create;
pub(crate) mod delete;
mod filter;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod mark_as_completed;
pub(crate) mod retrack;
pub(crate) mod update;
