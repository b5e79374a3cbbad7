//! `/waybill/v1`.

pub(crate) mod api_keys;
pub(crate) mod batch;
pub(crate) mod checkpoints;
pub(crate) mod courier_activation;
pub(crate) mod locations;
pub(crate) mod look;
pub(crate) mod polling;
pub(crate) mod push;
pub(crate) mod webhook_deliveries;
pub(crate) mod webhooks;
