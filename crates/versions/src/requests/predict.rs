//! `POST /estimated-delivery-date/predict` and `/predict-batch`.

use serde_json::{Map, Value};
use waybill_model::CourierSlug;

use super::{
    body::{ReadBody, lifted, tolerated},
    fields::{Field, Kind, Nulls, Reader},
    locations::PROCESSING,
    object::{slug, take_text},
    values::object_of,
};
use crate::{Code, Model, Problem, Version, read_body};

/// Documented: shipments of one batch.
pub const MAX_PREDICTIONS: usize = 5;
const NAME: usize = 512;
/// Heavier than any parcel.
const HEAVIEST: f64 = 1e9;
const MOST_PACKAGES: i64 = 1_000_000;
const BATCH: &str = "estimated_delivery_dates";

/// Whose prediction it is.
pub(crate) const IDENTIFYING: &[Field] = &[Field::required("slug", Kind::Slug)];

pub(crate) const FIELDS: &[Field] = &[
    Field::new("service_type_name", Kind::Text(NAME)),
    Field::required("origin_address", Kind::Model(Model::PredictionAddress)),
    Field::required("destination_address", Kind::Model(Model::PredictionAddress)),
    Field::new("weight", Kind::Object(WEIGHT)),
    Field::new("package_count", Kind::Integer(1, MOST_PACKAGES)),
    Field::new("pickup_time", Kind::DateTime),
    Field::new("estimated_pickup", Kind::Object(ESTIMATED_PICKUP)),
];

const WEIGHT: &[Field] = &[
    Field::required("unit", Kind::Choice(&["kg", "g", "lb", "oz"])),
    Field::required("value", Kind::Float(0.0, HEAVIEST)),
];

const ESTIMATED_PICKUP: &[Field] = &[
    Field::required("order_time", Kind::DateTime),
    Field::new("order_cutoff_time", Kind::ClockTime),
    Field::new("business_days", Kind::BusinessDays),
    Field::new("order_processing_time", Kind::Object(PROCESSING)),
];

/// A shipment whose arrival is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictDelivery {
    /// The courier.
    pub slug: CourierSlug,
    /// Where its slug stands in the body.
    pub slug_path: String,
    /// Every other field, normalised; either `pickup_time` or `estimated_pickup` is there.
    pub fields: Map<String, Value>,
}

impl PredictDelivery {
    /// Reads one shipment.
    ///
    /// # Errors
    /// 4001, 4009, 400 unless exactly one of `pickup_time` and `estimated_pickup` is given, 4008, 4010,
    /// in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        read_body(body, Version::NEWEST)
    }

    /// Reads a batch.
    ///
    /// # Errors
    /// 4001; 4009 without `estimated_delivery_dates`; 400 unless it has one to five shipments; else the
    /// first fault of the first shipment that has one.
    pub fn parse_batch(body: Value) -> Result<Vec<Self>, Problem> {
        read_body(body, Version::NEWEST)
    }

    fn read_batch(mut body: Map<String, Value>, version: Version) -> Result<Vec<Self>, Problem> {
        let shipments = match body.remove(BATCH) {
            None | Some(Value::Null) => return Err(Problem::required(BATCH)),
            Some(Value::Array(shipments)) => shipments,
            Some(_) => return Err(Problem::invalid(BATCH, "It has to be a list.")),
        };
        if shipments.is_empty() || shipments.len() > MAX_PREDICTIONS {
            let mend = format!("`{BATCH}` has 1 to {MAX_PREDICTIONS} shipments.");
            return Err(Problem::new(Code::BadRequest).because(&mend));
        }
        let shipments = shipments.into_iter().enumerate();
        shipments
            .map(|(at, shipment)| {
                let path = format!("{BATCH}[{at}]");
                Self::read_one(object_of(shipment, &path)?, &format!("{path}."), version)
            })
            .collect()
    }

    fn read_one(
        mut shipment: Map<String, Value>,
        path: &str,
        version: Version,
    ) -> Result<Self, Problem> {
        tolerated(Model::PredictionGiven, &mut shipment, version);
        let reader = Reader(version);
        let given = |shipment: &Map<String, Value>, name: &str| {
            shipment
                .get(name)
                .is_some_and(|value| !value.is_null() && *value != "")
        };
        let slug_path = format!("{path}slug");
        if !given(&shipment, "slug") {
            return Err(Problem::required(&slug_path));
        }
        reader.require(FIELDS, &shipment, &path)?;
        if given(&shipment, "pickup_time") == given(&shipment, "estimated_pickup") {
            let mend = format!("Give either `{path}pickup_time` or `{path}estimated_pickup`.");
            return Err(Problem::new(Code::BadRequest).because(&mend));
        }
        if !given(&shipment, "pickup_time") {
            shipment.remove("pickup_time");
        }
        let fields = reader.read_values(FIELDS, &mut shipment, &path, Nulls::Drop)?;
        let fields = lifted(Model::PredictionGiven, fields, version);
        for address in ["origin_address", "destination_address"] {
            let known = |part: &str| fields.get(address).and_then(|address| address.get(part));
            if known("state").is_none() && known("postal_code").is_none() {
                let path = format!("{path}{address}.postal_code");
                return Err(Problem::required(&path).because("Or give the `state`."));
            }
        }
        let text = take_text(&mut shipment, "slug")
            .map_err(|_| Problem::invalid(&slug_path, "It has to be text."))?;
        Ok(Self {
            slug: slug(&text.unwrap_or_default(), &slug_path)?,
            slug_path,
            fields,
        })
    }
}

