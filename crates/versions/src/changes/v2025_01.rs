//! 2025-01, and what 2025-04 changed.

use serde_json::{Map, Value, json};

use super::{BODIES, TRACKINGS};
use crate::{
    Model, Version,
    change::{
        Change::{self, Add, Remove},
        Changes, Older, first_known,
    },
    fields::{Field, Kind},
    requests::details::{NAME, POSTAL},
    schema::{MANY, TEXT},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2025_01,
    models: &[
        (TRACKINGS, &[POSTAL_CODE, STATE, ORIGIN, DESTINATION]),
        (BODIES, &[POSTAL_CODE, STATE, ORIGIN, DESTINATION]),
        (&[Model::Create], &[Add("id")]),
        (
            &[Model::Detect],
            &[
                Change::rename("tracking_postal_code", "destination_postal_code"),
                Change::rename("tracking_state", "destination_state"),
                ORIGIN,
                DESTINATION,
            ],
        ),
        (&[Model::LatestEstimate], &[Add("revise_reason")]),
        (
            &[Model::Courier],
            &[
                Add("credentials"),
                Change::recast(Field::new("required_fields", FIELD_NAMES), older_names),
                Change::recast(Field::new("optional_fields", FIELD_NAMES), older_names),
            ],
        ),
        (&[Model::CouriersQuery], &[Add("active"), Add("slug")]),
        (
            &[Model::Prediction],
            &[
                Change::recast(Field::new("estimated_delivery_date", TEXT), text_for_null),
                Change::recast(
                    Field::new("estimated_delivery_date_min", TEXT),
                    text_for_null,
                ),
                Change::recast(
                    Field::new("estimated_delivery_date_max", TEXT),
                    text_for_null,
                ),
            ],
        ),
    ],
    notes: &[
        "Courier connections are new: `/courier-connections`.",
        "`GET /couriers/all` is gone; `GET /couriers` lists all and has the filters `active` and `slug`.",
        "The fields that couriers require besides the number have new names.",
    ],
};

/// The additional fields' names before and since 2025-04.
pub(crate) const RENAMED_FIELDS: &[(&str, &str)] = &[
    ("tracking_postal_code", "destination_postal_code"),
    ("tracking_state", "destination_state"),
    ("tracking_origin_country_region", "origin_country_region"),
    (
        "tracking_destination_country_region",
        "destination_country_region",
    ),
];

const POSTAL_CODE: Change = Remove(
    Older::new(
        Field::or_null("tracking_postal_code", POSTAL),
        &["legacy.tracking_postal_code", "destination_postal_code"],
        first_known,
    )
    .lifted(|body, current| {
        take_over(
            body,
            current,
            "tracking_postal_code",
            "destination_postal_code",
        );
    }),
);
const STATE: Change = Remove(
    Older::new(
        Field::or_null("tracking_state", Kind::Text(NAME)),
        &["legacy.tracking_state", "destination_state"],
        first_known,
    )
    .lifted(|body, current| take_over(body, current, "tracking_state", "destination_state")),
);
const ORIGIN: Change = Remove(
    Older::new(
        Field::or_null("tracking_origin_country_region", Kind::Country),
        &[
            "legacy.tracking_origin_country_region",
            "origin_country_region",
        ],
        first_known,
    )
    .lifted(|body, current| {
        take_over(
            body,
            current,
            "tracking_origin_country_region",
            "origin_country_region",
        );
    }),
);
const DESTINATION: Change = Remove(
    Older::new(
        Field::or_null("tracking_destination_country_region", Kind::Country),
        &[
            "legacy.tracking_destination_country_region",
            "destination_country_region",
        ],
        first_known,
    )
    .lifted(|body, current| {
        take_over(
            body,
            current,
            "tracking_destination_country_region",
            "destination_country_region",
        );
    }),
);

/// The plain field takes over what the older says in a field of its own. Where the two differ, only
/// the older version can say so, and it is kept for it.
fn take_over(
    body: &mut Map<String, Value>,
    current: &Map<String, Value>,
    older: &str,
    newer: &str,
) {
    let Some(given) = body.remove(older) else {
        return;
    };
    let differ_now = current
        .get("legacy")
        .is_some_and(|legacy| legacy.get(older).is_some());
    match body.get(newer) {
        Some(Value::Null) if !given.is_null() => {
            body.insert(newer.to_owned(), given);
        }
        Some(plain) if *plain == given => {
            body.insert(format!("legacy.{older}"), Value::Null);
        }
        None if !differ_now => {
            body.insert(newer.to_owned(), given);
        }
        _ => {
            body.insert(format!("legacy.{older}"), given);
        }
    }
}

const FIELD_NAMES: Kind = Kind::List(
    MANY,
    &Kind::Choice(&[
        "tracking_account_number",
        "tracking_postal_code",
        "tracking_ship_date",
        "tracking_key",
        "tracking_origin_country_region",
        "tracking_destination_country_region",
        "tracking_state",
    ]),
);

fn older_names(mut names: Value) -> Value {
    for name in names.as_array_mut().into_iter().flatten() {
        let renamed = RENAMED_FIELDS
            .iter()
            .find(|(_, newer)| name.as_str() == Some(newer));
        if let Some((older, _)) = renamed {
            *name = json!(older);
        }
    }
    names
}

/// Clients of these versions refuse null here.
fn text_for_null(date: Value) -> Value {
    match date {
        Value::Null => json!(""),
        date => date,
    }
}
