//! 2025-07, and what 2026-01 changed.

use serde_json::{Value, json};

use super::TRACKINGS;
use crate::{
    Model, Version,
    change::{
        Change::{self, Remove, Values},
        Changes, Older, Recast,
    },
    fields::{Field, Kind},
    schema::TEXT,
};

const PROMISE: &str = "order_promised_delivery_date";

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2025_07,
    models: &[
        (
            TRACKINGS,
            &[
                Change::recast(Field::or_null(PROMISE, TEXT), one_date),
                Remove(Older::new(
                    Field::or_null("last_mile_tracking_supported", Kind::Boolean),
                    &["last_mile"],
                    |values| match values {
                        [Value::Object(last_mile)] => {
                            json!(last_mile.get("slug").is_some_and(Value::is_string))
                        }
                        _ => Value::Null,
                    },
                )),
            ],
        ),
        (
            super::BODIES,
            &[Change::Recast(Recast {
                field: Field::new(PROMISE, Kind::Time),
                lower: one_date,
                lift: |date| json!({"promised_delivery_date": date}),
            })],
        ),
        (super::CHECKPOINTS, &[Change::rename("zip", "postal_code")]),
        (
            &[Model::PredictionOfTracking, Model::Prediction],
            &[Values {
                field: "confidence_code",
                // The highest of the older table, and "too little is known".
                pairs: &[("10000", "10001"), ("30004", "30002")],
            }],
        ),
    ],
    notes: &[
        "A tracking can be retracked three times; before, once.",
        "Confidence codes 10000 and 30004 are new.",
    ],
};

/// The one date, or the last of a range.
fn one_date(mut promise: Value) -> Value {
    let mut part = |name| {
        let date = promise.get_mut(name).map(Value::take);
        date.filter(|date| !date.is_null())
    };
    part("promised_delivery_date")
        .or_else(|| part("promised_delivery_date_max"))
        .or_else(|| part("promised_delivery_date_min"))
        .unwrap_or(Value::Null)
}
