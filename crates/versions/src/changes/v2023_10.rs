//! 2023-10, and what 2024-01 changed.

use crate::{
    Model, Version,
    change::{Change::Add, Changes},
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2023_10,
    models: &[
        (
            &[Model::Tracking],
            &[Add("location_id"), Add("shipping_method")],
        ),
        (
            &[Model::Create],
            &[Add("location_id"), Add("shipping_method")],
        ),
    ],
    notes: &[],
};
