//! Webhook events as a function of checkpoints, not of polls.

use jiff::{SignedDuration, Timestamp};

use crate::checkpoint::Checkpoint;
use crate::journey::order::{in_order, instant};
use crate::journey::{Aside, Journey, JourneyInput, derive};

/// What happened this long before the tracking was created is history: told in one event.
const HISTORY: SignedDuration = SignedDuration::from_secs(60);

/// One event: the tracking as of a moment in the unfolding.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How many of the learned checkpoints, in [`Unfolding::order`], this step knows.
    pub known: usize,
    /// The journey as of this step. Its indices are into `known` followed by `learned`, as they
    /// were given to [`unfold`].
    pub journey: Journey,
    /// Why there is an event.
    pub kind: StepKind,
}

/// Why there is an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// The tag or sub-status changed.
    StatusChanged,
    /// A newer checkpoint stands, without such a change.
    NewCheckpoint,
}

/// What newly learned checkpoints come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfolding {
    /// Indices into `learned`, in the order of their instants.
    pub order: Vec<usize>,
    /// The events, in order.
    pub steps: Vec<Step>,
    /// The journey with everything learned.
    pub last: Journey,
}

/// Folds `learned` into `known`, oldest first, with an event per change of the derived tag or
/// sub-status and one per newer standing checkpoint without such a change. What is back-filled,
/// folded, reworded, of another life or of the future makes no event. Checkpoints from before the
/// tracking was created make one event together.
pub fn unfold(input: &JourneyInput<'_>, known: &[Checkpoint], learned: &[Checkpoint]) -> Unfolding {
    let order = in_order(input, learned);
    let mut all = known.to_vec();
    all.extend(order.iter().map(|index| learned[*index].clone()));

    let history_ends = input
        .created_at
        .saturating_sub(HISTORY)
        .unwrap_or(Timestamp::MIN);
    let history = all[known.len()..]
        .iter()
        .take_while(|checkpoint| instant(checkpoint) < history_ends)
        .count();
    let first_step = history.max(1);

    let mut last = derive(input, known);
    let mut steps = Vec::new();
    let mut first_new = known.len();
    for count in first_step..=order.len() {
        let next = derive(input, &all[..known.len() + count]);
        if let Some(kind) = kind(&last, &next, first_new) {
            steps.push(Step {
                known: count,
                journey: next.clone(),
                kind,
            });
        }
        last = next;
        first_new = known.len() + count;
    }
    let position = |index: usize| match index.checked_sub(known.len()) {
        Some(place) => known.len() + order.get(place).copied().unwrap_or(place),
        None => index,
    };
    for journey in steps
        .iter_mut()
        .map(|step| &mut step.journey)
        .chain([&mut last])
    {
        renumber(journey, position);
    }
    Unfolding { order, steps, last }
}

/// Why `after` is news, `first_new` being the index of the first checkpoint that `before` lacks.
fn kind(before: &Journey, after: &Journey, first_new: usize) -> Option<StepKind> {
    if before.sub_status != after.sub_status {
        return Some(StepKind::StatusChanged);
    }
    // A back-filled checkpoint is not the newest, and a folded one has an old one among its members.
    let newest = after.standing.last()?;
    let is_new = newest.members.iter().all(|member| *member >= first_new);
    is_new.then_some(StepKind::NewCheckpoint)
}

/// Rewrites the indices of a journey.
fn renumber(journey: &mut Journey, position: impl Fn(usize) -> usize) {
    for standing in &mut journey.standing {
        standing.index = position(standing.index);
        standing.message_index = position(standing.message_index);
        for member in &mut standing.members {
            *member = position(*member);
        }
    }
    for (index, aside) in &mut journey.set_aside {
        *index = position(*index);
        if let Aside::Folded { into } = aside {
            *into = position(*into);
        }
    }
    journey.set_aside.sort_by_key(|(index, _)| *index);
}
