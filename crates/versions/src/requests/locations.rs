//! `POST /waybill/v1/locations` and `PATCH /waybill/v1/locations/{id}`.

use serde_json::{Map, Value};
use waybill_model::OwnId;

use super::{
    fields::{Field, Kind, Nulls, Reader, read},
    object::{object, take_own_id},
};
use crate::{Problem, Version};

const NAME: usize = 512;
const LINK: usize = 2_048;

pub(crate) const FIELDS: &[Field] = &[
    Field::required("name", Kind::FilledText(NAME)),
    Field::required("address", Kind::Object(ADDRESS)),
    Field::new("active", Kind::Boolean),
    Field::new("order_cutoff_time", Kind::ClockTime),
    Field::new("order_processing_time", Kind::Object(PROCESSING)),
    Field::new("business_days", Kind::BusinessDays),
];

const ADDRESS: &[Field] = &[
    Field::required("country_region", Kind::Country),
    Field::new("state", Kind::Text(NAME)),
    Field::new("city", Kind::Text(NAME)),
    Field::new("postal_code", Kind::Text(NAME)),
    Field::new("raw_location", Kind::Text(LINK)),
];

/// How long an order takes to be packed.
pub(crate) const PROCESSING: &[Field] = &[
    Field::required("unit", Kind::Choice(&["day", "hour"])),
    Field::required("value", Kind::Integer(0, 8_760)),
];

/// A place to make.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateLocation {
    /// The caller's own id of it.
    pub own_id: Option<OwnId>,
    /// Its fields, normalised.
    pub fields: Map<String, Value>,
}

/// What to change of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateLocation {
    /// Absent leaves a field as it is, null clears it.
    pub patch: Map<String, Value>,
}

impl CreateLocation {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001, 4009, 4008, 4015, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        Reader(Version::NEWEST).require(FIELDS, &body, &"")?;
        let id = body.remove("id");
        let fields = read(FIELDS, body, Nulls::Drop)?;
        let mut id: Map<String, Value> = id.map(|id| ("id".to_owned(), id)).into_iter().collect();
        Ok(Self {
            own_id: take_own_id(&mut id)?,
            fields,
        })
    }
}

impl UpdateLocation {
    /// Reads a body. The id is given once and unknown here.
    ///
    /// # Errors
    /// 4001, 4009, 4008, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        // What is required is there already: it may be left out, but not cleared.
        let mut patch = Map::new();
        for field in FIELDS {
            if body.contains_key(field.name) {
                let field = std::slice::from_ref(field);
                Reader(Version::NEWEST).require(field, &body, &"")?;
                patch.extend(Reader(Version::NEWEST).read_values(
                    field,
                    &mut body,
                    &"",
                    Nulls::Keep,
                )?);
            }
        }
        Ok(Self { patch })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn berlin() -> Value {
        json!({"name": "Berlin", "address": {"country_region": "deu", "city": "Berlin"}})
    }

    fn refused<T: std::fmt::Debug>(parsed: Result<T, Problem>) -> (u16, String) {
        let problem = parsed.expect_err("refused");
        (problem.code.entry().meta_code, problem.message)
    }

    #[test]
    fn a_place_is_read() {
        let mut body = berlin();
        body["id"] = json!("warehouse-1");
        body["business_days"] = json!([5, 1, 1]);
        body["order_cutoff_time"] = json!("18:00:00");
        body["order_processing_time"] = json!({"unit": "day", "value": 2});
        let location = CreateLocation::parse(body).expect("good");
        assert_eq!(location.own_id.expect("an id").as_str(), "warehouse-1");
        assert_eq!(location.fields["address"]["country_region"], "DEU");
        assert_eq!(location.fields["business_days"], json!([1, 5]));
    }

    #[test]
    fn faults_are_told_by_name() {
        for (patch, code, field) in [
            (json!({"name": null}), 4009, "name"),
            (json!({"address": {}}), 4009, "address.country_region"),
            (json!({"active": "yes"}), 4008, "active"),
            (
                json!({"order_cutoff_time": "25:00:00"}),
                4008,
                "order_cutoff_time",
            ),
            (json!({"business_days": [0]}), 4008, "business_days[0]"),
            (json!({"business_days": []}), 4008, "business_days"),
            (
                json!({"order_processing_time": {"unit": "week", "value": 1}}),
                4008,
                "order_processing_time.unit",
            ),
            (
                json!({"order_processing_time": {"unit": "day", "value": -1}}),
                4008,
                "order_processing_time.value",
            ),
        ] {
            let mut body = berlin();
            for (name, value) in patch.as_object().expect("an object") {
                body[name] = value.clone();
            }
            for (found, message) in [
                refused(CreateLocation::parse(body)),
                refused(UpdateLocation::parse(patch)),
            ] {
                assert_eq!(found, code, "{message}");
                assert!(message.contains(&format!("`{field}`")), "{message}");
            }
        }
        let mut body = berlin();
        body["id"] = json!("a b");
        assert_eq!(refused(CreateLocation::parse(body)).0, 4015);
        let patch = UpdateLocation::parse(json!({"active": false, "business_days": null}));
        assert_eq!(patch.expect("good").patch.len(), 2);
    }
}
