//! When a courier is asked next.
//!
//! **For:** the rhythm of a courier ([`Rhythm`]: how likely news is at an hour, a weekday and an age, by the
//! stage of the journey; priors that are corrected by what was seen) and the wait that follows from it
//! ([`wait`]).
//!
//! **Must not know:** couriers, trackings, clocks, IO. Time here is minutes on the local clock of the place
//! where the parcel is, counted from some Monday, 00:00.
//!
//! **The idea.** Where news comes at a rate λ and a minute of not knowing it costs w, asking every T costs
//! `price / T + w·λ·T / 2`, least at `T = √(2·price / (w·λ))`: asking should be as dense as `√(w·λ)`. λ changes by
//! the hour, so this density is added up from the last asking on, and the courier is asked when the sum
//! reaches the price of a call. Nothing is asked where nothing can come; all budgets are kept by the price.
//!
//! **To add:** a stage is a variant of [`Stage`] with its line in `priors.rs`.

mod courtesies;
mod priors;
mod purse;
mod rhythm;
mod row;
mod stage;
mod wait;

pub use courtesies::{longest, proof};
pub use purse::{Purse, spendable};
pub use rhythm::{Asked, Lessons, Rhythm};
pub use stage::Stage;
pub use wait::{
    LONGEST_MINUTES, Price, SHORTEST_MINUTES, Since, may_be_early, put_off, wait, worth,
};

/// Minutes of a day.
pub const DAY: i64 = 24 * 60;
