//! `POST /trackings`.

use serde_json::{Map, Value};
use waybill_model::{CourierSlug, Details, OwnId, TrackingNumber};

use super::{
    body::{ReadBody, lifted, tolerated},
    details::{check_together, to_details},
    fields::{Field, Kind, Nulls, Reader},
    object::{one_slug, take_number, take_own_id, take_slug, take_slug_group},
};
use crate::{Code, Model, Problem, Version, read_body};

/// What says which tracking it is to be.
pub(crate) const IDENTIFYING: &[Field] = &[
    Field::new("id", Kind::Text(128)),
    Field::required("tracking_number", Kind::OwnNumber),
    Field::new("slug", Kind::Slug),
    Field::new("slug_group", Kind::Text(64)),
];

/// A tracking to make.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTracking {
    /// The caller's own id.
    pub own_id: Option<OwnId>,
    /// What to follow.
    pub number: TrackingNumber,
    /// Whose number it is; detected where absent.
    pub slug: Option<CourierSlug>,
    /// Restricts detection; excludes `slug`. A name of [`crate::SLUG_GROUPS`].
    pub slug_group: Option<String>,
    /// Everything else.
    pub details: Details,
}

impl CreateTracking {
    /// Reads a body of the newest version.
    ///
    /// # Errors
    /// 4001, 4007, 4005, 4009, 4008, 4015, 4010, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        read_body(body, Version::NEWEST)
    }
}

impl ReadBody for CreateTracking {
    const WRAPPER: Option<(&'static str, Code)> = Some(("tracking", Code::TrackingObjectRequired));

    fn read(mut body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        let (reader, fields) = (Reader(version), version.fields(Model::Create));
        tolerated(Model::Create, &mut body, version);
        one_slug(&mut body, fields);
        let number = take_number(&mut body)?;
        reader.require(fields, &body, &"")?;
        let mut identifying = Map::new();
        for name in ["id", "slug", "slug_group"] {
            let is_known = fields.iter().any(|field| field.name == name);
            if let (Some(value), true) = (body.remove(name), is_known) {
                identifying.insert(name.to_owned(), value);
            }
        }
        let details = reader.read_values(fields, &mut body, &"", Nulls::Drop)?;
        let details = lifted(Model::Create, details, version);
        check_together(&details)?;
        let slug_group = take_slug_group(&mut identifying)?;
        let own_id = take_own_id(&mut identifying)?;
        let slug = take_slug(&mut identifying)?;
        Ok(Self {
            own_id,
            number,
            slug,
            slug_group,
            details: to_details(details)?,
        })
    }
}
