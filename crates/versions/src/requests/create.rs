//! `POST /trackings`.

use serde_json::Value;
use waybill_model::{CourierSlug, Details, OwnId, TrackingNumber};

use super::{
    details::{CHANGEABLE, GIVEN_ONCE, check_together, to_details},
    fields::{Nulls, read_values, require},
    object::{object, take_number, take_own_id, take_slug, take_slug_group},
};
use crate::Problem;

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
    /// Reads a body.
    ///
    /// # Errors
    /// 4001, 4007, 4005, 4009, 4008, 4015, 4010, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        let number = take_number(&mut body)?;
        require(GIVEN_ONCE, &body, "")?;
        let mut details = read_values(CHANGEABLE, &mut body, "", Nulls::Drop)?;
        details.extend(read_values(GIVEN_ONCE, &mut body, "", Nulls::Drop)?);
        check_together(&details)?;
        let slug_group = take_slug_group(&mut body)?;
        let own_id = take_own_id(&mut body)?;
        let slug = take_slug(&mut body)?;
        Ok(Self {
            own_id,
            number,
            slug,
            slug_group,
            details: to_details(details)?,
        })
    }
}
