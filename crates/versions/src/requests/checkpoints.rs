//! `POST /waybill/v1/trackings/{id}/checkpoints`: news that the caller has and the courier lacks.

use serde_json::{Map, Value};
use waybill_model::{Coordinate, CountryCode, CourierSlug, EventTime, SubStatus, Tag};

use super::{
    fields::{Field, Kind, Nulls, read},
    object::{object, take_text},
};
use crate::Problem;

/// Checkpoints of one request; a parcel hardly has more in its life.
pub const MAX_CHECKPOINTS: usize = 100;

/// A scan's texts, from a word to a few sentences.
const PLACE: usize = 512;
const MESSAGE: usize = 4_096;
/// Finer events of one scan.
const EVENTS: usize = 20;

pub(crate) const FIELDS: &[Field] = &[Field::required(
    "checkpoints",
    Kind::Objects(MAX_CHECKPOINTS, CHECKPOINT),
)];

const CHECKPOINT: &[Field] = &[
    Field::required("tag", Kind::FilledText(PLACE)),
    Field::required("checkpoint_time", Kind::Time),
    Field::new("subtag", Kind::Text(PLACE)),
    Field::new("slug", Kind::Slug),
    Field::new("message", Kind::Text(MESSAGE)),
    Field::new("location", Kind::Text(PLACE)),
    Field::new("city", Kind::Text(PLACE)),
    Field::new("state", Kind::Text(PLACE)),
    Field::new("postal_code", Kind::Text(PLACE)),
    Field::new("country_region", Kind::Country),
    Field::new("coordinate", Kind::Object(COORDINATE)),
    Field::new("raw_tag", Kind::Text(PLACE)),
    Field::new("events", Kind::Objects(EVENTS, EVENT)),
];

const COORDINATE: &[Field] = &[
    Field::required("latitude", Kind::Float(-90.0, 90.0)),
    Field::required("longitude", Kind::Float(-180.0, 180.0)),
];

const EVENT: &[Field] = &[
    Field::required("code", Kind::FilledText(PLACE)),
    Field::new("reason", Kind::Object(REASON)),
];

const REASON: &[Field] = &[Field::required("code", Kind::FilledText(PLACE))];

/// A checkpoint as the caller gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenCheckpoint {
    /// From `subtag`, else the general one of `tag`. Never of Pending or Expired: those are the
    /// absence of checkpoints.
    pub sub_status: SubStatus,
    /// When it happened.
    pub time: EventTime,
    /// What happened; the sub-status's own message where the caller says nothing.
    pub message: String,
    /// The place in one line.
    pub location: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<CountryCode>,
    /// Point on the map.
    pub coordinate: Option<Coordinate>,
    /// The carrier's own code.
    pub raw_tag: Option<String>,
    /// Finer events: code, and the code of the reason.
    pub events: Vec<(String, Option<String>)>,
    /// The carrier; the tracking's own where absent.
    pub slug: Option<CourierSlug>,
}

impl GivenCheckpoint {
    /// Reads `{"checkpoints": […]}`.
    ///
    /// # Errors
    /// 4001; 4009 without `checkpoints`, a tag or a time; 4008 for every other fault.
    pub fn parse_list(body: Value) -> Result<Vec<Self>, Problem> {
        let mut fields = read(FIELDS, object(body)?, Nulls::Drop)?;
        let Some(Value::Array(items)) = fields.remove("checkpoints") else {
            return Err(Problem::internal());
        };
        if items.is_empty() {
            return Err(Problem::invalid("checkpoints", "Give at least one."));
        }
        let items = items.into_iter().enumerate();
        items
            .map(|(at, item)| Self::read(object(item)?, &format!("checkpoints[{at}]")))
            .collect()
    }

    /// Reads one whose fields have the right form already.
    fn read(mut fields: Map<String, Value>, path: &str) -> Result<Self, Problem> {
        let sub_status = sub_status(&mut fields, path)?;
        let time = take_text(&mut fields, "checkpoint_time")?;
        let message = take_text(&mut fields, "message")?;
        let country = take_text(&mut fields, "country_region")?;
        let slug = take_text(&mut fields, "slug")?;
        Ok(Self {
            sub_status,
            time: time
                .as_deref()
                .and_then(EventTime::parse)
                .ok_or_else(Problem::internal)?,
            message: message.unwrap_or_else(|| sub_status.message().to_owned()),
            location: take_text(&mut fields, "location")?,
            city: take_text(&mut fields, "city")?,
            state: take_text(&mut fields, "state")?,
            postal_code: take_text(&mut fields, "postal_code")?,
            country: country.as_deref().and_then(CountryCode::parse),
            coordinate: fields
                .remove("coordinate")
                .and_then(|value| serde_json::from_value(value).ok()),
            raw_tag: take_text(&mut fields, "raw_tag")?,
            events: fields
                .get("events")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(event)
                .collect(),
            slug: slug.as_deref().and_then(CourierSlug::parse),
        })
    }
}

fn sub_status(fields: &mut Map<String, Value>, path: &str) -> Result<SubStatus, Problem> {
    let tag_text = take_text(fields, "tag")?.unwrap_or_default();
    let tag = Tag::parse(&tag_text)
        .filter(|tag| !matches!(tag, Tag::Pending | Tag::Expired))
        .ok_or_else(|| {
            let words: Vec<&str> = Tag::ALL
                .iter()
                .filter(|tag| !matches!(tag, Tag::Pending | Tag::Expired))
                .map(|tag| tag.as_str())
                .collect();
            let mend = format!("A checkpoint is one of {}.", words.join(", "));
            Problem::invalid(format_args!("{path}.tag"), &mend)
        })?;
    let code = take_text(fields, "subtag")?;
    let code = code.unwrap_or_else(|| format!("{tag}_001"));
    SubStatus::parse(&code)
        .filter(|sub_status| sub_status.tag() == tag)
        .ok_or_else(|| {
            let mend = format!("It is no sub-status of {tag}; leave it out for `{tag}_001`.");
            Problem::invalid(format_args!("{path}.subtag"), &mend)
        })
}

fn event(value: &Value) -> (String, Option<String>) {
    let code = |value: &Value| value.get("code").and_then(Value::as_str).map(str::to_owned);
    (
        code(value).unwrap_or_default(),
        value.get("reason").and_then(code),
    )
}
