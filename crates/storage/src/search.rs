//! By which words trackings are found.
//!
//! The index of words is written behind the acknowledged write: a set says with
//! [`crate::Append::Unsearchable`] that a tracking's words changed, and soon after somebody reads
//! [`crate::Storage::unsearchable`] and writes [`SearchRow`]s. Engines keep tokens as they are and
//! know nothing of what they are made from.

use waybill_model::{OrganizationId, TrackingKey};

/// The tokens of a tracking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRow {
    /// Whose.
    pub organization: OrganizationId,
    /// Which.
    pub tracking: TrackingKey,
    /// The revision that they were made of: of another one they are worth nothing.
    pub revision: u64,
    /// See [`waybill_model::search::tokens`].
    pub tokens: Vec<String>,
}

/// What a list is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Keyword {
    /// All of them must be there; none finds nothing.
    pub tokens: Vec<String>,
    /// The tracking number that it may be as well, found by its name at once.
    pub number: Option<String>,
}
