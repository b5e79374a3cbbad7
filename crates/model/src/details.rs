//! What the caller says of a shipment: the fields of create and update in the newest shape.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CountryCode, Direction, Legacy};

/// The caller's fields. Flat and named as on the wire, so that an update is a merge of two
/// objects: absent leaves a field, null clears it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Shown in lists; the tracking number where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The shop's order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Link to the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id_path: Option<String>,
    /// The order as people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// When it was ordered, as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_date: Option<String>,
    /// Text by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<BTreeMap<String, String>>,
    /// The recipient's language, ISO 639-1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What the shop promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_promised_delivery_date: Option<PromisedDeliveryDate>,
    /// `pickup_at_store`, `pickup_at_courier` or `door_to_door`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_type: Option<String>,
    /// Where the recipient collects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_location: Option<String>,
    /// What the recipient should know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_note: Option<String>,
    /// The shipper's account at the courier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_account_number: Option<String>,
    /// A courier's own kind of secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_key: Option<String>,
    /// When it was sent, as the caller wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_ship_date: Option<String>,
    /// Sender's country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_country_region: Option<CountryCode>,
    /// Sender's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_state: Option<String>,
    /// Sender's city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_city: Option<String>,
    /// Sender's postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_postal_code: Option<String>,
    /// Sender's address in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_raw_location: Option<String>,
    /// Recipient's country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_country_region: Option<CountryCode>,
    /// Recipient's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_state: Option<String>,
    /// Recipient's city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_city: Option<String>,
    /// Recipient's postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_postal_code: Option<String>,
    /// Recipient's address in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_raw_location: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The courier's service; the caller's word is never overwritten by the courier's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_type: Option<String>,
    /// To find and group shipments by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipment_tags: Vec<String>,
    /// Which connection of the courier to ask by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courier_connection_id: Option<String>,
    /// Where it was fulfilled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// What the shop called the way of shipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_method: Option<String>,
    /// Who hears of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<Customer>,
    /// Out to a customer or back to the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment_direction: Option<Direction>,
    /// The second carrier, as the caller knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_mile: Option<LastMileDetails>,
    /// What only old versions of the API can say.
    #[serde(skip_serializing_if = "Legacy::is_empty")]
    pub legacy: Legacy,
}

/// A promised date, or a range of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromisedDeliveryDate {
    /// The one day.
    pub promised_delivery_date: Option<String>,
    /// The first day of a range.
    pub promised_delivery_date_min: Option<String>,
    /// The last day of a range.
    pub promised_delivery_date_max: Option<String>,
}

/// Somebody who hears of a shipment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// `receiver`, `buyer` or the like.
    pub role: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// With `+` and country code.
    pub phone_number: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// The caller's own identity of the person.
    pub id: Option<String>,
}

/// The second carrier as the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMileDetails {
    /// Its number.
    pub tracking_number: String,
    /// Its courier, where known.
    #[serde(default)]
    pub slug: Option<String>,
}
