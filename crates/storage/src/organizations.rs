//! Organizations: the unit of isolation.

use jiff::Timestamp;
use waybill_model::OrganizationId;

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRow {
    /// Identity.
    pub id: OrganizationId,
    /// See [`crate::WriteSet`].
    pub revision: u64,
    /// Unique name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Settings as text (JSON object); the service knows their shape.
    pub settings: String,
}
