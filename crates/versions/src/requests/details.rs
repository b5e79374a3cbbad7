//! The table of the caller's fields, shared by create and update.

use serde_json::{Map, Value};
use waybill_model::{Details, EventTime};

use super::fields::{Field, Kind};
use crate::{Model, Problem};

// No maximum is documented for most texts. These bound what one tracking can cost and are far
// above what shops send.
pub(crate) const NAME: usize = 512;
pub(crate) const LINK: usize = 2_048;
pub(crate) const PROSE: usize = 4_096;
/// Documented: 1 to 512 letters and digits.
const ACCOUNT: usize = 512;
/// Documented: 1 to 10 letters, digits, `+`, `-` and blanks.
const POSTAL_CODE: usize = 10;
/// Documented: 50 tags of 32 characters.
const TAGS: usize = 50;
const TAG: usize = 32;
/// Documented: 3 customers.
pub(crate) const CUSTOMERS: usize = 3;

pub(crate) const POSTAL: Kind = Kind::Pattern(
    POSTAL_CODE,
    |character| character.is_alphanumeric() || "+- ".contains(character),
    "letters, digits, `+`, `-` and blanks",
);

const ACCOUNT_NUMBER: Kind = Kind::Pattern(ACCOUNT, char::is_alphanumeric, "letters and digits");

const TRACKING_KEY: Kind = Kind::Pattern(
    NAME,
    |character| character.is_alphanumeric() || "-._".contains(character),
    "letters, digits, `-`, `.` and `_`",
);

/// Fields that can be given and changed.
pub(crate) const CHANGEABLE: &[Field] = &[
    Field::new("title", Kind::FilledText(NAME)),
    Field::new("order_id", Kind::FilledText(NAME)),
    Field::new("order_id_path", Kind::FilledText(LINK)),
    Field::new("order_number", Kind::Text(NAME)),
    Field::new("order_date", Kind::Time),
    Field::new("custom_fields", Kind::CustomFields),
    Field::new("language", Kind::Language),
    Field::new("order_promised_delivery_date", Kind::Model(Model::Promise)),
    Field::new(
        "delivery_type",
        Kind::Choice(&["pickup_at_store", "pickup_at_courier", "door_to_door"]),
    ),
    Field::new("pickup_location", Kind::FilledText(NAME)),
    Field::new("pickup_note", Kind::FilledText(PROSE)),
    Field::new("tracking_account_number", ACCOUNT_NUMBER),
    Field::new("tracking_key", TRACKING_KEY),
    Field::new("tracking_ship_date", Kind::ShipDate),
    Field::new("origin_country_region", Kind::Country),
    Field::new("origin_state", Kind::Text(NAME)),
    Field::new("origin_city", Kind::Text(NAME)),
    Field::new("origin_postal_code", Kind::Text(NAME)),
    Field::new("origin_raw_location", Kind::Text(LINK)),
    Field::new("destination_country_region", Kind::Country),
    Field::new("destination_state", Kind::Text(NAME)),
    Field::new("destination_city", Kind::Text(NAME)),
    Field::new("destination_postal_code", POSTAL),
    Field::new("destination_raw_location", Kind::Text(LINK)),
    Field::new("note", Kind::Text(PROSE)),
    Field::new("shipment_type", Kind::Text(NAME)),
    Field::new("location_id", Kind::Text(NAME)),
    Field::new("shipping_method", Kind::Text(NAME)),
    Field::new("customers", Kind::Models(CUSTOMERS, Model::Customer)),
    Field::new("shipment_direction", Kind::Choice(&["forward", "return"])),
];

/// Fields that are given at creation only.
pub(crate) const GIVEN_ONCE: &[Field] = &[
    Field::new("shipment_tags", Kind::Texts(TAGS, TAG)),
    Field::new("courier_connection_id", Kind::Text(NAME)),
    Field::new("last_mile", Kind::Model(Model::LastMileGiven)),
];

/// The fields of the detection hints, a part of the above.
pub(crate) const HINTS: &[Field] = &[
    Field::new("destination_postal_code", POSTAL),
    Field::new("tracking_ship_date", Kind::ShipDate),
    Field::new("tracking_account_number", ACCOUNT_NUMBER),
    Field::new("tracking_key", TRACKING_KEY),
    Field::new("destination_state", Kind::Text(NAME)),
    Field::new("origin_country_region", Kind::Country),
    Field::new("destination_country_region", Kind::Country),
];

pub(crate) const PROMISE: &[Field] = &[
    Field::or_null("promised_delivery_date", Kind::Time),
    Field::or_null("promised_delivery_date_min", Kind::Time),
    Field::or_null("promised_delivery_date_max", Kind::Time),
];

pub(crate) const CUSTOMER: &[Field] = &[
    Field::or_null("role", Kind::Text(NAME)),
    Field::or_null("name", Kind::Text(NAME)),
    Field::or_null("phone_number", Kind::Phone),
    Field::or_null("email", Kind::Email),
    Field::or_null("language", Kind::Language),
    Field::or_null("id", Kind::Text(NAME)),
];

pub(crate) const LAST_MILE: &[Field] = &[
    Field::required("tracking_number", Kind::Number),
    Field::required("slug", Kind::Slug),
];

const ORIGIN: &[&str] = &[
    "origin_country_region",
    "origin_state",
    "origin_city",
    "origin_postal_code",
    "origin_raw_location",
];

/// What holds between fields: a place of ours excludes an address of the caller's, and a range of
/// promised dates does not end before it begins.
pub(super) fn check_together(details: &Map<String, Value>) -> Result<(), Problem> {
    let given = |name: &&str| details.get(*name).is_some_and(|value| !value.is_null());
    if given(&"location_id") && ORIGIN.iter().any(given) {
        return Err(Problem::invalid(
            "location_id",
            "It cannot be used together with an origin address.",
        ));
    }
    let promised = |name: &str| {
        let promise = details.get("order_promised_delivery_date")?;
        EventTime::parse(promise.get(name)?.as_str()?)
    };
    if let (Some(min), Some(max)) = (
        promised("promised_delivery_date_min"),
        promised("promised_delivery_date_max"),
    ) && max.date < min.date
    {
        return Err(Problem::invalid(
            "order_promised_delivery_date.promised_delivery_date_max",
            "It lies before `promised_delivery_date_min`.",
        ));
    }
    Ok(())
}

/// Normalised fields as their type. Fails only if a table and the type disagree.
pub(super) fn to_details(mut fields: Map<String, Value>) -> Result<Details, Problem> {
    // What only old versions can say stands apart from what the newest knows.
    let names: Vec<String> = fields
        .keys()
        .filter(|name| name.starts_with("legacy."))
        .cloned()
        .collect();
    let mut legacy = Map::new();
    for name in names {
        let kept = fields.remove_entry(&name);
        if let Some((name, value)) = kept.filter(|(_, value)| !value.is_null()) {
            legacy.insert(name.trim_start_matches("legacy.").to_owned(), value);
        }
    }
    if !legacy.is_empty() {
        fields.insert("legacy".to_owned(), Value::Object(legacy));
    }
    serde_json::from_value(Value::Object(fields)).map_err(|_| Problem::internal())
}
