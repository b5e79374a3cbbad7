//! The Tracking as the newest API version (2026-07) answers it.
//!
//! Every field is always present. Four of them change with polls or the clock and so are not part
//! of the stored document: [`Live`] is spliced into it when it is answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ClockFacts, CountryCode, Customer, Direction, PromisedDeliveryDate, SubStatus, Tag};

/// The stored document: a Tracking without its [`Live`] fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the names are the API's own; their meaning is documented there"
)]
pub struct Tracking {
    pub id: String,
    pub legacy_id: String,
    pub created_at: String,
    pub updated_at: String,
    pub tracking_number: String,
    pub slug: String,
    pub active: bool,
    pub custom_fields: Option<BTreeMap<String, String>>,
    pub origin_country_region: Option<CountryCode>,
    pub origin_state: Option<String>,
    pub origin_city: Option<String>,
    pub origin_postal_code: Option<String>,
    pub origin_raw_location: Option<String>,
    pub destination_country_region: Option<CountryCode>,
    pub destination_state: Option<String>,
    pub destination_city: Option<String>,
    pub destination_postal_code: Option<String>,
    pub destination_raw_location: Option<String>,
    pub courier_destination_country_region: Option<CountryCode>,
    pub courier_estimated_delivery_date: Option<EstimatedDeliveryDate>,
    pub note: Option<String>,
    pub order_id: Option<String>,
    pub order_id_path: Option<String>,
    pub order_date: Option<String>,
    pub shipment_package_count: Option<u32>,
    pub shipment_pickup_date: Option<String>,
    pub shipment_delivery_date: Option<String>,
    pub shipment_type: Option<String>,
    pub shipment_weight: Option<Measure>,
    pub shipment_dimensions: Option<Dimensions>,
    pub signed_by: Option<String>,
    pub source: String,
    pub tag: Tag,
    pub subtag: SubStatus,
    pub subtag_message: String,
    pub title: String,
    pub language: Option<String>,
    pub unique_token: String,
    pub checkpoints: Vec<TrackingCheckpoint>,
    pub subscribed_smses: Vec<String>,
    pub subscribed_emails: Vec<String>,
    pub return_to_sender: bool,
    pub order_promised_delivery_date: Option<PromisedDeliveryDate>,
    pub delivery_type: Option<String>,
    pub pickup_location: Option<String>,
    pub pickup_note: Option<String>,
    pub courier_tracking_link: Option<String>,
    pub first_attempted_at: Option<String>,
    pub courier_redirect_link: Option<String>,
    pub tracking_account_number: Option<String>,
    pub tracking_key: Option<String>,
    pub tracking_ship_date: Option<String>,
    pub order_tags: Vec<String>,
    pub aftership_estimated_delivery_date: Option<PredictedDeliveryDate>,
    pub custom_estimated_delivery_date: Option<CustomEstimatedDeliveryDate>,
    pub order_number: Option<String>,
    pub first_estimated_delivery: Option<EstimatedDelivery>,
    pub latest_estimated_delivery: Option<LatestEstimatedDelivery>,
    pub shipment_tags: Vec<String>,
    pub courier_connection_id: Option<String>,
    pub carbon_emissions: Option<Measure>,
    pub location_id: Option<String>,
    pub shipping_method: Option<String>,
    pub failed_delivery_attempts: u32,
    pub signature_requirement: Option<String>,
    pub delivery_location_type: Option<String>,
    pub aftership_tracking_url: Option<String>,
    pub aftership_tracking_order_url: Option<String>,
    pub first_mile: Option<FirstMile>,
    pub last_mile: Option<LastMile>,
    pub customers: Vec<Customer>,
    pub proof_of_delivery: Vec<ProofOfDelivery>,
    pub multi_piece_info: Option<MultiPieceInfo>,
    pub shipment_direction: Option<Direction>,
    pub return_shipment: Option<ReturnShipment>,
    pub forward_shipment: Option<ForwardShipment>,
}

/// About what the fields of [`Live`] take in an answer.
const LIVE_BYTES: usize = 128;

/// The fields that change with polls or the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// How often couriers were asked.
    pub tracked_count: u64,
    /// Days from pick-up to delivery, or to today.
    pub transit_time: Option<i64>,
    /// `on-time`, `early`, `late` or `trending-…`.
    pub on_time_status: Option<String>,
    /// Days against the first promise; early is negative.
    pub on_time_difference: Option<i64>,
}

