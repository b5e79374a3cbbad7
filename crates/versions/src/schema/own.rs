//! What no version changes: courier connections, and our own API.

use super::{INTEGER, MANY, NUMBER, TEXT, TEXTS, lists::PAGINATION};
use crate::{
    Model,
    fields::{Field, Kind},
    requests::{MAX_BATCH, activation, locations},
};

/// Beside the things of a list that is read as a whole.
pub(crate) const LIST_HEAD: &[Field] = &[Field::new("pagination", Kind::Object(PAGINATION))];

/// Beside deliveries, which nobody counts.
pub(crate) const DELIVERIES_HEAD: &[Field] = &[Field::new(
    "pagination",
    Kind::Object(&[
        Field::or_null("next_cursor", TEXT),
        Field::new("has_next_page", Kind::Boolean),
    ]),
)];

pub(crate) const CONNECTION_GIVEN: &[Field] = &[
    Field::required("courier_slug", Kind::Slug),
    Field::required("credentials", Kind::CustomFields),
];

pub(crate) const CONNECTION_CHANGE: &[Field] =
    &[Field::required("credentials", Kind::CustomFields)];

pub(crate) const CONNECTION: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("courier_slug", TEXT),
    Field::new("credentials", Kind::CustomFields),
    Field::new("created_at", TEXT),
    Field::new("updated_at", TEXT),
];

pub(crate) const KEY: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("name", TEXT),
    Field::new("prefix", TEXT),
    Field::new("authentication", Kind::Choice(&["api-key", "aes", "rsa"])),
    Field::new("scopes", TEXTS),
    Field::new("created_at", TEXT),
    Field::or_null("last_used_at", TEXT),
    Field::or_null("revoked_at", TEXT),
];

/// Given and answered.
pub(crate) const ACTIVATION: &[Field] = &[Field::required(
    "couriers",
    Kind::List(activation::MAX_COURIERS, &Kind::Slug),
)];

pub(crate) const LOCATION: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("name", TEXT),
    Field::new("active", Kind::Boolean),
    Field::new(
        "address",
        Kind::Object(&[
            Field::new("country_region", TEXT),
            Field::or_null("state", TEXT),
            Field::or_null("city", TEXT),
            Field::or_null("postal_code", TEXT),
            Field::or_null("raw_location", TEXT),
        ]),
    ),
    Field::or_null("order_cutoff_time", TEXT),
    Field::or_null("order_processing_time", Kind::Object(locations::PROCESSING)),
    Field::or_null("business_days", Kind::BusinessDays),
    Field::new("created_at", TEXT),
    Field::new("updated_at", TEXT),
];

pub(crate) const BATCH_GIVEN: &[Field] = &[Field::required(
    "trackings",
    Kind::Models(MAX_BATCH, Model::Create),
)];

/// A result has a tracking or an error.
pub(crate) const BATCH: &[Field] = &[Field::new(
    "results",
    Kind::Objects(
        MANY,
        &[
            Field::new("index", INTEGER),
            Field::new("status", INTEGER),
            Field::new("tracking", Kind::Model(Model::Tracking)),
            Field::new("error", Kind::Object(REFUSAL)),
        ],
    ),
)];

const REFUSAL: &[Field] = &[
    Field::new("code", INTEGER),
    Field::new("message", TEXT),
    Field::new("type", TEXT),
    Field::new("errors", Kind::List(MANY, &Kind::Anything)),
    Field::new("data", Kind::Anything),
];

const OUTCOME: Kind = Kind::Choice(&[
    "ok",
    "no_data_yet",
    "unknown_to_courier",
    "could_not_ask",
    "could_not_read",
]);

const POLL_ATTEMPT: &[Field] = &[
    Field::new("at", TEXT),
    Field::new("slug", TEXT),
    Field::new("outcome", OUTCOME),
    Field::or_null("reason", TEXT),
    Field::or_null("http_status", INTEGER),
    Field::or_null("latency_ms", INTEGER),
    Field::new("new_checkpoints", INTEGER),
    Field::or_null("excerpt", TEXT),
];

const LEG: &[Field] = &[
    Field::new("leg", INTEGER),
    Field::new("slug", TEXT),
    Field::new("tracking_number", TEXT),
    Field::or_null("checked_at", TEXT),
    Field::or_null("answered_at", TEXT),
    Field::or_null("next_check_at", TEXT),
    Field::or_null("outcome", OUTCOME),
    Field::or_null("reason", TEXT),
    Field::new("tracked_count", INTEGER),
    Field::new("failures", INTEGER),
    Field::new("attempts", Kind::Objects(MANY, POLL_ATTEMPT)),
];

const DETECTION: &[Field] = &[
    Field::new("slug", TEXT),
    Field::new("state", Kind::Choice(&["settled", "open", "unknown"])),
    Field::new("confidence", NUMBER),
    Field::new("asked", TEXTS),
    Field::or_null("next_round_at", TEXT),
];

pub(crate) const POLLING: &[Field] = &[
    Field::new("legs", Kind::Objects(MANY, LEG)),
    Field::or_null("detection", Kind::Object(DETECTION)),
];

pub(crate) const WEBHOOK: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("url", TEXT),
    Field::new("events", TEXTS),
    Field::new("version", TEXT),
    Field::new("headers", Kind::CustomFields),
    Field::or_null(
        "oauth",
        Kind::Object(&[
            Field::new("token_url", TEXT),
            Field::new("client_id", TEXT),
            Field::or_null("scope", TEXT),
            Field::new("credentials", Kind::Choice(&["body", "basic"])),
        ]),
    ),
    Field::new("status", Kind::Choice(&["active", "paused", "unverified"])),
    Field::or_null("last_success_at", TEXT),
    Field::or_null("failing_since", TEXT),
    Field::new("created_at", TEXT),
    Field::new("updated_at", TEXT),
];

/// What is shown once, where it was just made.
pub(crate) const SECRET: &[Field] = &[Field::new("secret", TEXT)];
/// The same of a key; only some kinds have a secret.
pub(crate) const KEY_ITSELF: &[Field] = &[Field::new("key", TEXT)];

pub(crate) const WEBHOOK_TEST: &[Field] = &[
    Field::new("webhook_id", TEXT),
    Field::new("delivery_id", TEXT),
];

pub(crate) const DELIVERY: &[Field] = &[
    Field::new("id", TEXT),
    Field::new("webhook_id", TEXT),
    Field::new("event_id", TEXT),
    Field::new("tracking_id", TEXT),
    Field::new("sequence", INTEGER),
    Field::new("status", Kind::Choice(&["pending", "delivered", "dead"])),
    Field::or_null("next_attempt_at", TEXT),
    Field::new("created_at", TEXT),
    Field::new(
        "attempts",
        Kind::Objects(
            MANY,
            &[
                Field::new("attempt", INTEGER),
                Field::new("at", TEXT),
                Field::or_null("http_status", INTEGER),
                Field::new("latency_ms", INTEGER),
                Field::or_null("error", TEXT),
                Field::new("answer", TEXT),
            ],
        ),
    ),
];

/// The caller's own id of a location.
pub(crate) const ID_GIVEN: &[Field] = &[Field::new("id", TEXT)];
/// What is sent along; its limits are read apart from the other fields.
pub(crate) const WEBHOOK_HEADERS: &[Field] = &[Field::new("headers", Kind::CustomFields)];
