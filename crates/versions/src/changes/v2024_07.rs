//! 2024-07, and what 2024-10 changed.

use serde_json::Value;

use super::TRACKINGS;
use crate::{
    Model, Version,
    change::{
        Change::{Add, Remove, Reshape},
        Changes, Older, first_known,
    },
    fields::Field,
    schema::{INTEGER, TEXT},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2024_07,
    models: &[
        (
            TRACKINGS,
            &[
                Add("aftership_tracking_url"),
                Add("aftership_tracking_order_url"),
                Reshape {
                    older: &[Older::new(
                        Field::or_null("expected_delivery", TEXT),
                        &["courier_estimated_delivery_date"],
                        one_date,
                    )],
                    newer: &["courier_estimated_delivery_date"],
                },
            ],
        ),
        (
            &[Model::NextCourier],
            &[Add("courier_tracking_link"), Add("courier_redirect_link")],
        ),
        (
            &[Model::TrackingsQuery],
            &[
                Add("cursor"),
                Remove(Older::new(Field::new("page", INTEGER), &[], first_known)),
            ],
        ),
        (
            &[Model::TrackingsHead],
            &[Reshape {
                older: &[
                    Older::new(Field::new("page", INTEGER), &["legacy.page"], first_known),
                    Older::new(Field::new("limit", INTEGER), &["legacy.limit"], first_known),
                    Older::new(Field::new("count", INTEGER), &["pagination"], |values| {
                        let total = values.first().and_then(|value| value.get("total"));
                        total.cloned().unwrap_or(Value::Null)
                    }),
                ],
                newer: &["pagination"],
            }],
        ),
    ],
    notes: &[
        "Trackings are no longer reached by `{slug}/{tracking_number}`; use the id.",
        "Lists have a `cursor`; before, a `page`.",
    ],
};

/// The one date, or the last of a range.
fn one_date(values: &[Value]) -> Value {
    let part = |name| {
        values
            .first()
            .and_then(|estimate| estimate.get(name))
            .filter(|date| !date.is_null())
    };
    part("estimated_delivery_date")
        .or_else(|| part("estimated_delivery_date_max"))
        .cloned()
        .unwrap_or(Value::Null)
}
