//! 2024-04, and what 2024-07 changed.

use serde_json::Value;

use super::{BODIES, TRACKINGS};
use crate::{
    Model, Version,
    change::{
        Change::{self, Add, Only, Recast, Remove, Reshape},
        Changes, Older, Recast as Cast, first_known,
    },
    fields::{Field, Kind},
    requests::details::CUSTOMERS,
    schema::{MANY, NUMBER, TEXT, TEXTS},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2024_04,
    models: &[
        (
            TRACKINGS,
            &[
                Reshape {
                    older: &[Older::new(
                        Field::new("id", TEXT),
                        &["legacy_id"],
                        first_known,
                    )],
                    newer: &["id", "legacy_id"],
                },
                Add("delivery_location_type"),
                Change::recast(Field::or_null("shipment_weight", NUMBER), |weight| {
                    part(&weight, "value")
                }),
                Remove(Older::new(
                    Field::or_null("shipment_weight_unit", TEXT),
                    &["shipment_weight"],
                    |values| {
                        values
                            .first()
                            .map_or(Value::Null, |weight| part(weight, "unit"))
                    },
                )),
            ],
        ),
        (&[Model::Deleted], &[Only(PARTIAL)]),
        (&[Model::Retracked], &[Only(PARTIAL_WITH_ACTIVE)]),
        (
            BODIES,
            &[
                listed("emails", &Kind::Email),
                listed("smses", &Kind::Phone),
            ],
        ),
        (&[Model::Prediction], &[Add("id")]),
        (
            &[Model::TrackingsHead],
            &[
                echoed(Field::new("keyword", TEXT), &["legacy.keyword"]),
                echoed(Field::new("slug", TEXT), &["legacy.slug"]),
                echoed(Field::new("origin", TEXTS), &["legacy.origin"]),
                echoed(Field::new("destination", TEXTS), &["legacy.destination"]),
                echoed(Field::new("tag", TEXT), &["legacy.tag"]),
                echoed(Field::new("fields", TEXT), &["legacy.fields"]),
                echoed(
                    Field::or_null("created_at_min", TEXT),
                    &["legacy.created_at_min"],
                ),
                echoed(
                    Field::or_null("created_at_max", TEXT),
                    &["legacy.created_at_max"],
                ),
                echoed(
                    Field::or_null("last_updated_at", TEXT),
                    &["legacy.last_updated_at"],
                ),
                echoed(
                    Field::new("return_to_sender", Kind::List(MANY, &Kind::Boolean)),
                    &["legacy.return_to_sender"],
                ),
                echoed(
                    Field::new("courier_destination_country_iso3", TEXTS),
                    &["legacy.courier_destination_country_region"],
                ),
            ],
        ),
    ],
    notes: &[
        "Bodies and answers are no longer wrapped in `tracking`.",
        "Deleting and retracking answer the whole tracking; before, what identifies it.",
        "The calls of `/notifications` and `/last_checkpoint` are gone.",
        "A wrong JSON type in a body is refused; before, the field was ignored.",
        "Limits are per endpoint; before, ten requests a second for all together.",
        "Lists no longer repeat their filters.",
    ],
};

/// What identifies a tracking, as deleting answered it.
const PARTIAL: &[&str] = &[
    "id",
    "tracking_number",
    "slug",
    "tracking_account_number",
    "tracking_origin_country",
    "tracking_destination_country",
    "tracking_key",
    "tracking_postal_code",
    "tracking_ship_date",
    "tracking_state",
];

const PARTIAL_WITH_ACTIVE: &[&str] = &[
    "id",
    "tracking_number",
    "slug",
    "active",
    "tracking_account_number",
    "tracking_origin_country",
    "tracking_destination_country",
    "tracking_key",
    "tracking_postal_code",
    "tracking_ship_date",
    "tracking_state",
];

/// A list that may also be one text with commas.
const fn listed(name: &'static str, kind: &'static Kind) -> Change {
    Recast(Cast {
        field: Field::new(name, Kind::Listed(CUSTOMERS, kind)),
        lower: |list| list,
        lift: |list| list,
    })
}

/// A filter of the list, repeated in the answer.
const fn echoed(field: Field, from: &'static [&'static str]) -> Change {
    Remove(Older::new(field, from, first_known))
}

fn part(measure: &Value, name: &str) -> Value {
    measure.get(name).cloned().unwrap_or(Value::Null)
}
