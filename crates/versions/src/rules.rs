//! How versions behave, apart from shapes: one line a rule.

use crate::{Version, Versions};

/// Bodies and answers are wrapped in `tracking` or `notification`; deleting and retracking answer a part.
const WRAPPED: Versions = Versions::until(Version::V2024_04);
/// A body's field of a wrong JSON type is ignored instead of refused.
const WRONG_TYPES_IGNORED: Versions = Versions::until(Version::V2024_04);
/// One limit for all endpoints together.
const SHARED_LIMIT: Versions = Versions::until(Version::V2024_04);
/// Errors repeat the body in `data` and have no `meta.errors`.
const ECHOED_ERRORS: Versions = Versions::until(Version::V2024_04);
/// The size of a page, where it is outside the limits or none, is moved into them instead of refused.
const SIZES_MOVED: Versions = Versions::until(Version::V2024_04);
/// Lists have pages.
const PAGED: Versions = Versions::until(Version::V2024_07);
/// Trackings are also reached by slug and number.
pub(crate) const BY_NUMBER: Versions = Versions::until(Version::V2024_07);
/// Times of a list that cannot be read count as absent.
const BAD_TIMES_IGNORED: Versions = Versions::until(Version::V2024_10);
/// A tracking is retracked once; three times from the next version on.
const RETRACKED_ONCE: Versions = Versions::until(Version::V2025_07);
/// The key may come in `aftership-api-key`, and a body that is no object is 4002.
const LEGACY: Versions = Versions::until(Version::V4);

impl Version {
    /// Whether bodies and answers are wrapped in `tracking` or `notification`.
    pub fn wraps(self) -> bool {
        WRAPPED.contains(self)
    }

    /// Whether a body's field of a wrong JSON type is ignored instead of refused.
    pub fn ignores_wrong_types(self) -> bool {
        WRONG_TYPES_IGNORED.contains(self)
    }

    /// Whether one limit holds for all endpoints together.
    pub fn shares_limit(self) -> bool {
        SHARED_LIMIT.contains(self)
    }

    /// Whether errors repeat the body in `data` and have no `meta.errors`.
    pub fn echoes_errors(self) -> bool {
        ECHOED_ERRORS.contains(self)
    }

    /// Whether lists have pages.
    pub fn pages(self) -> bool {
        PAGED.contains(self)
    }

    /// Whether the size of a page is moved into its limits instead of refused.
    pub fn moves_sizes(self) -> bool {
        SIZES_MOVED.contains(self)
    }

    /// Whether trackings are also reached by slug and number.
    pub fn reaches_by_number(self) -> bool {
        BY_NUMBER.contains(self)
    }

    /// Whether times of a list that cannot be read count as absent.
    pub fn ignores_bad_times(self) -> bool {
        BAD_TIMES_IGNORED.contains(self)
    }

    /// How often a tracking may be retracked.
    pub fn retrack_limit(self) -> usize {
        if RETRACKED_ONCE.contains(self) { 1 } else { 3 }
    }

    /// Whether it is v4, which has a few ways of its own.
    pub fn is_legacy(self) -> bool {
        LEGACY.contains(self)
    }
}
