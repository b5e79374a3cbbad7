//! What a body of each version means, field by field: one that makes a tracking and one that changes it.

use serde_json::{Map, Value, json};
use waybill_versions::{Model, Version};

use crate::{
    generate::Random,
    round_trip::{create, good, update},
};

/// Every field that a version has, with a value of its own.
fn full(version: Version, model: Model, seed: u64) -> Map<String, Value> {
    let random = &mut Random::new(seed);
    let names = version.names(model);
    names
        .filter_map(|name| Some((name.to_owned(), good(version, name, random)?)))
        .collect()
}

#[test]
fn requests_of_every_version_mean_what_they_always_meant() {
    for version in Version::ALL {
        let (made, changed) = (
            full(version, Model::Create, 1),
            full(version, Model::Update, 2),
        );
        let details = create(version, &made);
        let after = update(version, &changed, &details);
        insta::with_settings!({prepend_module_to_snapshot => false}, {
            insta::assert_json_snapshot!(
                format!("request_{version}"),
                json!({
                    "create": made,
                    "is_then": details,
                    "update": changed,
                    "is_after": after,
                })
            );
        });
    }
}
