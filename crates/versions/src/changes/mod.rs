//! What each version says otherwise than the next newer one: one file a version, nothing but tables
//! and the small functions they name.

mod contacts;
mod v2023_10;
mod v2024_01;
mod v2024_04;
mod v2024_07;
mod v2024_10;
mod v2025_01;
mod v2025_04;
mod v2025_07;
mod v2026_01;
mod v4;

pub(crate) use v2025_01::RENAMED_FIELDS;

use crate::{Model, Version, change::Changes};

/// All of them, newest first: the order in which answers go down through them.
pub(crate) const CHANGES: &[&Changes] = &[
    &v2026_01::CHANGES,
    &v2025_07::CHANGES,
    &v2025_04::CHANGES,
    &v2025_01::CHANGES,
    &v2024_10::CHANGES,
    &v2024_07::CHANGES,
    &v2024_04::CHANGES,
    &v2024_01::CHANGES,
    &v2023_10::CHANGES,
    &v4::CHANGES,
];

/// The changes between a version and the newest, newest first.
pub(crate) fn down_to(version: Version) -> impl DoubleEndedIterator<Item = &'static Changes> {
    CHANGES
        .iter()
        .filter(move |changes| changes.older >= version)
        .copied()
}

/// Every answer that is a Tracking, whole or in part.
const TRACKINGS: &[Model] = &[Model::Tracking, Model::Deleted, Model::Retracked];
/// The same and the bodies that make and change one.
const TRACKINGS_AND_BODIES: &[Model] = &[
    Model::Tracking,
    Model::Deleted,
    Model::Retracked,
    Model::Create,
    Model::Update,
];
/// The bodies that make and change a tracking.
const BODIES: &[Model] = &[Model::Create, Model::Update];
/// A checkpoint, wherever it stands.
const CHECKPOINTS: &[Model] = &[Model::Checkpoint, Model::CheckpointOrNulls];
