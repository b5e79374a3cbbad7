//! The stage of a journey, as far as it tells when the next news comes.

use serde::{Deserialize, Serialize};

/// What the next news depends on most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The courier does not know the number yet, or knows no more than that it was announced.
    Announced,
    /// Between hubs.
    Moving,
    /// Moving, and due within a day or overdue.
    Near,
    /// On the last round.
    OutForDelivery,
    /// A delivery failed, and is tried again.
    AttemptFailed,
    /// At a counter, shop or locker.
    AvailableForPickup,
    /// Held: customs, damage, a wrong address.
    Held,
}

impl Stage {
    /// All stages, in the order of a parcel's life.
    pub const ALL: [Self; 7] = [
        Self::Announced,
        Self::Moving,
        Self::Near,
        Self::OutForDelivery,
        Self::AttemptFailed,
        Self::AvailableForPickup,
        Self::Held,
    ];

    /// Its place in [`Stage::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}
