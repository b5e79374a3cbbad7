//! Marks: manual completions and retracks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::JourneyInput;
use super::pieces::Shipment;
use crate::checkpoint::{Checkpoint, CheckpointSource};
use crate::event_time::EventTime;
use crate::status::SubStatus;

/// What a person says became of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CompletedReason {
    /// It arrived.
    Delivered,
    /// It is lost.
    Lost,
    /// It is back at the sender.
    ReturnedToSender,
}

impl CompletedReason {
    /// Reads the wire word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Delivered, Self::Lost, Self::ReturnedToSender]
            .into_iter()
            .find(|reason| reason.as_str() == text)
    }

    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVERED",
            Self::Lost => "LOST",
            Self::ReturnedToSender => "RETURNED_TO_SENDER",
        }
    }

    /// The sub-status it fixes.
    pub const fn sub_status(self) -> SubStatus {
        match self {
            Self::Delivered => SubStatus::DELIVERED_001,
            Self::Lost => SubStatus::EXCEPTION_013,
            Self::ReturnedToSender => SubStatus::EXCEPTION_011,
        }
    }
}

/// Something a person did to a tracking that its status depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Mark {
    /// Marked as completed: the status is fixed until a later retrack.
    Completed {
        /// What became of the parcel.
        reason: CompletedReason,
        /// When it was marked.
        at: Timestamp,
        /// When it happened, if the person said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event_datetime: Option<EventTime>,
    },
    /// Retracked: asked again, and any earlier completion lifted.
    Retrack {
        /// When.
        at: Timestamp,
    },
}

/// The marks in force.
pub(super) struct History<'a> {
    /// The last retrack.
    pub retracked_at: Option<Timestamp>,
    /// From when on nothing learned counts: the first completion since the last retrack.
    pub closed_since: Option<Timestamp>,
    completion: Option<(CompletedReason, Timestamp, Option<&'a EventTime>)>,
}

impl<'a> History<'a> {
    /// Reads marks in any order. A retrack lifts a completion of the same instant.
    pub fn of(marks: &'a [Mark]) -> Self {
        let retracks = marks.iter().filter_map(|mark| match mark {
            Mark::Retrack { at } => Some(*at),
            Mark::Completed { .. } => None,
        });
        let retracked_at = retracks.max();
        let mut completions: Vec<_> = marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Completed {
                    reason,
                    at,
                    event_datetime,
                } => Some((*reason, *at, event_datetime.as_ref())),
                Mark::Retrack { .. } => None,
            })
            .filter(|(_, at, _)| retracked_at.is_none_or(|retracked| *at > retracked))
            .collect();
        completions.sort_by_key(|(reason, at, _)| (*at, reason.as_str()));
        Self {
            retracked_at,
            closed_since: completions.first().map(|(_, at, _)| *at),
            completion: completions.pop(),
        }
    }

    /// Fixes the shipment's status if a completion is in force, and gives the checkpoint that
    /// stands for it. A time that was not given is the carrier's delivery, else that of the mark.
    pub fn completion(
        &self,
        input: &JourneyInput<'_>,
        shipment: &mut Shipment<'_>,
    ) -> Option<Checkpoint> {
        let (reason, at, event_datetime) = self.completion?;
        let sub_status = reason.sub_status();
        shipment.status = Some(sub_status);
        if reason == CompletedReason::Lost {
            shipment.undo_deliveries();
        }
        let delivered = shipment
            .delivery_time
            .filter(|_| reason == CompletedReason::Delivered);
        let time = event_datetime
            .or(delivered)
            .cloned()
            .unwrap_or_else(|| EventTime::from_timestamp(at));
        let message = sub_status.message().to_owned();
        Some(Checkpoint {
            hash: Checkpoint::hash_of(input.slug, None, &time.text, None, &message, None),
            slug: input.slug.clone(),
            piece: None,
            time,
            code: None,
            sub_status,
            message,
            location: None,
            city: None,
            state: None,
            postal_code: None,
            country: None,
            coordinate: None,
            signed_by: None,
            events: Vec::new(),
            source: CheckpointSource::User,
            seen_at: at,
            withdrawn: false,
            missing_count: 0,
        })
    }
}
