//! What every black-box test needs; shared with the fault drills.

pub use waybill_drill::*;
