//! `/waybill/v1/webhooks`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod pause;
pub(crate) mod resume;
pub(crate) mod rotate_secret;
pub(crate) mod test;
pub(crate) mod update;
