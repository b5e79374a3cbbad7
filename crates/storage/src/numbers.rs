//! What an organization's numbers turned out to be.

use waybill_model::CourierSlug;

/// How many numbers of one outline turned out to be a courier's, for one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberCount {
    /// What the numbers look like; an opaque text.
    pub outline: String,
    /// The courier.
    pub slug: CourierSlug,
    /// How many.
    pub count: u64,
}
