//! What may happen once: requests that were sent with a key of their own.

use jiff::Timestamp;
use waybill_model::OrganizationId;

/// Something that was done and is not to be done again before [`Self::expires_at`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceRow {
    /// Whose.
    pub organization: OrganizationId,
    /// What: a hash of all that makes it the same.
    pub key: [u8; 32],
    /// A hash of what has to be equal when it comes again.
    pub fingerprint: [u8; 32],
    /// What was answered, encrypted; `None` where it may be worked out again.
    pub answer: Option<String>,
    /// When it was done.
    pub at: Timestamp,
    /// From when on it counts as never done.
    pub expires_at: Timestamp,
}
