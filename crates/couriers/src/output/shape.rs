//! The shape of a program's output, field by field. Unknown fields are mistakes: a misspelt one would
//! otherwise be lost in silence.

use serde::Deserialize;
use serde_json::Number;

use crate::reading::PieceKind;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Output {
    pub unknown: Option<String>,
    pub no_data_yet: Option<String>,
    pub trouble: Option<TroubleOutput>,
    pub shipments: Option<Vec<Shipment>>,
    pub complete: Option<bool>,
    pub next_check_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TroubleOutput {
    pub kind: TroubleWord,
    pub seconds: Option<u64>,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TroubleWord {
    RetryLater,
    RetryAfter,
    BadCredentials,
    Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shipment {
    pub number: Option<String>,
    pub unknown: Option<String>,
    pub no_data_yet: Option<String>,
    pub trouble: Option<TroubleOutput>,
    pub checkpoints: Option<Vec<CheckpointOutput>>,
    pub estimated_delivery: Option<EstimatedOutput>,
    pub service: Option<String>,
    pub weight: Option<WeightOutput>,
    pub dimensions: Option<DimensionsOutput>,
    pub package_count: Option<u32>,
    pub destination_country: Option<String>,
    pub destination_city: Option<String>,
    pub signature_requirement: Option<String>,
    pub last_mile: Option<LastMileOutput>,
    pub pieces: Option<Vec<PieceOutput>>,
    pub proof_of_delivery: Option<Vec<ProofOutput>>,
    pub pickup_location: Option<String>,
    pub redirect_link: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckpointOutput {
    pub time: String,
    pub zone: Option<String>,
    pub code: Option<String>,
    pub codes: Option<Vec<(String, String)>>,
    pub message: Option<String>,
    pub sub_status: Option<String>,
    pub location: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub coordinate: Option<CoordinateOutput>,
    pub signed_by: Option<String>,
    pub piece: Option<String>,
    pub events: Option<Vec<EventOutput>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum EventOutput {
    Code(String),
    WithReason {
        code: String,
        reason: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoordinateOutput {
    pub latitude: f64,
    pub longitude: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EstimatedOutput {
    pub date: Option<String>,
    pub min: Option<String>,
    pub max: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WeightOutput {
    pub unit: String,
    pub value: Decimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DimensionsOutput {
    pub unit: String,
    pub length: Decimal,
    pub width: Decimal,
    pub height: Decimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LastMileOutput {
    pub slug: Option<String>,
    pub number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PieceOutput {
    pub number: String,
    pub kind: PieceKind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofOutput {
    pub kind: String,
    pub url: String,
}

/// A decimal number, written either way.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Decimal {
    Number(Number),
    Text(String),
}
