//! The Tracking and its parts, in the order in which they are answered.

use super::{INTEGER, MANY, NUMBER, TEXT, TEXTS};
use crate::{
    Model,
    fields::{Field, Kind},
};

pub(crate) const TAG: Kind = Kind::Choice(&[
    "Pending",
    "InfoReceived",
    "InTransit",
    "OutForDelivery",
    "AttemptFail",
    "Delivered",
    "AvailableForPickup",
    "Exception",
    "Expired",
]);
const SIGNATURE: Kind = Kind::Choice(&[
    "signature_required",
    "adult_signature_required",
    "indirect_signature_required",
    "no_signature_required",
]);
const DIRECTION: Kind = Kind::Choice(&["forward", "return"]);
const ESTIMATE_TYPE: Kind = Kind::Choice(&["range", "specific"]);
const ESTIMATE_SOURCE: Kind =
    Kind::Choice(&["Carrier EDD", "AfterShip EDD", "Custom EDD", "Order EDD"]);
const PIECE_TYPE: Kind = Kind::Choice(&["master", "child"]);

pub(crate) const TRACKING: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("legacy_id", TEXT),
    Field::new("created_at", TEXT),
    Field::new("updated_at", TEXT),
    Field::new("tracking_number", TEXT),
    Field::new("slug", TEXT),
    Field::new("active", Kind::Boolean),
    Field::or_null("custom_fields", Kind::CustomFields),
    Field::or_null("origin_country_region", TEXT),
    Field::or_null("origin_state", TEXT),
    Field::or_null("origin_city", TEXT),
    Field::or_null("origin_postal_code", TEXT),
    Field::or_null("origin_raw_location", TEXT),
    Field::or_null("destination_country_region", TEXT),
    Field::or_null("destination_state", TEXT),
    Field::or_null("destination_city", TEXT),
    Field::or_null("destination_postal_code", TEXT),
    Field::or_null("destination_raw_location", TEXT),
    Field::or_null("courier_destination_country_region", TEXT),
    Field::or_null(
        "courier_estimated_delivery_date",
        Kind::Object(COURIER_ESTIMATE),
    ),
    Field::or_null("note", TEXT),
    Field::or_null("order_id", TEXT),
    Field::or_null("order_id_path", TEXT),
    Field::or_null("order_date", TEXT),
    Field::or_null("shipment_package_count", INTEGER),
    Field::or_null("shipment_pickup_date", TEXT),
    Field::or_null("shipment_delivery_date", TEXT),
    Field::or_null("shipment_type", TEXT),
    Field::or_null("shipment_weight", Kind::Object(MEASURE)),
    Field::or_null("shipment_dimensions", Kind::Object(DIMENSIONS)),
    Field::or_null("signed_by", TEXT),
    Field::new("source", TEXT),
    Field::new("tag", TAG),
    Field::new("subtag", TEXT),
    Field::new("subtag_message", TEXT),
    Field::new("title", TEXT),
    Field::or_null("language", TEXT),
    Field::new("unique_token", TEXT),
    Field::new("checkpoints", Kind::Models(MANY, Model::Checkpoint)),
    Field::new("subscribed_smses", TEXTS),
    Field::new("subscribed_emails", TEXTS),
    Field::new("return_to_sender", Kind::Boolean),
    Field::or_null("order_promised_delivery_date", Kind::Model(Model::Promise)),
    Field::or_null("delivery_type", TEXT),
    Field::or_null("pickup_location", TEXT),
    Field::or_null("pickup_note", TEXT),
    Field::or_null("courier_tracking_link", TEXT),
    Field::or_null("first_attempted_at", TEXT),
    Field::or_null("courier_redirect_link", TEXT),
    Field::or_null("tracking_account_number", TEXT),
    Field::or_null("tracking_key", TEXT),
    Field::or_null("tracking_ship_date", TEXT),
    Field::new("order_tags", TEXTS),
    Field::or_null(
        "aftership_estimated_delivery_date",
        Kind::Model(Model::PredictionOfTracking),
    ),
    Field::or_null(
        "custom_estimated_delivery_date",
        Kind::Object(CUSTOM_ESTIMATE),
    ),
    Field::or_null("order_number", TEXT),
    Field::or_null("first_estimated_delivery", Kind::Object(FIRST_ESTIMATE)),
    Field::or_null(
        "latest_estimated_delivery",
        Kind::Model(Model::LatestEstimate),
    ),
    Field::new("shipment_tags", TEXTS),
    Field::or_null("courier_connection_id", TEXT),
    Field::or_null("carbon_emissions", Kind::Object(MEASURE)),
    Field::or_null("location_id", TEXT),
    Field::or_null("shipping_method", TEXT),
    Field::or_null("failed_delivery_attempts", INTEGER),
    Field::or_null("signature_requirement", SIGNATURE),
    Field::or_null("delivery_location_type", TEXT),
    Field::or_null("aftership_tracking_url", TEXT),
    Field::or_null("aftership_tracking_order_url", TEXT),
    Field::or_null("first_mile", Kind::Object(FIRST_MILE)),
    Field::or_null("last_mile", Kind::Object(LAST_MILE)),
    Field::new("customers", Kind::Models(MANY, Model::Customer)),
    Field::new("proof_of_delivery", Kind::Objects(MANY, PROOF)),
    Field::or_null("multi_piece_info", Kind::Object(PIECES)),
    Field::or_null("shipment_direction", DIRECTION),
    Field::or_null("return_shipment", Kind::Object(RETURN_SHIPMENT)),
    Field::or_null("forward_shipment", Kind::Object(FORWARD_SHIPMENT)),
    Field::new("tracked_count", INTEGER),
    Field::or_null("transit_time", INTEGER),
    Field::or_null("on_time_status", TEXT),
    Field::or_null("on_time_difference", INTEGER),
];

