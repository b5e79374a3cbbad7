//! What an answer was read as.

use jiff::Timestamp;
use serde::Serialize;
use waybill_model::{CheckpointEvent, Coordinate, CountryCode, EventTime, SubStatus};

/// What came of asking a courier. The four ways to learn nothing are four different things.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "readings are what is mostly had, one at a time"
)]
pub enum Outcome {
    /// The courier knows the shipment.
    Reading(Reading),
    /// The courier says there is no such number.
    UnknownToCourier {
        /// In the courier's words, or ours.
        reason: String,
    },
    /// The courier knows the number and has nothing to tell yet.
    NoDataYet {
        /// In the courier's words, or ours.
        reason: String,
        /// When it is worth asking again, if the courier says so.
        next_check_at: Option<Timestamp>,
    },
    /// The courier did not let itself be asked.
    CouldNotAsk(Trouble),
    /// Something came that is no answer of this courier, or not one we understand.
    CouldNotRead {
        /// What was wrong with it.
        reason: String,
        /// Its beginning, without secrets.
        excerpt: String,
    },
}

/// What an answer, or a courier's own message, says of one number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// The number; none where what is said holds for all, or for the only one.
    pub number: Option<String>,
    /// What is said of it.
    pub outcome: Outcome,
}

/// Why a courier could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What to do about it.
    pub kind: TroubleKind,
    /// In the courier's words, or ours.
    pub reason: String,
}

/// What to do about a courier that could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// Ask again, with the usual back-off.
    RetryLater,
    /// Ask again after this many seconds.
    RetryAfter(u64),
    /// The user must mend the account; asking again is of no use.
    BadCredentials,
    /// The courier will never answer this.
    Refused,
}

/// What a courier knows about a shipment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Reading {
    /// In the order the courier told them.
    pub checkpoints: Vec<ReadCheckpoint>,
    /// These are all: a checkpoint that was there before and is missing now was taken back.
    pub complete: bool,
    /// When it is worth asking again, if the courier says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_check_at: Option<Timestamp>,
    /// The courier's promise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_delivery: Option<Estimated>,
    /// The name of the service, as the courier calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Weight of the whole shipment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Weight>,
    /// Size of the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// Number of pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_count: Option<u32>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_country: Option<CountryCode>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_city: Option<String>,
    /// Whose signature is wanted: one of the API's four words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_requirement: Option<String>,
    /// The courier that delivers in the end, and its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_mile: Option<LastMile>,
    /// The pieces of a shipment with several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
    /// Where proofs of delivery are found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proof_of_delivery: Vec<Proof>,
    /// Where it waits for its recipient, as one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_location: Option<String>,
    /// A page of the courier's where the recipient can redirect the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_link: Option<String>,
}

/// One scan, read and classified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadCheckpoint {
    /// When, as the courier told it.
    pub time: EventTime,
    /// The courier's own code, untouched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The courier's text.
    pub message: String,
    /// What it means.
    pub sub_status: SubStatus,
    /// False: the code is in no table, so that `sub_status` is what the text says by itself, else
    /// InTransit_001 for want of better.
    pub classified: bool,
    /// False: not even the text says what it means.
    #[serde(skip)]
    pub understood: bool,
    /// The place as one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, province or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CountryCode>,
    /// Where on the map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coordinate: Option<Coordinate>,
    /// Who signed, as the courier wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// The piece of a shipment with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub piece: Option<String>,
    /// Finer events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<CheckpointEvent>,
}

/// When a courier means to deliver.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimated {
    /// The day or moment, if the courier names one.
    pub date: Option<EventTime>,
    /// Begin of the window.
    pub min: Option<EventTime>,
    /// End of the window.
    pub max: Option<EventTime>,
}

/// A weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weight {
    /// As the courier writes it: `kg`, `LBS`.
    pub unit: String,
    /// Decimal text.
    pub value: String,
}

/// A size; decimal texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dimensions {
    /// As the courier writes it: `cm`, `IN`.
    pub unit: String,
    /// Length.
    pub length: String,
    /// Width.
    pub width: String,
    /// Height.
    pub height: String,
}

/// The courier of the last mile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastMile {
    /// Its slug, if the answer tells which courier it is.
    pub slug: Option<String>,
    /// Its number.
    pub number: String,
}

/// One piece of a shipment with several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its number.
    pub number: String,
    /// Its place in the shipment.
    pub kind: PieceKind,
}

/// A piece's place in the shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PieceKind {
    /// The number that stands for all.
    Master,
    /// One of the others.
    Child,
}

/// Where a proof of delivery is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// `picture`, `signature`, ….
    pub kind: String,
    /// Its address.
    pub url: String,
}
