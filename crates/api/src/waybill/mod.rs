//! `/waybill/v1`.

pub(crate) mod batch;
pub(crate) mod checkpoints;
pub(crate) mod polling;
pub(crate) mod webhook_deliveries;
pub(crate) mod webhooks;
