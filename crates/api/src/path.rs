//! Which tracking a path is about.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use crate::{App, answer::Refused, caller::Caller, query::Query};

/// What stands for no id, when a path cannot be decoded: no form of id has this character, so the
/// service refuses it as it refuses every other bad id.
const NO_ID: &str = "\u{fffd}";

/// The courier's additional fields by which equal numbers are told apart.
const ADDITIONAL: &[&str] = &[
    "tracking_account_number",
    "tracking_key",
    "tracking_ship_date",
    "destination_postal_code",
    "destination_state",
    "origin_country_region",
    "destination_country_region",
];

/// The id in a path, decoded and not yet judged. Where a path names slug and number instead, the id
/// of the tracking they mean.
pub(crate) struct Id(pub String);

impl FromRequestParts<App> for Id {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let path = RawPathParams::from_request_parts(parts, app).await.ok();
        let mut values = path.iter().flatten().map(|(_, value)| value.to_owned());
        let first = values.next().unwrap_or_else(|| NO_ID.to_owned());
        let Some(number) = values.next() else {
            return Ok(Self(first));
        };
        let caller = Caller::from_request_parts(parts, app).await?;
        let Ok(query) = Query::from_request_parts(parts, app).await;
        let version = query.version();
        let mut additional = Vec::new();
        for field in ADDITIONAL {
            let older = version.additional_field(field);
            if let Some(value) = query.raw(&older)? {
                additional.push((*field, value));
            }
        }
        let id = app
            .service
            .tracking_id(caller.organization, &first, &number, &additional)
            .await?;
        Ok(Self(id))
    }
}
