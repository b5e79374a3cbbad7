//! Couriers.

use super::{INTEGER, MANY, TEXT, TEXTS};
use crate::{
    Model,
    fields::{Field, Kind},
};

/// What a courier may need besides the number.
pub(crate) const ADDITIONAL_FIELDS: Kind = Kind::Choice(&[
    "tracking_account_number",
    "destination_postal_code",
    "destination_state",
    "tracking_key",
    "origin_country_region",
    "destination_country_region",
    "tracking_ship_date",
]);

pub(crate) const COURIER: &[Field] = &[
    Field::new("slug", TEXT),
    Field::new("name", TEXT),
    Field::or_null("phone", TEXT),
    Field::or_null("other_name", TEXT),
    Field::new("web_url", TEXT),
    Field::new("required_fields", Kind::List(MANY, &ADDITIONAL_FIELDS)),
    Field::new("optional_fields", Kind::List(MANY, &ADDITIONAL_FIELDS)),
    Field::new("default_language", TEXT),
    Field::new("support_languages", TEXTS),
    Field::new("service_from_country_regions", TEXTS),
    Field::new("credentials", Kind::Object(CREDENTIALS)),
];

const CREDENTIALS: &[Field] = &[Field::new(
    "fields",
    Kind::Objects(
        MANY,
        &[
            Field::new("name", TEXT),
            Field::new("type", TEXT),
            Field::new("required", Kind::Boolean),
        ],
    ),
)];

pub(crate) const COURIERS: &[Field] = &[
    Field::new("total", INTEGER),
    Field::new("couriers", Kind::Models(MANY, Model::Courier)),
];
