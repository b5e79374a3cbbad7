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

    /// From how many scans on, and up to how many, parcels of this stage are told apart by them: whether the courier knows
    /// the number; how far it has come on its route.
    const fn scans(self) -> (usize, usize) {
        match self {
            Self::Announced => (0, 1),
            Self::Moving | Self::Near => (1, 12),
            Self::OutForDelivery | Self::AttemptFailed | Self::AvailableForPickup | Self::Held => {
                (0, 0)
            }
        }
    }

    /// The row of a rhythm for parcels of this stage that have so many scans.
    pub(crate) fn row(self, scans: usize) -> usize {
        let (fewest, most) = self.scans();
        match scans.clamp(fewest, most) - fewest {
            0 => self.index(),
            more => {
                let before = Self::ALL.iter().take(self.index());
                Self::ALL.len() + before.map(|stage| stage.more()).sum::<usize>() + more - 1
            }
        }
    }

    /// The stages of all rows: first one for each stage, then those of parcels with more scans. In that order, what
    /// was kept before scans were counted can be read, and an older program reads what is kept now.
    pub(crate) fn rows() -> impl Iterator<Item = Self> {
        let more = |stage: Self| std::iter::repeat_n(stage, stage.more());
        Self::ALL
            .into_iter()
            .chain(Self::ALL.into_iter().flat_map(more))
    }

    /// Rows beyond its first.
    const fn more(self) -> usize {
        let (fewest, most) = self.scans();
        most - fewest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_and_number_of_scans_has_its_row() {
        let rows: Vec<Stage> = Stage::rows().collect();
        for stage in Stage::ALL {
            for scans in 0..20 {
                assert_eq!(rows[stage.row(scans)], stage);
            }
        }
        let moving: std::collections::BTreeSet<usize> =
            (0..20).map(|scans| Stage::Moving.row(scans)).collect();
        assert_eq!(moving.len(), 12);
        assert_eq!(rows[..7], Stage::ALL);
        assert_eq!(Stage::Near.row(12), rows.len() - 1);
    }
}
