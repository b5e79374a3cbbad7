//! The columns of a file, and the body that a row of it comes to: the API's fields, older names of
//! theirs, and a few of a file's own.

use csv::StringRecord;
use serde_json::{Map, Value, json};

/// Columns that are called otherwise in the newest version of the API.
const RENAMED: [(&str, &str); 9] = [
    ("courier", "slug"),
    ("order_path", "order_id_path"),
    ("origin_country", "origin_country_region"),
    ("destination_country", "destination_country_region"),
    ("tracking_postal_code", "destination_postal_code"),
    ("tracking_origin_country", "origin_country_region"),
    ("tracking_destination_country", "destination_country_region"),
    ("tracking_state", "destination_state"),
    ("phone", "sms"),
];
/// Columns that are fields of the API.
const FIELDS: [&str; 32] = [
    "id",
    "tracking_number",
    "slug",
    "slug_group",
    "title",
    "order_id",
    "order_id_path",
    "order_number",
    "order_date",
    "language",
    "delivery_type",
    "pickup_location",
    "pickup_note",
    "tracking_account_number",
    "tracking_key",
    "tracking_ship_date",
    "origin_country_region",
    "origin_state",
    "origin_city",
    "origin_postal_code",
    "origin_raw_location",
    "destination_country_region",
    "destination_state",
    "destination_city",
    "destination_postal_code",
    "destination_raw_location",
    "note",
    "shipment_type",
    "shipping_method",
    "location_id",
    "courier_connection_id",
    "shipment_direction",
];
/// Columns that become part of a field.
const PARTS: [&str; 5] = [
    "email",
    "sms",
    "customer_name",
    "shipment_tags",
    "order_promised_delivery_date",
];
/// What the name of a custom field begins with.
const CUSTOM: &str = "custom_field_";

/// What each column of a file is.
pub(super) struct Columns {
    names: Vec<Option<String>>,
    /// Columns that nobody knows.
    pub ignored: Vec<String>,
}

impl Columns {
    /// The columns of a header. The error says which one is missing.
    pub fn of(header: &StringRecord) -> Result<Self, String> {
        let mut ignored = Vec::new();
        let mut name = |column: &str| {
            let lower = column.to_lowercase().replace(' ', "_");
            let renamed = RENAMED.iter().find(|(old, _)| *old == lower);
            let name = renamed.map_or(lower.as_str(), |(_, new)| new);
            let is_known =
                FIELDS.contains(&name) || PARTS.contains(&name) || name.starts_with(CUSTOM);
            if !is_known {
                ignored.push(column.to_owned());
            }
            is_known.then(|| name.to_owned())
        };
        let names: Vec<_> = header.iter().map(&mut name).collect();
        if !names.iter().flatten().any(|name| name == "tracking_number") {
            return Err("has no column `tracking_number` in its first line".to_owned());
        }
        Ok(Self { names, ignored })
    }

    /// The body of a row; empty cells are absent.
    pub fn body(&self, record: &StringRecord) -> Value {
        let mut body = Map::new();
        let mut custom = Map::new();
        let cells = self.names.iter().zip(record);
        let cells = cells.filter_map(|(name, cell)| Some((name.as_deref()?, cell)));
        let mut people = People::default();
        for (name, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            let list = || cell.split(',').map(str::trim).filter(|it| !it.is_empty());
            match name {
                "email" => people.emails = list().map(str::to_owned).collect(),
                "sms" => people.phones = list().map(str::to_owned).collect(),
                "customer_name" => people.name = Some(cell.to_owned()),
                "shipment_tags" => {
                    body.insert(name.to_owned(), list().collect());
                }
                "order_promised_delivery_date" => {
                    let promised = json!({ "promised_delivery_date": cell });
                    body.insert(name.to_owned(), promised);
                }
                name => match name.strip_prefix(CUSTOM) {
                    Some(field) => custom.insert(field.to_owned(), cell.into()),
                    None => body.insert(name.to_owned(), cell.into()),
                }
                .map_or((), drop),
            }
        }
        if !custom.is_empty() {
            body.insert("custom_fields".to_owned(), custom.into());
        }
        if let Some(customers) = people.customers() {
            body.insert("customers".to_owned(), customers);
        }
        body.into()
    }
}

/// Who hears of a parcel, as a file says it.
#[derive(Default)]
struct People {
    name: Option<String>,
    emails: Vec<String>,
    phones: Vec<String>,
}

impl People {
    /// A customer for each address; the name is the first one's.
    fn customers(self) -> Option<Value> {
        let several = self.emails.len().max(self.phones.len());
        let count = several.max(usize::from(self.name.is_some()));
        let customer = |at: usize| {
            json!({
                "role": "receiver",
                "name": self.name.as_ref().filter(|_| at == 0),
                "email": self.emails.get(at),
                "phone_number": self.phones.get(at),
            })
        };
        (count > 0).then(|| (0..count).map(customer).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(header: &[&str], row: &[&str]) -> Value {
        let columns = Columns::of(&StringRecord::from(header.to_vec())).unwrap();
        columns.body(&StringRecord::from(row.to_vec()))
    }

    #[test]
    fn a_row_is_the_body_of_a_create() {
        let body = body(
            &[
                "tracking_number",
                "Courier",
                "origin country",
                "shipment_tags",
                "custom_field_size",
                "title",
            ],
            &["QX1", "ups", "DEU", "a, b", "XL", ""],
        );
        assert_eq!(
            body,
            json!({
                "tracking_number": "QX1",
                "slug": "ups",
                "origin_country_region": "DEU",
                "shipment_tags": ["a", "b"],
                "custom_fields": {"size": "XL"},
            })
        );
    }

    #[test]
    fn people_are_customers() {
        let body = body(
            &["tracking_number", "email", "phone", "customer_name"],
            &["QX1", "a@example.com,b@example.com", "+4930123", "Jo"],
        );
        assert_eq!(
            body["customers"],
            json!([
                {"role": "receiver", "name": "Jo", "email": "a@example.com", "phone_number": "+4930123"},
                {"role": "receiver", "name": null, "email": "b@example.com", "phone_number": null},
            ])
        );
    }

    #[test]
    fn unknown_columns_are_ignored_and_the_number_is_needed() {
        let header = StringRecord::from(vec!["tracking_number", "colour"]);
        assert_eq!(Columns::of(&header).unwrap().ignored, ["colour"]);
        let header = StringRecord::from(vec!["number"]);
        assert!(Columns::of(&header).is_err_and(|error| error.contains("tracking_number")));
    }
}
