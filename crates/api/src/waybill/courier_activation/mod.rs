//! `/waybill/v1/courier-activation`.

pub(crate) mod get;
pub(crate) mod put;
