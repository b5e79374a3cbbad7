//! Where a shipment comes from or goes to, as far as it is known.

use serde::{Deserialize, Serialize};

use crate::countries::CountryCode;

/// A postal address in the parts that trackings carry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    /// State, province or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The whole address as one text, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_location: Option<String>,
}
