//! Codes and texts of couriers that nothing understood.

use jiff::Timestamp;
use waybill_model::CourierSlug;

/// Rows kept of one courier (and shard of organizations, where an engine has any): a courier whose texts
/// are all different shows that in a hundred as well as in a million.
pub const UNCLASSIFIED_OF_COURIER: usize = 100;

/// A code, or a text without one, that neither the courier's table nor the reading of texts knows. Its
/// events count as InTransit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnclassifiedRow {
    /// The courier that told it.
    pub slug: CourierSlug,
    /// The code; where there is none, the text with its digits as `#`.
    pub word: String,
    /// The text of the newest such event.
    pub example: String,
    /// How many events had it.
    pub count: u64,
    /// When the first was learned.
    pub first_seen_at: Timestamp,
    /// When the newest was learned.
    pub last_seen_at: Timestamp,
}
