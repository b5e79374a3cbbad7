//! v4, and what the first dated version, 2023-10, changed.

use serde_json::json;

use crate::{
    Model, Version,
    change::{
        Change::{Add, Remove},
        Changes, Older, nothing,
    },
    fields::Field,
    schema::{TEXT, TEXTS},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V4,
    models: &[
        (
            &[Model::Tracking],
            &[
                Add("transit_time"),
                Add("origin_state"),
                Add("origin_city"),
                Add("origin_postal_code"),
                Add("origin_raw_location"),
                Add("destination_state"),
                Add("destination_city"),
                Add("destination_postal_code"),
                Add("shipment_tags"),
                Add("courier_connection_id"),
                Add("next_couriers"),
                Add("custom_estimated_delivery_date"),
                Add("first_estimated_delivery"),
                devices("android", &["legacy.android"]),
                devices("ios", &["legacy.ios"]),
                Remove(Older::new(Field::new("unique_token", TEXT), &[], |_| {
                    json!("deprecated")
                })),
            ],
        ),
        (
            &[Model::Create],
            &[
                Add("origin_state"),
                Add("origin_city"),
                Add("origin_postal_code"),
                Add("origin_raw_location"),
                Add("destination_state"),
                Add("destination_city"),
                Add("destination_postal_code"),
                Add("destination_raw_location"),
                Add("shipment_tags"),
                Add("courier_connection_id"),
                Add("next_couriers"),
            ],
        ),
        (
            &[Model::Update],
            &[
                Add("slug"),
                Add("tracking_account_number"),
                Add("tracking_key"),
                Add("tracking_ship_date"),
                Add("origin_country_iso3"),
                Add("origin_state"),
                Add("origin_city"),
                Add("origin_postal_code"),
                Add("origin_raw_location"),
                Add("destination_country_iso3"),
                Add("destination_state"),
                Add("destination_city"),
                Add("destination_postal_code"),
                Add("destination_raw_location"),
            ],
        ),
        (
            &[Model::Detect],
            &[
                Add("tracking_account_number"),
                Add("tracking_origin_country"),
                Add("tracking_state"),
                Add("slug_group"),
                Add("origin_country_iso3"),
                Add("destination_country_iso3"),
            ],
        ),
        (
            &[Model::Notification],
            &[
                Remove(Older::new(Field::new("android", TEXTS), &[], nothing)),
                Remove(Older::new(Field::new("ios", TEXTS), &[], nothing)),
            ],
        ),
        (
            &[Model::TrackingsQuery],
            &[Add("transit_time"), Add("shipment_tags")],
        ),
    ],
    notes: &[
        "The path begins with `/tracking/` and the version's date; before, with `/v4`.",
        "The key goes into the header `as-api-key`; v4 also takes `aftership-api-key`.",
    ],
};

/// Devices as they were given.
const fn devices(name: &'static str, from: &'static [&'static str]) -> crate::change::Change {
    Remove(Older::new(
        Field::new(name, TEXTS),
        from,
        |values| match values {
            [devices] if devices.is_array() => devices.clone(),
            _ => json!([]),
        },
    ))
}
