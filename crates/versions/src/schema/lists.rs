//! Lists: their queries, and what they say beside their items.

use super::{INTEGER, TEXT, TEXTS};
use crate::fields::{Field, Kind};

/// `GET /trackings`.
pub(crate) const TRACKINGS_QUERY: &[Field] = &[
    Field::new("cursor", TEXT),
    Field::new("limit", INTEGER),
    Field::new("keyword", TEXT),
    Field::new("tracking_numbers", TEXT),
    Field::new("slug", TEXT),
    Field::new("transit_time", INTEGER),
    Field::new("origin", TEXT),
    Field::new("destination", TEXT),
    Field::new("tag", TEXT),
    Field::new("created_at_min", TEXT),
    Field::new("created_at_max", TEXT),
    Field::new("updated_at_min", TEXT),
    Field::new("updated_at_max", TEXT),
    Field::new("fields", TEXT),
    Field::new("return_to_sender", TEXT),
    Field::new("courier_destination_country_region", TEXT),
    Field::new("shipment_tags", TEXT),
    Field::new("order_id", TEXT),
];

/// `GET /couriers`.
pub(crate) const COURIERS_QUERY: &[Field] = &[
    Field::new("active", Kind::Boolean),
    Field::new("slug", TEXT),
];

/// Beside the trackings of a list.
pub(crate) const TRACKINGS_HEAD: &[Field] = &[Field::new("pagination", Kind::Object(PAGINATION))];

/// Cursors.
pub(crate) const PAGINATION: &[Field] = &[
    Field::new("total", INTEGER),
    Field::or_null("next_cursor", TEXT),
    Field::new("has_next_page", Kind::Boolean),
];

/// Who hears of a tracking, as up to 2024-04.
pub(crate) const NOTIFICATION: &[Field] =
    &[Field::new("emails", TEXTS), Field::new("smses", TEXTS)];
