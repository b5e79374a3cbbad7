//! `POST /couriers/detect`.

use serde_json::{Map, Value};
use waybill_model::{CountryCode, CourierSlug, TrackingNumber};

use super::{
    body::{ReadBody, lifted, tolerated},
    fields::{Field, Kind, Nulls, Reader},
    object::{slug, take_number, take_slug_group},
    values::text_of,
};
use crate::{Code, Model, Problem, Version, read_body};

/// What says which number it is, and among whose couriers it is looked for.
pub(crate) const IDENTIFYING: &[Field] = &[
    Field::required("tracking_number", Kind::OwnNumber),
    Field::new("slug", Kind::List(MAX_SLUGS, &Kind::Slug)),
    Field::new("slug_group", Kind::Text(64)),
];

/// More couriers than this are no restriction.
const MAX_SLUGS: usize = 100;

/// A number whose courier is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectCourier {
    /// The number.
    pub number: TrackingNumber,
    /// Only these couriers, in the caller's order; empty for all.
    pub slugs: Vec<CourierSlug>,
    /// Only this group; excludes `slugs`. A name of [`crate::SLUG_GROUPS`].
    pub slug_group: Option<String>,
    /// The recipient's postal code.
    pub destination_postal_code: Option<String>,
    /// When it was sent, as the caller wrote it.
    pub tracking_ship_date: Option<String>,
    /// The shipper's account.
    pub tracking_account_number: Option<String>,
    /// A courier's own kind of secret.
    pub tracking_key: Option<String>,
    /// The recipient's state.
    pub destination_state: Option<String>,
    /// Sender's country.
    pub origin_country_region: Option<CountryCode>,
    /// Recipient's country.
    pub destination_country_region: Option<CountryCode>,
}

impl DetectCourier {
    /// Reads a body of the newest version; `slug` is a list or one text.
    ///
    /// # Errors
    /// 4001, 4007, 4005, 4008, 4010, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        read_body(body, Version::NEWEST)
    }
}

impl ReadBody for DetectCourier {
    const WRAPPER: Option<(&'static str, Code)> = Some(("tracking", Code::TrackingObjectRequired));

    fn read(mut body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        let fields = version.fields(Model::Detect);
        tolerated(Model::Detect, &mut body, version);
        if !fields.iter().any(|field| field.name == "slug_group") {
            body.remove("slug_group");
        }
        let number = take_number(&mut body)?;
        let slug_group = take_slug_group(&mut body)?;
        body.remove("slug_group");
        let slugs = body.remove("slug");
        let hints = Reader(version).read(fields, body, Nulls::Drop)?;
        let mut hints = lifted(Model::Detect, hints, version);
        Ok(Self {
            number,
            slugs: read_slugs(slugs)?,
            slug_group,
            destination_postal_code: take(&mut hints, "destination_postal_code"),
            tracking_ship_date: take(&mut hints, "tracking_ship_date"),
            tracking_account_number: take(&mut hints, "tracking_account_number"),
            tracking_key: take(&mut hints, "tracking_key"),
            destination_state: take(&mut hints, "destination_state"),
            origin_country_region: take_country(&mut hints, "origin_country_region"),
            destination_country_region: take_country(&mut hints, "destination_country_region"),
        })
    }
}

fn read_slugs(value: Option<Value>) -> Result<Vec<CourierSlug>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() > MAX_SLUGS => Err(Problem::invalid(
            "slug",
            &format!("It has {MAX_SLUGS} items at most."),
        )),
        Some(Value::Array(items)) => {
            let read = |(at, item)| {
                let field = format!("slug[{at}]");
                slug(&text_of(item, &field)?, &field)
            };
            items.into_iter().enumerate().map(read).collect()
        }
        Some(value) => {
            let text = text_of(value, &"slug")?;
            if text.is_empty() {
                Ok(Vec::new())
            } else {
                Ok(vec![slug(&text, "slug")?])
            }
        }
    }
}

fn take(hints: &mut Map<String, Value>, name: &str) -> Option<String> {
    match hints.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn take_country(hints: &mut Map<String, Value>, name: &str) -> Option<CountryCode> {
    CountryCode::parse(&take(hints, name)?)
}
