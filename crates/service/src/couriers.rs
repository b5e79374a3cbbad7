//! Finding couriers.

use waybill_couriers::Hints;
use waybill_model::CourierSlug;
use waybill_versions::{DetectCourier, Problem};

use crate::{
    Service,
    trackings::{group_members, require, unknown_slug},
};

impl Service {
    /// The couriers that may have this number, likeliest first; none fits: an empty answer.
    pub fn detect_couriers(&self, request: &DetectCourier) -> Result<Vec<CourierSlug>, Problem> {
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
        let hints = Hints {
            slugs,
            origin: request.origin_country_region,
            destination: request.destination_country_region,
            postal_code: request.destination_postal_code.clone(),
        };
        let candidates = couriers.detect(request.number.as_str(), &hints);
        Ok(candidates
            .into_iter()
            .map(|candidate| candidate.slug)
            .collect())
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
