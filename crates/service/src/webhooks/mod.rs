//! Webhooks: who is told of what, and what became of it.

mod create;
mod deliveries;
mod document;
mod manage;
mod sample;

pub use document::{WebhookDocument, WebhookOauth, WebhookStatus};

/// The kind of job that brings the waiting deliveries of a webhook due; its payload is the
/// webhook's id.
pub const DRAIN_JOB: &str = "drain";
