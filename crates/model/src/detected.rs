//! How the courier of a tracking was found, where its caller did not name one.

use serde::{Deserialize, Serialize};

use crate::CourierSlug;

/// What is known of a courier that was found by the number: a guess, until it tells of the parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detected {
    /// How likely the courier was when it was chosen, from 0 (no courier fits) to 1.
    pub confidence: f64,
    /// It was looked for among the members of this group only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug_group: Option<String>,
    /// Couriers that were asked in this round and did not tell of the parcel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<CourierSlug>,
    /// The next round of asking others, counted from 0.
    #[serde(default)]
    pub round: u8,
    /// A courier told of the parcel: it is this one's for good.
    #[serde(default)]
    pub settled: bool,
}

impl Detected {
    /// A fresh guess whose first round is this one.
    pub fn new(confidence: f64, slug_group: Option<String>, round: u8) -> Self {
        Self {
            confidence,
            slug_group,
            asked: Vec::new(),
            round,
            settled: false,
        }
    }
}
