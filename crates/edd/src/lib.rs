//! When a parcel is picked up, and when it arrives: pure functions of an order, a lane and a calendar.
//!
//! **For:** the pickup that follows from an order ([`Order::pickup`]), business days, the zone of an
//! address, and the dates of a lane ([`predict`]).
//!
//! **Must not know:** HTTP, SQL, the JSON of any API version, the clock, the disk.
//!
//! **To change a date:** the tables in `data/`. `lanes.csv` says how many business days a kind of
//! courier needs over a lane, the first line that fits counts; `couriers.csv` and `services.csv` say of
//! which kind a courier or its service is; `regions.csv` which countries are near each other;
//! `zones.csv` which zone a state has.

mod business_days;
mod lanes;
mod pickup;
mod places;
mod predict;

pub use business_days::BusinessDays;
pub use pickup::{DEFAULT_CUTOFF, Order, Processing};
pub use places::zone_of;
pub use predict::{Estimate, Place, Shipment, predict};
