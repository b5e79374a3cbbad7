//! The nodes that share a database: each says that it lives, learns who else does, and holds a share of
//! what couriers may be asked.
//!
//! A [`Member`] beats every few seconds. What it learns stands in its [`Standing`], which whoever asks
//! couriers reads without waiting. Shares are disjoint at every moment: a node that shall give something up first
//! stops using it, and lets go of it once nothing of it is in use; a node that cannot beat has nothing
//! when its time is over; and nobody takes a dead node's share before that.
//!
//! Must not know what a courier is or what its limits are: a share is a set of [`Parts`]. How limits are cut
//! by it is `polling`'s.

mod member;
mod standing;

pub use member::{InUse, Member, Who};
pub use standing::Standing;
pub use waybill_storage::{NodeRow, Parts, Roll};