impl Live {
    /// The fields as of `now`.
    pub fn new(clock: &ClockFacts, tracked_count: u64, now: jiff::Timestamp) -> Self {
        let on_time = clock.on_time(now);
        Self {
            tracked_count,
            transit_time: clock.transit_time(now),
            on_time_status: on_time
                .as_ref()
                .map(|on_time| on_time.status.as_str().to_owned()),
            on_time_difference: on_time.map(|on_time| on_time.difference),
        }
    }

    /// The answer: the stored document with these fields spliced in, and behind it what only old
    /// versions can say ([`crate::split_legacy`]).
    pub fn splice(&self, document: &str) -> String {
        let mut answer = String::with_capacity(document.len() + LIVE_BYTES);
        answer.push_str(document);
        self.splice_into(&mut answer);
        answer
    }

    /// Makes the stored document the answer. No parsing: the document is an object that we wrote
    /// ourselves, so it ends in a brace and is not empty.
    pub fn splice_into(&self, document: &mut String) {
        let live = serde_json::to_string(self).unwrap_or_default();
        let fields = live
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let newest = crate::split_legacy(document).0.trim_end();
        let end = newest.strip_suffix('}').unwrap_or(newest).len();
        document.insert_str(end, fields.unwrap_or_default());
        document.insert(end, ',');
    }
}

/// A checkpoint as the newest API version answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the names are the API's own; their meaning is documented there"
)]
pub struct TrackingCheckpoint {
    pub created_at: String,
    pub slug: String,
    pub checkpoint_time: String,
    pub location: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub coordinate: Option<crate::Coordinate>,
    pub country_region: Option<CountryCode>,
    pub country_region_name: Option<String>,
    pub message: String,
    pub tag: Tag,
    pub subtag: SubStatus,
    pub subtag_message: String,
    pub raw_tag: Option<String>,
    pub events: Vec<TrackingCheckpointEvent>,
    pub source: crate::CheckpointSource,
    pub hash: String,
}

/// An event of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct TrackingCheckpointEvent {
    pub code: String,
    pub reason: Option<Reason>,
}

/// Why an event happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct Reason {
    pub code: String,
}

/// A courier's estimate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct EstimatedDeliveryDate {
    pub estimated_delivery_date: Option<String>,
    pub estimated_delivery_date_min: Option<String>,
    pub estimated_delivery_date_max: Option<String>,
}

/// Our own prediction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct PredictedDeliveryDate {
    pub estimated_delivery_date: String,
    pub confidence_code: u32,
    pub estimated_delivery_date_min: String,
    pub estimated_delivery_date_max: String,
}

/// An estimate by the shop's own rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct CustomEstimatedDeliveryDate {
    pub r#type: String,
    pub datetime: Option<String>,
    pub datetime_min: Option<String>,
    pub datetime_max: Option<String>,
}

/// The first date that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct EstimatedDelivery {
    pub r#type: String,
    pub source: String,
    pub datetime: Option<String>,
    pub datetime_min: Option<String>,
    pub datetime_max: Option<String>,
}

/// The newest date that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct LatestEstimatedDelivery {
    pub r#type: String,
    pub source: String,
    pub datetime: Option<String>,
    pub datetime_min: Option<String>,
    pub datetime_max: Option<String>,
    pub revise_reason: Option<String>,
}

/// A weight or an emission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct Measure {
    pub unit: String,
    pub value: f64,
}

/// Size of a parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct Dimensions {
    pub unit: String,
    pub length: f64,
    pub width: f64,
    pub height: f64,
}

/// The first carrier, where there are two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct FirstMile {
    pub tracking_number: String,
    pub slug: String,
    pub transit_time: Option<i64>,
    pub courier_redirect_link: Option<String>,
    pub courier_tracking_link: Option<String>,
}

/// The second carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct LastMile {
    pub tracking_number: String,
    pub slug: Option<String>,
    pub transit_time: Option<i64>,
    pub courier_tracking_link: Option<String>,
    pub courier_redirect_link: Option<String>,
    pub source: String,
}

/// Picture or paper that shows the delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct ProofOfDelivery {
    pub r#type: String,
    pub url: String,
}

/// The parcels of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct MultiPieceInfo {
    pub r#type: String,
    pub pieces: Vec<Piece>,
}

/// One parcel of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct Piece {
    pub tracking_id: Option<String>,
    pub tracking_number: String,
    pub r#type: String,
    pub trackable: bool,
}

/// The shipment back, seen from the one out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct ReturnShipment {
    pub id: String,
    pub tracking_number: String,
    pub slug: String,
}

/// The shipment out, seen from the one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's own")]
pub struct ForwardShipment {
    pub id: String,
}
