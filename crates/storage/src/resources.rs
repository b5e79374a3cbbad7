//! Small things that an organization sets up, all kept in one way.

use uuid::Uuid;
use waybill_model::{OrganizationId, ResourceId};

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// An account with a courier; its name is the courier's slug.
    CourierConnection,
    /// The couriers that are activated; there is one, of [`ResourceRow::ONLY`].
    CourierActivation,
    /// A place that parcels are sent from.
    Location,
}

impl ResourceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::CourierConnection,
        Self::CourierActivation,
        Self::Location,
    ];

    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CourierConnection => "courier_connection",
            Self::CourierActivation => "courier_activation",
            Self::Location => "location",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A resource: few per organization, read by id or by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// Whose.
    pub organization: OrganizationId,
    /// What.
    pub kind: ResourceKind,
    /// Identity within its kind; time-ordered.
    pub id: ResourceId,
    /// See [`crate::WriteSet`].
    pub revision: u64,
    /// What several of a kind are asked for by; need not be unique.
    pub name: String,
    /// Settings as text; the service knows its shape. Secrets in it are encrypted.
    pub document: String,
}

impl ResourceRow {
    /// The id where an organization has at most one of a kind.
    pub const ONLY: ResourceId = ResourceId::from_uuid(Uuid::nil());
}
