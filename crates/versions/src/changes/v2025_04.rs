//! 2025-04, and what 2025-07 changed.

use serde_json::{Value, json};

use super::TRACKINGS;
use crate::{
    Version,
    change::{Change, Changes},
    fields::{Field, Kind},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2025_04,
    models: &[(
        TRACKINGS,
        &[Change::recast(
            Field::new("custom_fields", Kind::CustomFields),
            |fields| match fields {
                Value::Null => json!({}),
                fields => fields,
            },
        )],
    )],
    notes: &["`custom_fields` is null where there are none; before, an empty object."],
};
