//! 2024-01, and what 2024-04 changed.

use serde_json::{Map, Value, json};

use crate::{
    Model, Version,
    change::{
        Change::{Add, Recast, Remove, Reshape},
        Changes, Older, Recast as Cast, first_known, nothing, null,
    },
    fields::{Field, Kind},
    requests::details::NAME,
    schema::{INTEGER, MANY, NUMBER, TEXT},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2024_01,
    models: &[
        (
            &[Model::Tracking],
            &[
                Add("failed_delivery_attempts"),
                Add("signature_requirement"),
                Add("carbon_emissions"),
                Add("unique_token"),
                Remove(Older::new(
                    Field::or_null("delivery_time", INTEGER),
                    &["transit_time"],
                    first_known,
                )),
            ],
        ),
        (
            super::CHECKPOINTS,
            &[
                Add("events"),
                Reshape {
                    older: &[Older::new(
                        Field::new("coordinates", Kind::List(MANY, &NUMBER)),
                        &[],
                        nothing,
                    )],
                    newer: &["coordinate"],
                },
            ],
        ),
        (
            &[Model::PredictionOfTracking],
            &[
                Add("confidence_code"),
                unknown("slug", TEXT),
                unknown("service_type_name", TEXT),
                unknown("origin_address", Kind::Model(Model::PredictionAddress)),
                unknown("destination_address", Kind::Model(Model::PredictionAddress)),
                unknown("weight", Kind::Object(crate::schema::tracking::MEASURE)),
                unknown("package_count", INTEGER),
                unknown("pickup_time", TEXT),
                unknown(
                    "estimated_pickup",
                    Kind::Object(crate::schema::prediction::PICKUP),
                ),
            ],
        ),
        (&[Model::Prediction], &[Add("confidence_code")]),
        (
            &[Model::Create],
            &[
                Remove(
                    Older::new(
                        Field::new("android", DEVICES),
                        &["legacy.android"],
                        first_known,
                    )
                    .lifted(|body, _| keep(body, "android")),
                ),
                Remove(
                    Older::new(Field::new("ios", DEVICES), &["legacy.ios"], first_known)
                        .lifted(|body, _| keep(body, "ios")),
                ),
                Recast(Cast {
                    field: Field::new("slug", Kind::Listed(1, &TEXT)),
                    lower: |slug| slug,
                    lift: |slug| slug,
                }),
            ],
        ),
        (
            &[Model::NextCourierGiven],
            &[Remove(Older::new(
                Field::new("source", Kind::Text(NAME)),
                &[],
                null,
            ))],
        ),
        (
            &[Model::Update],
            &[
                Add("location_id"),
                Add("shipping_method"),
                Add("tracking_origin_country"),
                Add("tracking_destination_country"),
                Add("tracking_postal_code"),
                Add("tracking_state"),
            ],
        ),
        (
            &[Model::TrackingsQuery],
            &[
                Add("order_id"),
                Remove(Older::new(
                    Field::new("delivery_time", INTEGER),
                    &["transit_time"],
                    first_known,
                )),
                Remove(Older::new(Field::new("lang", TEXT), &[], null)),
                Remove(Older::new(Field::new("last_updated_at", TEXT), &[], null)),
            ],
        ),
    ],
    notes: &["`delivery_time` is gone; use `transit_time`."],
};

/// Devices that were told of news. Nothing is sent to them; what was given is kept and answered.
const DEVICES: Kind = Kind::Listed(DEVICES_LIMIT, &Kind::Text(NAME));
/// As many as customers of a tracking, for each of a few devices.
const DEVICES_LIMIT: usize = 10;

/// A field of a prediction that nobody knows any more.
const fn unknown(name: &'static str, kind: Kind) -> crate::change::Change {
    Remove(Older::new(Field::or_null(name, kind), &[], null))
}

/// Only old versions can say it: it is kept beside what the newest knows.
fn keep(body: &mut Map<String, Value>, name: &str) {
    if let Some(given) = body.remove(name) {
        body.insert(format!("legacy.{name}"), json!(given));
    }
}
