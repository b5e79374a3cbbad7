//! `/waybill/v1/trackings/{id}/polling`.

pub(crate) mod get;
pub(crate) mod now;
