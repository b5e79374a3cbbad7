//! Which tracking is meant: ids, numbers, couriers and what tells equal ones apart.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use waybill_couriers::Courier;
use waybill_model::{Details, OrganizationId, OwnId, TrackingKey};
use waybill_storage::{NAME_DISCRIMINATOR_NONE, Name, NameQuery, TrackingRow};
use waybill_versions::{Code, Problem};

use crate::{Service, unavailable};

/// The longest id a caller can have given.
const LONGEST_ID: usize = 128;
/// Hex digits of a discriminator: enough that equal numbers of one courier never collide by luck.
const DISCRIMINATOR_LENGTH: usize = 16;

/// The name of a tracking under a courier: the fields the courier requires tell equal numbers
/// apart.
pub(crate) fn number_name(number: &str, courier: &Courier, details: &Details) -> Name {
    number_name_by(number, courier, |field| additional_field(details, field))
}

/// The same, the fields by their names.
pub(crate) fn number_name_by(
    number: &str,
    courier: &Courier,
    value: impl Fn(&str) -> Option<String>,
) -> Name {
    Name::Number {
        number: number.to_owned(),
        slug: courier.definition.slug.to_string(),
        discriminator: discriminator(courier, value),
    }
}

fn discriminator(courier: &Courier, value: impl Fn(&str) -> Option<String>) -> String {
    let required = &courier.definition.required_fields;
    if required.is_empty() {
        return NAME_DISCRIMINATOR_NONE.to_owned();
    }
    let mut hash = Sha256::new();
    for field in required {
        hash.update(
            value(field.as_str())
                .unwrap_or_default()
                .trim()
                .to_uppercase(),
        );
        hash.update([0x1f]);
    }
    let hash = hash.finalize();
    hash.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(DISCRIMINATOR_LENGTH)
        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0'))
        .collect()
}

/// The value of an additional tracking field, by the API's name for it.
pub(crate) fn additional_field(details: &Details, field: &str) -> Option<String> {
    match field {
        "tracking_account_number" => details.tracking_account_number.clone(),
        "tracking_key" => details.tracking_key.clone(),
        "tracking_ship_date" => details.tracking_ship_date.clone(),
        "destination_postal_code" => details.destination_postal_code.clone(),
        "destination_state" => details.destination_state.clone(),
        "origin_country_region" => details
            .origin_country_region
            .map(|country| country.to_string()),
        "destination_country_region" => details
            .destination_country_region
            .map(|country| country.to_string()),
        _ => None,
    }
}

/// The required fields of a courier that are not given: 4011 names them.
pub(crate) fn missing_fields(
    courier: &Courier,
    value: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let required = courier.definition.required_fields.iter();
    required
        .map(|field| field.as_str())
        .filter(|field| value(field).is_none_or(|value| value.trim().is_empty()))
        .map(str::to_owned)
        .collect()
}

/// Whether a tracking has let go of its number: inactive, and made long enough ago.
pub(crate) fn released(row: &TrackingRow, reuse_days: i64, now: Timestamp) -> bool {
    !row.active && now.duration_since(row.created_at) >= SignedDuration::from_hours(24 * reuse_days)
}

/// The question for exactly this name.
pub(crate) fn query_of(name: &Name) -> NameQuery {
    match name.clone() {
        Name::OwnId(id) => NameQuery::OwnId(id),
        Name::Number {
            number,
            slug,
            discriminator,
        } => NameQuery::Number {
            number,
            slug: Some(slug),
            discriminator: Some(discriminator),
        },
    }
}

/// The key that an id is, if it is the one that was answered at creation: what has it needs no look-up.
pub(crate) fn itself(id: &str) -> Option<TrackingKey> {
    TrackingKey::parse(id).filter(|key| key.id() == id)
}

impl Service {
    /// The tracking that has this name, if the database can tell.
    pub(crate) async fn named(
        &self,
        organization: OrganizationId,
        name: &Name,
    ) -> Option<TrackingKey> {
        let rows = self
            .0
            .storage
            .trackings_named(organization, &query_of(name))
            .await
            .ok()?;
        rows.first().map(|row| row.tracking)
    }

    /// The key that an id in a path means: the 32 digits of a key, its first 24, or the caller's
    /// own id, in this order. 4015 for what can be none of them, 4004 where nothing is meant.
    pub(crate) async fn resolve(
        &self,
        organization: OrganizationId,
        id: &str,
    ) -> Result<TrackingKey, Problem> {
        let Some(own_id) = OwnId::parse(id) else {
            return Err(Problem::new(Code::IdInvalid).on("id").because(&format!(
                "Use the id that was answered when the tracking was created: 1 to {LONGEST_ID} letters, digits, `-` or `_`."
            )));
        };
        self.resolve_own(organization, &own_id)
            .await?
            .ok_or_else(|| Problem::new(Code::TrackingNotFound))
    }

    /// The same for an id that is known to be well formed.
    pub(crate) async fn resolve_own(
        &self,
        organization: OrganizationId,
        id: &OwnId,
    ) -> Result<Option<TrackingKey>, Problem> {
        let storage = &self.0.storage;
        if let Some(key) = TrackingKey::parse(id.as_str())
            && storage
                .tracking_key_in_range(organization, key, key)
                .await
                .map_err(unavailable)?
                .is_some()
        {
            return Ok(Some(key));
        }
        if let Some((from, to)) = TrackingKey::prefix_range(id.as_str()) {
            let key = storage
                .tracking_key_in_range(organization, from, to)
                .await
                .map_err(unavailable)?;
            if key.is_some() {
                return Ok(key);
            }
        }
        let query = NameQuery::OwnId(id.to_string());
        let rows = storage
            .trackings_named(organization, &query)
            .await
            .map_err(unavailable)?;
        Ok(rows.first().map(|row| row.tracking))
    }
}
