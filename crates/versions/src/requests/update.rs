//! `PUT /trackings/{id}`.

use serde_json::{Map, Value};
use waybill_model::{CourierSlug, Details};

use super::{
    details::{CHANGEABLE, check_together, to_details},
    fields::{Nulls, read},
    object::{object, take_slug},
};
use crate::Problem;

/// What to change of a tracking.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateTracking {
    /// Another courier.
    pub slug: Option<CourierSlug>,
    /// The caller's fields, normalised: absent leaves one as it is, null clears it.
    pub patch: Map<String, Value>,
}

impl UpdateTracking {
    /// Reads a body. Fields that are given once (`id`, `tracking_number`, `shipment_tags`, …) are
    /// unknown here, and unknown fields are ignored.
    ///
    /// # Errors
    /// 4001, 4009, 4008, 4010, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        let slug = body.remove("slug");
        let patch = read(CHANGEABLE, body, Nulls::Keep)?;
        check_together(&patch)?;
        let slug = take_slug(
            &mut slug
                .map(|slug| ("slug".to_owned(), slug))
                .into_iter()
                .collect(),
        )?;
        Ok(Self { slug, patch })
    }

    /// The fields after the change.
    ///
    /// # Errors
    /// 500, only if the tables of this crate and the type of the model disagree.
    pub fn apply(&self, details: &Details) -> Result<Details, Problem> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(details) else {
            return Err(Problem::internal());
        };
        for (name, value) in &self.patch {
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
        to_details(fields)
    }
}
