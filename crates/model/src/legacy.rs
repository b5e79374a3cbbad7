//! What only old versions of the API can say, and how it is kept beside a document.
//!
//! A document is the newest version's. What that version does not know stands behind it, after a line
//! break, so that the newest answer is the document up to there: JSON that we write has no line
//! breaks.

use serde::{Deserialize, Serialize};

/// Fields that the newest version does not have and that no other field says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Legacy {
    /// Up to 2025-01, where it differs from `destination_postal_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_postal_code: Option<String>,
    /// Up to 2025-01, where it differs from `destination_state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_state: Option<String>,
    /// Up to 2025-01, where it differs from `origin_country_region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_origin_country_region: Option<String>,
    /// Up to 2025-01, where it differs from `destination_country_region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_destination_country_region: Option<String>,
    /// Up to 2024-01: devices that were told of news.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub android: Vec<String>,
    /// Up to 2024-01: the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ios: Vec<String>,
}

impl Legacy {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The document with this behind it, if there is anything.
    pub fn beside(&self, mut document: String) -> String {
        if !self.is_empty() {
            document.push('\n');
            document.push_str(&serde_json::to_string(self).unwrap_or_default());
            document.push('\n');
        }
        document
    }
}

/// The newest document of a text, and what stands behind it. Only a text that ends in a line break is
/// searched for where its document ends; there is no other line break in it.
pub fn split_legacy(text: &str) -> (&str, Option<&str>) {
    let parts = text
        .strip_suffix('\n')
        .and_then(|text| text.rsplit_once('\n'));
    match parts {
        Some((document, legacy)) => (document, Some(legacy)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_beside_a_document_is_found_again() {
        let document = r#"{"a":1}"#;
        let none = Legacy::default().beside(document.to_owned());
        assert_eq!(split_legacy(&none), (document, None));
        let legacy = Legacy {
            tracking_state: Some("a\nb".to_owned()),
            ..Legacy::default()
        };
        let text = legacy.beside(document.to_owned());
        let (found, beside) = split_legacy(&text);
        assert_eq!(found, document);
        let beside: Legacy = serde_json::from_str(beside.expect("legacy")).expect("JSON");
        assert_eq!(beside, legacy);
    }
}
