//! Webhook events as a function of checkpoints, not of polls.

use jiff::{SignedDuration, Timestamp};

use crate::checkpoint::Checkpoint;
use crate::journey::order::{instant, put_in_order};
use crate::journey::{Journey, JourneyInput, derive};

/// What happened this long before the tracking was created is history: told in one event.
const HISTORY: SignedDuration = SignedDuration::from_secs(60);

/// One event: the tracking as of a moment in the unfolding.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How many checkpoints this step knows: so many of the first.
    pub known: usize,
    /// The journey as of this step.
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
    /// The events, in order.
    pub steps: Vec<Step>,
    /// The journey with everything learned.
    pub last: Journey,
}

/// Adds what was learned at once to the known `checkpoints`, in the order in which it happened, with an
/// event per change of the derived tag or sub-status and one per newer standing checkpoint without
/// such a change. What is back-filled, folded, reworded, of another life or of the future makes no
/// event. Checkpoints from before the tracking was created make one event together.
pub fn unfold(
    input: &JourneyInput<'_>,
    checkpoints: &mut Vec<Checkpoint>,
    mut learned: Vec<Checkpoint>,
) -> Unfolding {
    put_in_order(input, &mut learned);
    let history_ends = input
        .created_at
        .saturating_sub(HISTORY)
        .unwrap_or(Timestamp::MIN);
    let history = learned
        .iter()
        .take_while(|checkpoint| instant(checkpoint) < history_ends)
        .count();
    let mut last = derive(input, checkpoints);
    let mut first_new = checkpoints.len();
    let first_step = first_new + history.max(1);
    checkpoints.extend(learned);

    let mut steps = Vec::new();
    for known in first_step..=checkpoints.len() {
        let next = derive(input, &checkpoints[..known]);
        if let Some(kind) = kind(&last, &next, first_new) {
            let journey = next.clone();
            steps.push(Step {
                known,
                journey,
                kind,
            });
        }
        last = next;
        first_new = known;
    }
    Unfolding { steps, last }
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
