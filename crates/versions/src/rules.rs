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
/// Lists have pages; sizes outside the limits are moved into them.
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
    /// See [`WRAPPED`].
    pub fn wraps(self) -> bool {
        WRAPPED.contains(self)
    }

    /// See [`WRONG_TYPES_IGNORED`].
    pub fn ignores_wrong_types(self) -> bool {
        WRONG_TYPES_IGNORED.contains(self)
    }

    /// See [`SHARED_LIMIT`].
    pub fn shares_limit(self) -> bool {
        SHARED_LIMIT.contains(self)
    }

    /// See [`ECHOED_ERRORS`].
    pub fn echoes_errors(self) -> bool {
        ECHOED_ERRORS.contains(self)
    }

    /// See [`PAGED`].
    pub fn pages(self) -> bool {
        PAGED.contains(self)
    }

    /// See [`BY_NUMBER`].
    pub fn reaches_by_number(self) -> bool {
        BY_NUMBER.contains(self)
    }

    /// See [`BAD_TIMES_IGNORED`].
    pub fn ignores_bad_times(self) -> bool {
        BAD_TIMES_IGNORED.contains(self)
    }

    /// How often a tracking may be retracked.
    pub fn retrack_limit(self) -> usize {
        if RETRACKED_ONCE.contains(self) { 1 } else { 3 }
    }

    /// See [`LEGACY`].
    pub fn is_legacy(self) -> bool {
        LEGACY.contains(self)
    }
}
