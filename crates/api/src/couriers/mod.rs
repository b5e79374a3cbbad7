//! `/couriers`.

pub(crate) mod all;
pub(crate) mod detect;
pub(crate) mod list;

use serde_json::json;
use waybill_couriers::Field;
use waybill_service::credential_fields;
use waybill_versions::{Courier, CourierCredentials, Model};

use crate::answer::Data;

/// A courier of the folder in its wire shape.
fn shown(courier: &waybill_couriers::Courier) -> Courier {
    let definition = &courier.definition;
    let names = |fields: &[Field]| {
        fields
            .iter()
            .map(|field| field.as_str().to_owned())
            .collect()
    };
    Courier {
        slug: definition.slug.to_string(),
        name: definition.name.clone(),
        phone: definition.phone.clone(),
        other_name: definition.other_name.clone(),
        web_url: definition.website.clone().unwrap_or_default(),
        required_fields: names(&definition.required_fields),
        optional_fields: names(&definition.optional_fields),
        default_language: definition.default_language.clone(),
        support_languages: definition.languages.clone(),
        service_from_country_regions: definition
            .countries
            .iter()
            .map(ToString::to_string)
            .collect(),
        credentials: CourierCredentials {
            fields: credential_fields(courier),
        },
    }
}

fn answer<'a>(couriers: impl Iterator<Item = &'a waybill_couriers::Courier>) -> Data {
    let couriers: Vec<Courier> = couriers.map(shown).collect();
    Data::ok(json!({"total": couriers.len(), "couriers": couriers})).of(Model::Couriers)
}
