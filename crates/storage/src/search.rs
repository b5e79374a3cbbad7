//! By which words trackings are found.
//!
//! The index of words is written behind the acknowledged write: a set says with
//! [`crate::Append::Unsearchable`] that a tracking's words changed, and soon after somebody reads
//! [`crate::Storage::unsearchable`] and writes [`SearchRow`]s. How an index finds words and
//! their beginnings is the engine's affair.

use waybill_model::{OrganizationId, TrackingKey};

/// The words of a tracking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRow {
    /// Whose.
    pub organization: OrganizationId,
    /// Which.
    pub tracking: TrackingKey,
    /// The revision that they were made of: of another one they are worth nothing.
    pub revision: u64,
    /// See [`waybill_model::search::words`].
    pub words: Vec<String>,
}

/// What a list is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Keyword {
    /// All of them must be there, the last one as the beginning of a word; none finds nothing.
    pub words: Vec<String>,
    /// The tracking number that it may be as well, found by its name at once.
    pub number: Option<String>,
}
