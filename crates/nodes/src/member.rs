//! The beating of one node.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use waybill_model::{Clock, NodeId};
use waybill_storage::{Hint, NodeRow, Parts, Result, Roll, Storage};

use crate::Standing;

/// A node that does not beat counts as dead after this, as a job whose lease is not renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(10);
/// So that one or two that fail do not matter.
const BEAT_EVERY: Duration = Duration::from_secs(3);
/// And so often while it gives something up, for which others wait.
const BEAT_EVERY_WHILE_SHRINKING: Duration = Duration::from_millis(250);

/// Who beats.
#[derive(Debug, Clone)]
pub struct Who {
    /// The node.
    pub id: NodeId,
    /// What it does, comma-separated.
    pub roles: String,
    /// Whether it asks couriers.
    pub shares: bool,
}

/// Knows what of the couriers' limits is in use.
pub trait InUse: Send + Sync {
    /// Whether all that is under way is within these parts.
    fn fits(&self, parts: Parts) -> bool;
}

/// A node among others.
pub struct Member {
    who: Who,
    started_at: Timestamp,
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    standing: Standing,
    in_use: Arc<dyn InUse>,
}

impl Member {
    /// A node that is not yet known to the others.
    pub fn new(
        who: Who,
        storage: Arc<dyn Storage>,
        clock: Arc<dyn Clock>,
        standing: Standing,
        in_use: Arc<dyn InUse>,
    ) -> Self {
        Self {
            started_at: clock.now(),
            who,
            storage,
            clock,
            standing,
            in_use,
        }
    }

    /// Says that it lives, until the lease is over, and learns who else does.
    pub async fn beat(&self) -> Result<Roll> {
        for closed in self.standing.untold() {
            if let Err(error) = self.storage.close_courier(&closed.0, closed.1).await {
                self.standing.still_untold(closed);
                return Err(error);
            }
        }
        // The time of before the beat: what the database counts from is never later.
        let now = self.clock.now();
        let until = now + LEASE;
        let row = NodeRow {
            id: self.who.id,
            roles: self.who.roles.clone(),
            started_at: self.started_at,
            until,
            shares: self.who.shares,
            parts: self.standing.keeps(now, |parts| self.in_use.fits(parts)),
        };
        let roll = self.storage.beat(row, now).await?;
        let own = roll.nodes.iter().find(|node| node.id == self.who.id);
        let held = own.map_or(Parts::NONE, |node| node.parts);
        self.standing.learn(&roll, held, until, now);
        Ok(roll)
    }

    /// Beats until told to stop; `learned` hears of each roll.
    pub async fn run(&self, stop: CancellationToken, learned: impl Fn(&Roll)) {
        let mut pause = BEAT_EVERY;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                () = self.storage.hinted(Hint::Nodes) => {}
                () = self.standing.news() => {}
            }
            match self.beat().await {
                Ok(roll) => {
                    let own = roll.nodes.iter().find(|node| node.id == self.who.id);
                    let shrinks = own.is_some_and(|own| own.parts.count() > roll.fair_share());
                    pause = if shrinks {
                        BEAT_EVERY_WHILE_SHRINKING
                    } else {
                        BEAT_EVERY
                    };
                    learned(&roll);
                }
                Err(error) => {
                    tracing::warn!(%error, "this node could not tell the others that it lives");
                    pause = BEAT_EVERY;
                }
            }
        }
    }

    /// Leaves, giving all it held back. To be called when nothing is under way any more.
    pub async fn leave(&self) {
        if let Err(error) = self.storage.leave(self.who.id).await {
            tracing::debug!(%error, "the others will notice by themselves that this node is gone");
        }
    }
}
