//! `PUT /trackings/{id}`.

use serde_json::{Map, Value, json};
use waybill_model::{CourierSlug, Details};

use super::{
    body::{ReadBody, tolerated},
    details::{check_together, to_details},
    fields::{Field, Kind, Nulls, Reader},
    object::take_slug,
};
use crate::{
    Code, Model, Problem, Version, changes::RENAMED_FIELDS, lift::lift, plan::lower, read_body,
};

/// What corrects which tracking it is.
pub(crate) const IDENTIFYING: &[Field] = &[Field::new("slug", Kind::Slug)];

/// What versions up to 2025-01 say in two fields and later ones in one: each of the two says something
/// about the other, so both are kept even where they only repeat what is.
const TWINS: &[&str] = &[
    "tracking_postal_code",
    "destination_postal_code",
    "tracking_state",
    "destination_state",
    "tracking_origin_country",
    "tracking_origin_country_region",
    "origin_country_iso3",
    "origin_country_region",
    "tracking_destination_country",
    "tracking_destination_country_region",
    "destination_country_iso3",
    "destination_country_region",
];

/// What only old versions can say, within the caller's fields.
const LEGACY: &str = "legacy";

/// What to change of a tracking.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateTracking {
    /// Another courier.
    pub slug: Option<CourierSlug>,
    /// The caller's fields, normalised, as the version names them: absent leaves one as it is, null
    /// clears it.
    pub patch: Map<String, Value>,
    /// The version they are of.
    pub version: Version,
}

impl UpdateTracking {
    /// Reads a body of the newest version. Fields that are given once (`id`, `tracking_number`,
    /// `shipment_tags`, …) are unknown here, and unknown fields are ignored.
    ///
    /// # Errors
    /// 4001, 4009, 4008, 4010, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        read_body(body, Version::NEWEST)
    }

    /// The fields after the change.
    ///
    /// # Errors
    /// 4008 for what does not go together with what is there already; 500, only if the tables of this
    /// crate and the type of the model disagree.
    pub fn apply(&self, details: &Details) -> Result<Details, Problem> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(details) else {
            return Err(Problem::internal());
        };
        let patch = if self.version == Version::NEWEST {
            self.patch.clone()
        } else {
            lifted(self.version, &self.patch, &fields)?
        };
        let mut legacy = match fields.remove(LEGACY) {
            Some(Value::Object(legacy)) => legacy,
            _ => Map::new(),
        };
        for (name, value) in patch {
            if let Some(name) = name.strip_prefix("legacy.") {
                merge(&mut legacy, name, value);
                continue;
            }
            if self.version > Version::V2025_01 && fields.get(&name) != Some(&value) {
                // What the newer version says takes the place of what only the older could say.
                let older = RENAMED_FIELDS.iter().find(|(_, newer)| *newer == name);
                legacy.retain(|kept, _| older.is_none_or(|(older, _)| older != kept));
            }
            merge(&mut fields, &name, value);
        }
        fields.insert(LEGACY.to_owned(), json!(legacy));
        to_details(fields)
    }
}

impl ReadBody for UpdateTracking {
    const WRAPPER: Option<(&'static str, Code)> = Some(("tracking", Code::TrackingObjectRequired));

    fn read(mut body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        let (reader, fields) = (Reader(version), version.fields(Model::Update));
        tolerated(Model::Update, &mut body, version);
        let slug = body.remove("slug");
        let slug = slug.filter(|_| fields.iter().any(|field| field.name == "slug"));
        let patch = reader.read(fields, body, Nulls::Keep)?;
        check_together(&patch)?;
        let slug = slug.map(|slug| ("slug".to_owned(), slug));
        let slug = take_slug(&mut slug.into_iter().collect())?;
        Ok(Self {
            slug,
            patch,
            version,
        })
    }
}

/// A patch of an older version as one of the newest. What its client only repeats as it reads it is
/// no change, so that it cannot destroy what the older version does not show.
fn lifted(
    version: Version,
    patch: &Map<String, Value>,
    current: &Map<String, Value>,
) -> Result<Map<String, Value>, Problem> {
    let legacy = current.get(LEGACY).map(Value::to_string);
    let text = Value::Object(current.clone()).to_string();
    let shown = lower(version, Model::Update, &text, legacy.as_deref())?;
    let shown: Value = serde_json::from_str(&shown).map_err(|_| Problem::internal())?;
    let mut patch = patch.clone();
    patch.retain(|name, value| {
        TWINS.contains(&name.as_str()) || !same(shown.get(name).unwrap_or(&Value::Null), value)
    });
    lift(version, Model::Update, &mut patch, current);
    Ok(patch)
}

/// Whether two values say the same: what is null in an object may as well be left out.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let of = |object: &Map<String, Value>, name: &str| {
                object.get(name).cloned().unwrap_or(Value::Null)
            };
            let names = one.keys().chain(other.keys());
            names
                .into_iter()
                .all(|name| same(&of(one, name), &of(other, name)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

fn merge(fields: &mut Map<String, Value>, name: &str, value: Value) {
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
}
