//! The Courier of the newest version.

use serde::{Deserialize, Serialize};

/// A courier as `GET /couriers` and detection answer it. Clients refuse null in `slug`, `name`,
/// `web_url` and `default_language`: they are empty where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the names are the API's own; their meaning is documented there"
)]
pub struct Courier {
    pub slug: String,
    pub name: String,
    pub phone: Option<String>,
    pub other_name: Option<String>,
    pub web_url: String,
    pub required_fields: Vec<String>,
    pub optional_fields: Vec<String>,
    pub default_language: String,
    pub support_languages: Vec<String>,
    pub service_from_country_regions: Vec<String>,
    pub credentials: CourierCredentials,
}

/// What a connection to the courier asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct CourierCredentials {
    pub fields: Vec<CredentialField>,
}

/// One field of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct CredentialField {
    pub name: String,
    pub r#type: String,
    pub required: bool,
}
