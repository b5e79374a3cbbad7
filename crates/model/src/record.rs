//! The record of a tracking: all that its document is made from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, CountryCode, CourierSlug, Details, Detected, Dimensions, EstimatedDeliveryDate,
    Mark, Measure, Piece, ProofOfDelivery, Tag,
};

/// The version of [`Record`] and of the document made from it. Older ones are lifted on read.
pub const DOCUMENT_VERSION: u32 = 1;

/// What is kept of a tracking besides its filter columns. Nothing in it is ever forgotten while
/// the tracking lives; the document is a pure function of it, of the clock and of the couriers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// See [`DOCUMENT_VERSION`].
    pub document_version: u32,
    /// How it got in: `api`, `csv`, …
    pub source: String,
    /// The caller's fields.
    pub details: Details,
    /// How the courier was found; absent where the caller named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected: Option<Detected>,
    /// What couriers told besides checkpoints.
    #[serde(default)]
    pub told: Told,
    /// Every checkpoint learned, in order of learning; what was learned at once, in the order in which it happened.
    #[serde(default)]
    pub checkpoints: Vec<Checkpoint>,
    /// Completions by hand and retracks.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// Every delivery date learned, in order of learning.
    #[serde(default)]
    pub estimates: Vec<LearnedEstimate>,
    /// Tags reached so far, for the first-tag flag of events.
    #[serde(default)]
    pub tags_reached: Vec<Tag>,
}

impl Record {
    /// A new record.
    pub fn new(source: &str, details: Details) -> Self {
        Self {
            document_version: DOCUMENT_VERSION,
            source: source.to_owned(),
            details,
            detected: None,
            told: Told::default(),
            checkpoints: Vec::new(),
            marks: Vec::new(),
            estimates: Vec::new(),
            tags_reached: Vec::new(),
        }
    }

    /// How often it was retracked.
    pub fn retracks(&self) -> usize {
        self.marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Retrack { .. }))
            .count()
    }
}

/// What couriers told besides checkpoints; the newest word wins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Measure>,
    /// The size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// How many parcels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_count: Option<u32>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_country: Option<CountryCode>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_city: Option<String>,
    /// One of the API's words for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_requirement: Option<String>,
    /// The second carrier's courier, where known, and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_mile: Option<ToldLastMile>,
    /// The parcels of the shipment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
    /// Pictures of the delivery.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proof_of_delivery: Vec<ProofOfDelivery>,
    /// The courier's page to redirect the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_link: Option<String>,
    /// Where it waits for its recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_location: Option<String>,
}

/// The second carrier as the first one told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldLastMile {
    /// Its courier, where known.
    pub slug: Option<CourierSlug>,
    /// Its number.
    pub number: String,
}

/// A delivery date, by whom and when learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedEstimate {
    /// `Carrier EDD`, `AfterShip EDD`, `Custom EDD` or `Order EDD`.
    pub source: String,
    /// The date or range.
    #[serde(flatten)]
    pub estimate: EstimatedDeliveryDate,
    /// When we learned it.
    pub seen_at: Timestamp,
}
