//! What became of each checkpoint.

use jiff::Timestamp;

use crate::checkpoint::Checkpoint;
use crate::status::SubStatus;

/// A checkpoint that counts, after folding. Indices are into the checkpoints given to `derive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The first identity: its hash and its time are shown.
    pub index: usize,
    /// The more exact code of those that were folded.
    pub sub_status: SubStatus,
    /// Whose text is shown: the newest rewrite.
    pub message_index: usize,
    /// When it happened.
    pub instant: Timestamp,
    /// When we first learned of it.
    pub learned_at: Timestamp,
    /// All that were folded into it, itself included: the carrier's own tellings by their time,
    /// then former wordings, then other carriers' tellings.
    pub members: Vec<usize>,
}

/// Why a checkpoint does not count by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// Told twice: part of the standing checkpoint whose `index` this is.
    Folded {
        /// Index of the standing checkpoint's first identity.
        into: usize,
    },
    /// The carrier took it back.
    Withdrawn,
    /// It belongs to an earlier parcel with the same number.
    OtherLife,
    /// Its time has not come.
    Future,
    /// Its clock is wrong.
    BrokenClock,
    /// It was learned after the tracking was completed by hand.
    AfterCompletion,
}

impl Standing {
    /// The one checkpoint to show: identity and time of the first, text of the newest rewrite, and
    /// of everything else what any of the folded ones knows. `checkpoints` are those given to
    /// `derive`; `None` if they are others.
    pub fn shown(&self, checkpoints: &[Checkpoint]) -> Option<Checkpoint> {
        let mut shown = checkpoints.get(self.index)?.clone();
        let text = checkpoints.get(self.message_index)?;
        shown.sub_status = self.sub_status;
        shown.message.clone_from(&text.message);
        shown.code = text.code.clone().or(shown.code);
        shown.seen_at = self.learned_at;
        shown.withdrawn = false;
        shown.missing_count = 0;
        for member in self
            .members
            .iter()
            .filter_map(|index| checkpoints.get(*index))
        {
            fill(&mut shown.location, member.location.as_ref());
            fill(&mut shown.city, member.city.as_ref());
            fill(&mut shown.state, member.state.as_ref());
            fill(&mut shown.postal_code, member.postal_code.as_ref());
            fill(&mut shown.country, member.country.as_ref());
            fill(&mut shown.coordinate, member.coordinate.as_ref());
            fill(&mut shown.signed_by, member.signed_by.as_ref());
            for event in &member.events {
                if !shown.events.contains(event) {
                    shown.events.push(event.clone());
                }
            }
        }
        Some(shown)
    }
}

fn fill<T: Clone>(target: &mut Option<T>, source: Option<&T>) {
    if target.is_none() {
        *target = source.cloned();
    }
}
