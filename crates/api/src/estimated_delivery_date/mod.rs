//! `/estimated-delivery-date`.

pub(crate) mod predict;
pub(crate) mod predict_batch;
