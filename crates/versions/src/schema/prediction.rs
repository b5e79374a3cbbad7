//! Delivery dates that are asked for, given and answered.

use super::{INTEGER, MANY, TEXT, tracking::MEASURE};
use crate::{
    Model,
    fields::{Field, Kind},
    requests::{
        details::{LINK, NAME},
        predict::MAX_PREDICTIONS,
    },
};

pub(crate) const BATCH_GIVEN: &[Field] = &[Field::required(
    "estimated_delivery_dates",
    Kind::Models(MAX_PREDICTIONS, Model::PredictionGiven),
)];

pub(crate) const ANSWERED: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("slug", TEXT),
    Field::or_null("service_type_name", TEXT),
    Field::new("origin_address", Kind::Model(Model::PredictionAddress)),
    Field::new("destination_address", Kind::Model(Model::PredictionAddress)),
    Field::or_null("weight", Kind::Object(MEASURE)),
    Field::or_null("package_count", INTEGER),
    Field::or_null("pickup_time", TEXT),
    Field::or_null("estimated_pickup", Kind::Object(PICKUP)),
    Field::or_null("estimated_delivery_date", TEXT),
    Field::or_null("confidence_code", INTEGER),
    Field::or_null("estimated_delivery_date_min", TEXT),
    Field::or_null("estimated_delivery_date_max", TEXT),
];

pub(crate) const BATCH_ANSWERED: &[Field] = &[Field::new(
    "estimated_delivery_dates",
    Kind::Models(MANY, Model::Prediction),
)];

/// Given and answered.
pub(crate) const ADDRESS: &[Field] = &[
    Field::required("country_region", Kind::Country),
    Field::or_null("state", Kind::Text(NAME)),
    Field::or_null("city", Kind::Text(NAME)),
    Field::or_null("postal_code", Kind::Text(NAME)),
    Field::or_null("raw_location", Kind::Text(LINK)),
];

const PROCESSING_TIME: &[Field] = &[Field::new("unit", TEXT), Field::new("value", INTEGER)];

pub(crate) const PICKUP: &[Field] = &[
    Field::new("order_time", TEXT),
    Field::or_null("order_cutoff_time", TEXT),
    Field::or_null("business_days", Kind::List(7, &Kind::Integer(1, 7))),
    Field::or_null("order_processing_time", Kind::Object(PROCESSING_TIME)),
    Field::or_null("pickup_time", TEXT),
];