impl ReadBody for PredictDelivery {
    fn read(body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        Self::read_one(body, "", version)
    }
}

impl ReadBody for Vec<PredictDelivery> {
    fn read(body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        PredictDelivery::read_batch(body, version)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shipment() -> Value {
        json!({
            "slug": "fedex",
            "origin_address": {"country_region": "usa", "state": "WA"},
            "destination_address": {"country_region": "USA", "postal_code": "10001"},
            "pickup_time": "2026-07-01 15:00:00",
        })
    }

    fn with(patch: &Value) -> Value {
        let mut body = shipment();
        for (name, value) in patch.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    }

    #[test]
    fn a_shipment_is_read() {
        let read = PredictDelivery::parse(shipment()).expect("good");
        assert_eq!(read.slug.as_str(), "fedex");
        assert_eq!(read.fields["origin_address"]["country_region"], "USA");
        let order = json!({"pickup_time": "", "estimated_pickup": {
            "order_time": "2021-07-01 15:04:05", "order_cutoff_time": "20:00:00", "business_days": [1, 2, 5],
            "order_processing_time": {"unit": "hour", "value": 3.0},
        }});
        let read = PredictDelivery::parse(with(&order)).expect("good");
        assert_eq!(
            read.fields["estimated_pickup"]["order_processing_time"]["value"],
            3
        );
        let batch = json!({"estimated_delivery_dates": [shipment(), with(&order)]});
        assert_eq!(PredictDelivery::parse_batch(batch).expect("good").len(), 2);
    }

    #[test]
    fn faults_are_told_by_path() {
        let pickup = |pickup: Value| json!({"pickup_time": null, "estimated_pickup": pickup});
        for (patch, code, field) in [
            (json!({"slug": null}), 4009, "slug"),
            (json!({"slug": ""}), 4009, "slug"),
            (json!({"slug": 7}), 4008, "slug"),
            (json!({"slug": "U P S"}), 4010, "slug"),
            (json!({"origin_address": null}), 4009, "origin_address"),
            (
                json!({"destination_address": {}}),
                4009,
                "destination_address.country_region",
            ),
            (
                json!({"origin_address": {"country_region": "USA"}}),
                4009,
                "origin_address.postal_code",
            ),
            (
                json!({"origin_address": {"country_region": "US", "state": "WA"}}),
                4008,
                "origin_address.country_region",
            ),
            (json!({"origin_address": "USA"}), 4008, "origin_address"),
            (json!({"weight": {"unit": "kg"}}), 4009, "weight.value"),
            (
                json!({"weight": {"unit": "stone", "value": 1}}),
                4008,
                "weight.unit",
            ),
            (
                json!({"weight": {"unit": "kg", "value": -1}}),
                4008,
                "weight.value",
            ),
            (json!({"package_count": 0}), 4008, "package_count"),
            (json!({"package_count": 1.5}), 4008, "package_count"),
            (
                json!({"pickup_time": "2026-07-01T15:00:00Z"}),
                4008,
                "pickup_time",
            ),
            (
                json!({"pickup_time": "2026-02-30 15:00:00"}),
                4008,
                "pickup_time",
            ),
            (json!({"pickup_time": null}), 400, "estimated_pickup"),
            (
                json!({"estimated_pickup": {"order_time": "2026-07-01 15:00:00"}}),
                400,
                "pickup_time",
            ),
            (pickup(json!({})), 4009, "estimated_pickup.order_time"),
            (
                pickup(json!({"order_time": "2026-07-01 15:00:00", "order_cutoff_time": "6pm"})),
                4008,
                "estimated_pickup.order_cutoff_time",
            ),
            (
                pickup(json!({"order_time": "2026-07-01 15:00:00", "business_days": [8]})),
                4008,
                "estimated_pickup.business_days[0]",
            ),
        ] {
            let body = with(&patch);
            let problem = PredictDelivery::parse(body.clone()).expect_err("refused");
            assert_eq!(
                problem.code.entry().meta_code,
                code,
                "{patch}: {}",
                problem.message
            );
            assert!(
                problem.message.contains(&format!("`{field}`")),
                "{}",
                problem.message
            );
            let batch = json!({"estimated_delivery_dates": [shipment(), body]});
            let problem = PredictDelivery::parse_batch(batch).expect_err("refused");
            assert_eq!(problem.code.entry().meta_code, code);
            let path = format!("`estimated_delivery_dates[1].{field}`");
            assert!(problem.message.contains(&path), "{}", problem.message);
        }
    }

    #[test]
    fn a_batch_has_one_to_five() {
        for (body, code) in [
            (json!({}), 4009),
            (json!({"estimated_delivery_dates": {}}), 4008),
            (json!({"estimated_delivery_dates": []}), 400),
            (
                json!({"estimated_delivery_dates": vec![shipment(); 6]}),
                400,
            ),
            (json!({"estimated_delivery_dates": [7]}), 4008),
        ] {
            let problem = PredictDelivery::parse_batch(body).expect_err("refused");
            assert_eq!(problem.code.entry().meta_code, code);
        }
    }
}
