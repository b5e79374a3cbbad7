//! 2024-10, and what 2025-01 changed.

use serde_json::{Map, Value, json};

use super::{BODIES, TRACKINGS, TRACKINGS_AND_BODIES, contacts};
use crate::{
    Model, Version,
    change::{
        Change::{self, Add, Recast, Remove, Reshape},
        Changes, Older, Recast as Cast, first_known,
    },
    fields::{Field, Kind},
    requests::details::{CUSTOMERS, NAME},
    schema::{MANY, TEXT, TEXTS},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2024_10,
    models: &[
        (
            TRACKINGS_AND_BODIES,
            &[
                Change::rename("origin_country_iso3", "origin_country_region"),
                Change::rename("destination_country_iso3", "destination_country_region"),
                Change::rename("tracking_origin_country", "tracking_origin_country_region"),
                Change::rename(
                    "tracking_destination_country",
                    "tracking_destination_country_region",
                ),
            ],
        ),
        (
            TRACKINGS,
            &[
                Change::rename(
                    "courier_destination_country_iso3",
                    "courier_destination_country_region",
                ),
                Change::recast(Field::or_null("tracking_ship_date", TEXT), compact_date),
                Remove(Older::new(
                    Field::new("last_updated_at", TEXT),
                    &["updated_at"],
                    first_known,
                )),
                Reshape {
                    older: &[
                        Older::new(
                            Field::new("emails", TEXTS),
                            &["customers"],
                            contacts::emails,
                        ),
                        Older::new(Field::new("smses", TEXTS), &["customers"], contacts::smses),
                        Older::new(
                            Field::or_null("customer_name", TEXT),
                            &["customers"],
                            contacts::name,
                        ),
                    ],
                    newer: &["customers"],
                },
                Reshape {
                    older: &[Older::new(
                        Field::new("next_couriers", Kind::Models(MANY, Model::NextCourier)),
                        &["last_mile"],
                        next_couriers,
                    )],
                    newer: &["last_mile", "first_mile"],
                },
            ],
        ),
        (
            BODIES,
            &[
                Recast(Cast {
                    field: Field::new("tracking_ship_date", Kind::ShipDate),
                    lower: compact_date,
                    lift: |date| date,
                }),
                Reshape {
                    older: &[
                        Older::new(
                            Field::new("emails", Kind::List(CUSTOMERS, &Kind::Email)),
                            &["customers"],
                            contacts::emails,
                        )
                        .lifted(contacts::lift_emails),
                        Older::new(
                            Field::new("smses", Kind::List(CUSTOMERS, &Kind::Phone)),
                            &["customers"],
                            contacts::smses,
                        )
                        .lifted(contacts::lift_smses),
                        Older::new(
                            Field::new("customer_name", Kind::Text(NAME)),
                            &["customers"],
                            contacts::name,
                        )
                        .lifted(contacts::lift_name),
                    ],
                    newer: &["customers"],
                },
            ],
        ),
        (
            &[Model::Create],
            &[Reshape {
                older: &[Older::new(
                    Field::new("next_couriers", Kind::Models(1, Model::NextCourierGiven)),
                    &["last_mile"],
                    next_couriers,
                )
                .lifted(lift_next_couriers)],
                newer: &["last_mile"],
            }],
        ),
        (
            &[Model::Detect],
            &[
                Change::rename("origin_country_iso3", "origin_country_region"),
                Change::rename("destination_country_iso3", "destination_country_region"),
                Change::rename("tracking_origin_country", "tracking_origin_country_region"),
                Change::rename(
                    "tracking_destination_country",
                    "tracking_destination_country_region",
                ),
            ],
        ),
        (
            super::CHECKPOINTS,
            &[
                Change::rename("country_iso3", "country_region"),
                Change::rename("country_name", "country_region_name"),
                Add("source"),
            ],
        ),
        (
            &[Model::Courier],
            &[
                Change::rename("service_from_country_iso3", "service_from_country_regions"),
                Change::recast(Field::new("required_fields", FIELD_NAMES), older_names),
                Change::recast(Field::new("optional_fields", FIELD_NAMES), older_names),
            ],
        ),
        (&[Model::Complete], &[Add("event_datetime")]),
        (
            &[Model::TrackingsQuery],
            &[Change::rename(
                "courier_destination_country_iso3",
                "courier_destination_country_region",
            )],
        ),
        (
            &[Model::PredictionAddress],
            &[Change::rename("country", "country_region")],
        ),
    ],
    notes: &[
        "`POST /estimated-delivery-date/predict` is new.",
        "A time in `created_at_min`, `created_at_max`, `updated_at_min` or `updated_at_max` that cannot be read is refused; before, it was ignored.",
        "`tracking_ship_date` may be an ISO date or date-time; before, `YYYYMMDD` alone was answered.",
    ],
};

const FIELD_NAMES: Kind = Kind::List(
    MANY,
    &Kind::Choice(&[
        "tracking_account_number",
        "tracking_postal_code",
        "tracking_ship_date",
        "tracking_key",
        "tracking_origin_country",
        "tracking_destination_country",
        "tracking_state",
    ]),
);

fn older_names(mut names: Value) -> Value {
    for name in names.as_array_mut().into_iter().flatten() {
        if let Some(older) = name.as_str().and_then(|name| name.strip_suffix("_region")) {
            *name = json!(older);
        }
    }
    names
}

/// A date in one of the ISO forms as `YYYYMMDD`.
fn compact_date(date: Value) -> Value {
    let compact = date.as_str().and_then(|text| {
        let day = text.get(..10)?;
        let is_iso = day.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
        is_iso.then(|| day.replace('-', ""))
    });
    compact.map_or(date, Value::String)
}

/// The second carrier as the only next one. A carrier that nobody knows has an empty slug.
fn next_couriers(values: &[Value]) -> Value {
    let Some(Value::Object(last_mile)) = values.first() else {
        return json!([]);
    };
    let part = |name| last_mile.get(name).unwrap_or(&Value::Null);
    json!([{
        "slug": part("slug").as_str().unwrap_or_default(),
        "tracking_number": part("tracking_number"),
        "source": part("source"),
        "courier_tracking_link": part("courier_tracking_link"),
        "courier_redirect_link": part("courier_redirect_link"),
    }])
}

fn lift_next_couriers(body: &mut Map<String, Value>, _: &Map<String, Value>) {
    let next = match body.remove("next_couriers") {
        Some(Value::Array(items)) => items.into_iter().next(),
        _ => None,
    };
    if let Some(next) = next {
        body.insert("last_mile".to_owned(), next);
    }
}
