//! When a shipment will arrive.

use jiff::civil::{DateTime, Time};
use serde_json::{Map, Value, json};
use waybill_edd::{
    BusinessDays, DEFAULT_CUTOFF, Estimate, Order, Place, Processing, Shipment, predict,
};
use waybill_model::{CountryCode, ResourceId};
use waybill_versions::{Code, PredictDelivery, Problem};

use crate::Service;

/// A local time as the API writes it here.
const LOCAL_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// No estimate: the address is too imprecise for a date (documented).
const NO_DATE: u32 = 30_004;

impl Service {
    /// What was asked, with the pickup and the dates of each shipment, in their order.
    ///
    /// # Errors
    /// 4010 for a courier that there is not; nothing is answered then.
    pub fn predict_deliveries(&self, requests: &[PredictDelivery]) -> Result<Vec<Value>, Problem> {
        let couriers = self.couriers();
        for PredictDelivery {
            slug, slug_path, ..
        } in requests
        {
            if couriers.get(slug.as_str()).is_none() {
                let mend =
                    format!("There is no courier `{slug}`; GET /couriers lists those there are.");
                return Err(Problem::new(Code::SlugInvalid).on(slug_path).because(&mend));
            }
        }
        let now = self.now();
        let answers = requests.iter().map(|request| {
            let id = ResourceId::from_uuid(self.0.identities.at(now));
            answer(&id.to_string(), request)
        });
        Ok(answers.collect())
    }
}

fn answer(id: &str, request: &PredictDelivery) -> Value {
    let fields = &request.fields;
    let given = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let order = fields.get("estimated_pickup").and_then(Value::as_object);
    let pickup = match order {
        Some(order) => order_of(order).and_then(|order| order.pickup()),
        None => text(fields, "pickup_time").and_then(local_time),
    };
    let estimate = pickup.and_then(|pickup| estimate(request, pickup));
    let day = |day: fn(&Estimate) -> jiff::civil::Date| {
        estimate.as_ref().map(day).map(|day| day.to_string())
    };
    json!({
        "id": id,
        "slug": request.slug.as_str(),
        "service_type_name": given("service_type_name"),
        "origin_address": address(fields, "origin_address"),
        "destination_address": address(fields, "destination_address"),
        "weight": given("weight"),
        "package_count": given("package_count"),
        "pickup_time": given("pickup_time"),
        "estimated_pickup": order.map(|order| json!({
            "order_time": order.get("order_time"),
            "order_cutoff_time": order.get("order_cutoff_time"),
            "business_days": order.get("business_days"),
            "order_processing_time": order.get("order_processing_time"),
            "pickup_time": pickup.map(|pickup| pickup.strftime(LOCAL_TIME).to_string()),
        })),
        "estimated_delivery_date": day(|estimate| estimate.date),
        "estimated_delivery_date_min": day(|estimate| estimate.min),
        "estimated_delivery_date_max": day(|estimate| estimate.max),
        "confidence_code": estimate.map_or(NO_DATE, |estimate| estimate.confidence),
    })
}

fn estimate(request: &PredictDelivery, pickup: DateTime) -> Option<Estimate> {
    let fields = &request.fields;
    predict(&Shipment {
        slug: request.slug.as_str(),
        service: text(fields, "service_type_name"),
        origin: place(fields, "origin_address")?,
        destination: place(fields, "destination_address")?,
        pickup,
    })
}

fn order_of(order: &Map<String, Value>) -> Option<Order> {
    let days = order.get("business_days").and_then(Value::as_array);
    let days = days.and_then(|days| BusinessDays::of(days.iter().filter_map(Value::as_i64)));
    let processing = order
        .get("order_processing_time")
        .and_then(Value::as_object);
    let processing = processing.and_then(|processing| {
        let value = u32::try_from(processing.get("value")?.as_i64()?).ok()?;
        Some(match text(processing, "unit")? {
            "hour" => Processing::Hours(value),
            _ => Processing::Days(value),
        })
    });
    let cutoff = text(order, "order_cutoff_time");
    let cutoff = cutoff.and_then(|cutoff| Time::strptime("%H:%M:%S", cutoff).ok());
    Some(Order {
        at: text(order, "order_time").and_then(local_time)?,
        cutoff: cutoff.unwrap_or(DEFAULT_CUTOFF),
        business_days: days.unwrap_or(BusinessDays::WEEK),
        processing: processing.unwrap_or(Processing::Days(0)),
    })
}

fn place<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<Place<'a>> {
    let address = fields.get(name)?.as_object()?;
    Some(Place {
        country: CountryCode::parse(text(address, "country_region")?)?,
        state: text(address, "state"),
        postal_code: text(address, "postal_code"),
        city: text(address, "city"),
    })
}

/// An address with all of its parts, null where one is not known.
fn address(fields: &Map<String, Value>, name: &str) -> Value {
    let part = |part: &str| fields.get(name).and_then(|address| address.get(part));
    json!({
        "country_region": part("country_region"),
        "state": part("state"),
        "city": part("city"),
        "postal_code": part("postal_code"),
        "raw_location": part("raw_location"),
    })
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str()
}

fn local_time(text: &str) -> Option<DateTime> {
    DateTime::strptime(LOCAL_TIME, text).ok()
}
