//! 2026-01, and what 2026-07 changed.

use super::{BODIES, TRACKINGS, contacts};
use crate::{
    Model, Version,
    change::{
        Change::{self, Add, Reshape, Values},
        Changes, Older,
    },
    fields::{Field, Kind},
    requests::details::CUSTOMERS,
};

pub(super) const CHANGES: Changes = Changes {
    older: Version::V2026_01,
    models: &[
        (
            TRACKINGS,
            &[
                Add("shipment_dimensions"),
                Add("proof_of_delivery"),
                Add("multi_piece_info"),
                Add("shipment_direction"),
                Add("return_shipment"),
                Add("forward_shipment"),
            ],
        ),
        (super::CHECKPOINTS, &[Add("hash")]),
        (&[Model::Customer], &[Add("id")]),
        (
            BODIES,
            &[
                Add("shipment_direction"),
                Reshape {
                    older: &[Older::new(
                        Field::new("customers", Kind::Models(CUSTOMERS, Model::Customer)),
                        &["customers"],
                        contacts::without_ids,
                    )
                    .lifted(contacts::keep_ids)],
                    newer: &["customers"],
                },
            ],
        ),
        (
            &[Model::LastMileGiven],
            &[Change::recast(Field::new("slug", Kind::Slug), |slug| slug)],
        ),
        (
            &[
                Model::Tracking,
                Model::Deleted,
                Model::Retracked,
                Model::Checkpoint,
                Model::CheckpointOrNulls,
                Model::LastCheckpoint,
            ],
            &[
                Values {
                    field: "subtag",
                    pairs: SUB_STATUSES,
                },
                Values {
                    field: "subtag_message",
                    pairs: MESSAGES,
                },
            ],
        ),
    ],
    notes: &[
        "Ten sub-statuses are new; older versions answer the nearest they know.",
        "`last_mile.slug` is required on create.",
    ],
};

/// The ten sub-statuses of 2026-07 and what stands for them before.
const SUB_STATUSES: &[(&str, &str)] = &[
    ("Delivered_005", "Delivered_001"),
    ("InTransit_011", "InTransit_001"),
    ("InTransit_012", "InTransit_001"),
    ("InTransit_013", "InTransit_001"),
    ("Exception_016", "Exception_005"),
    ("Exception_017", "Exception_005"),
    ("Exception_018", "Exception_004"),
    ("Exception_019", "Exception_005"),
    ("Exception_020", "Exception_001"),
    ("Exception_021", "Exception_001"),
];

/// Their messages.
pub(super) const MESSAGES: &[(&str, &str)] = &[
    ("Delivered to neighbor", "Delivered"),
    ("Delayed (Processing issue)", "Delayed (External factors)"),
    ("Delayed (Extreme weather)", "Delayed (External factors)"),
    (
        "Incorrect / missing documents",
        "Delayed (Customs clearance)",
    ),
    ("Delayed (Late flight)", "Delayed (External factors)"),
    ("Shipment cancelled", "Exception"),
    ("Shipment disposed", "Exception"),
];

#[cfg(test)]
mod tests {
    use waybill_model::SubStatus;

    use super::*;

    #[test]
    fn codes_and_messages_are_lowered_alike() {
        for (newer, older) in SUB_STATUSES {
            let message = |code: &str| SubStatus::parse(code).expect("a code").message();
            let lowered = MESSAGES
                .iter()
                .find(|(from, _)| *from == message(newer))
                .map_or(message(newer), |(_, to)| to);
            assert_eq!(lowered, message(older), "{newer}");
        }
    }
}
