//! Finding couriers, and what their connections ask for.

use waybill_couriers::{Candidate, Courier, CredentialKind, Hints};
use waybill_model::{CourierSlug, Details, OrganizationId};
use waybill_versions::{CredentialField, DetectCourier, Problem, requests::SECRET};

use crate::{
    ActiveCouriers, Service,
    trackings::{group_members, require, unknown_slug},
};

/// What a connection to the courier consists of; nothing where it asks for none.
pub fn credential_fields(courier: &Courier) -> Vec<CredentialField> {
    let credentials = courier
        .connection()
        .map(|connection| &connection.credentials);
    let credentials = credentials.into_iter().flatten();
    credentials
        .map(|credential| CredentialField {
            name: credential.name.clone(),
            r#type: match credential.kind {
                CredentialKind::Text => "text".to_owned(),
                CredentialKind::Secret => SECRET.to_owned(),
            },
            required: credential.required,
        })
        .collect()
}

impl Service {
    /// The couriers that may have this number, likeliest first; none fits: an empty answer.
    pub async fn detect_couriers(
        &self,
        organization: OrganizationId,
        request: &DetectCourier,
    ) -> Result<Vec<CourierSlug>, Problem> {
        let couriers = self.couriers();
        let value = |field: &str| additional_field(request, field);
        for slug in &request.slugs {
            let courier = couriers
                .get(slug.as_str())
                .ok_or_else(|| unknown_slug(slug.as_str()))?;
            require(courier, value)?;
        }
        let slugs = match (&request.slug_group, request.slugs.is_empty()) {
            (Some(group), _) => Some(group_members(group)),
            (None, false) => Some(request.slugs.clone()),
            (None, true) => None,
        };
        let active = match slugs {
            Some(_) => ActiveCouriers::default(),
            None => self.active_couriers(organization).await?,
        };
        let number = request.number.as_str();
        let hints = Hints {
            slugs,
            origin: request.origin_country_region,
            destination: request.destination_country_region,
            postal_code: request.destination_postal_code.clone(),
            preferred: active.preferred().to_vec(),
            history: self.history(organization, number).await?,
        };
        let (candidates, _) = self.candidates(number, &hints, &active);
        Ok(candidates
            .into_iter()
            .map(|candidate| candidate.slug)
            .collect())
    }

    /// The candidates among the couriers that are active, where the caller names none; and the
    /// first of those that are not active, if all are such.
    pub(crate) fn candidates(
        &self,
        number: &str,
        hints: &Hints,
        active: &ActiveCouriers,
    ) -> (Vec<Candidate>, Option<CourierSlug>) {
        let mut candidates = self.couriers().detect(number, hints);
        if hints.slugs.is_some() {
            return (candidates, None);
        }
        let likeliest = candidates.first().map(|candidate| candidate.slug.clone());
        candidates.retain(|candidate| active.has(candidate.slug.as_str()));
        let inactive = likeliest.filter(|_| candidates.is_empty());
        (candidates, inactive)
    }
}

/// What is known of a tracking that helps to find its courier.
pub(crate) fn hints_of(details: &Details, slug_group: Option<&str>) -> Hints {
    Hints {
        slugs: slug_group.map(group_members),
        origin: details.origin_country_region,
        destination: details.destination_country_region,
        postal_code: details.destination_postal_code.clone(),
        ..Hints::default()
    }
}

fn additional_field(request: &DetectCourier, field: &str) -> Option<String> {
    match field {
        "tracking_account_number" => request.tracking_account_number.clone(),
        "tracking_key" => request.tracking_key.clone(),
        "tracking_ship_date" => request.tracking_ship_date.clone(),
        "destination_postal_code" => request.destination_postal_code.clone(),
        "destination_state" => request.destination_state.clone(),
        "origin_country_region" => request
            .origin_country_region
            .map(|country| country.to_string()),
        "destination_country_region" => request
            .destination_country_region
            .map(|country| country.to_string()),
        _ => None,
    }
}
