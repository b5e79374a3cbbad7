//! The drills, one file each.

pub mod clocks;
pub mod disk_full;
pub mod frozen;
pub mod kill;
pub mod outage;
pub mod power_cut;