pub(crate) const CHECKPOINT: &[Field] = &[
    Field::new("created_at", TEXT),
    Field::new("slug", TEXT),
    Field::new("checkpoint_time", TEXT),
    Field::or_null("location", TEXT),
    Field::or_null("city", TEXT),
    Field::or_null("state", TEXT),
    Field::or_null("postal_code", TEXT),
    Field::or_null("coordinate", Kind::Object(COORDINATE)),
    Field::or_null("country_region", TEXT),
    Field::or_null("country_region_name", TEXT),
    Field::new("message", TEXT),
    Field::new("tag", TAG),
    Field::new("subtag", TEXT),
    Field::new("subtag_message", TEXT),
    Field::or_null("raw_tag", TEXT),
    Field::new("events", Kind::Objects(MANY, EVENT)),
    Field::new("source", Kind::Choice(&["carrier", "user"])),
    Field::new("hash", TEXT),
];

/// `GET …/last_checkpoint/…`, as up to 2024-04.
pub(crate) const LAST_CHECKPOINT: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("tracking_number", TEXT),
    Field::new("slug", TEXT),
    Field::new("tag", TAG),
    Field::new("subtag", TEXT),
    Field::new("subtag_message", TEXT),
    Field::new("checkpoint", Kind::Model(Model::CheckpointOrNulls)),
];

/// The second carrier, as up to 2024-10.
pub(crate) const NEXT_COURIER: &[Field] = &[
    Field::new("slug", TEXT),
    Field::new("tracking_number", TEXT),
    Field::new("source", TEXT),
    Field::or_null("courier_tracking_link", TEXT),
    Field::or_null("courier_redirect_link", TEXT),
];

pub(crate) const PREDICTION: &[Field] = &[
    Field::new("estimated_delivery_date", TEXT),
    Field::new("confidence_code", INTEGER),
    Field::new("estimated_delivery_date_min", TEXT),
    Field::new("estimated_delivery_date_max", TEXT),
];

pub(crate) const LATEST_ESTIMATE: &[Field] = &[
    Field::new("type", ESTIMATE_TYPE),
    Field::new("source", ESTIMATE_SOURCE),
    Field::or_null("datetime", TEXT),
    Field::or_null("datetime_min", TEXT),
    Field::or_null("datetime_max", TEXT),
    Field::or_null("revise_reason", TEXT),
];

const FIRST_ESTIMATE: &[Field] = &[
    Field::new("type", ESTIMATE_TYPE),
    Field::new("source", ESTIMATE_SOURCE),
    Field::or_null("datetime", TEXT),
    Field::or_null("datetime_min", TEXT),
    Field::or_null("datetime_max", TEXT),
];

const CUSTOM_ESTIMATE: &[Field] = &[
    Field::new("type", ESTIMATE_TYPE),
    Field::or_null("datetime", TEXT),
    Field::or_null("datetime_min", TEXT),
    Field::or_null("datetime_max", TEXT),
];

const COURIER_ESTIMATE: &[Field] = &[
    Field::or_null("estimated_delivery_date", TEXT),
    Field::or_null("estimated_delivery_date_min", TEXT),
    Field::or_null("estimated_delivery_date_max", TEXT),
];

pub(crate) const MEASURE: &[Field] = &[Field::new("unit", TEXT), Field::new("value", NUMBER)];

const DIMENSIONS: &[Field] = &[
    Field::new("unit", TEXT),
    Field::new("length", NUMBER),
    Field::new("width", NUMBER),
    Field::new("height", NUMBER),
];

const COORDINATE: &[Field] = &[
    Field::new("latitude", NUMBER),
    Field::new("longitude", NUMBER),
];

const EVENT: &[Field] = &[
    Field::new("code", TEXT),
    Field::or_null("reason", Kind::Object(&[Field::new("code", TEXT)])),
];

const FIRST_MILE: &[Field] = &[
    Field::new("tracking_number", TEXT),
    Field::new("slug", TEXT),
    Field::or_null("transit_time", INTEGER),
    Field::or_null("courier_redirect_link", TEXT),
    Field::or_null("courier_tracking_link", TEXT),
];

/// `slug` is null while nobody knows the second carrier.
const LAST_MILE: &[Field] = &[
    Field::new("tracking_number", TEXT),
    Field::or_null("slug", TEXT),
    Field::or_null("transit_time", INTEGER),
    Field::or_null("courier_tracking_link", TEXT),
    Field::or_null("courier_redirect_link", TEXT),
    Field::new("source", Kind::Choice(&["system", "user"])),
];

const PROOF: &[Field] = &[Field::new("type", TEXT), Field::new("url", TEXT)];

const PIECES: &[Field] = &[
    Field::new("type", PIECE_TYPE),
    Field::new(
        "pieces",
        Kind::Objects(
            MANY,
            &[
                Field::or_null("tracking_id", TEXT),
                Field::new("tracking_number", TEXT),
                Field::new("type", PIECE_TYPE),
                Field::new("trackable", Kind::Boolean),
            ],
        ),
    ),
];

const RETURN_SHIPMENT: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("tracking_number", TEXT),
    Field::new("slug", TEXT),
];

const FORWARD_SHIPMENT: &[Field] = &[Field::new("id", TEXT)];
