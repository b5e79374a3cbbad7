//! The versions of the API, oldest first.

use std::fmt;

/// A version of the tracking API. Ordered by age: `V4` is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named by their dates")]
pub enum Version {
    V4,
    V2023_10,
    V2024_01,
    V2024_04,
    V2024_07,
    V2024_10,
    V2025_01,
    V2025_04,
    V2025_07,
    V2026_01,
    V2026_07,
}

impl Version {
    /// The one shape everything inside knows.
    pub const NEWEST: Self = Self::V2026_07;

    /// All of them, oldest first.
    pub const ALL: [Self; 11] = [
        Self::V4,
        Self::V2023_10,
        Self::V2024_01,
        Self::V2024_04,
        Self::V2024_07,
        Self::V2024_10,
        Self::V2025_01,
        Self::V2025_04,
        Self::V2025_07,
        Self::V2026_01,
        Self::V2026_07,
    ];

    /// `v4`, or the date as in paths and headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "v4",
            Self::V2023_10 => "2023-10",
            Self::V2024_01 => "2024-01",
            Self::V2024_04 => "2024-04",
            Self::V2024_07 => "2024-07",
            Self::V2024_10 => "2024-10",
            Self::V2025_01 => "2025-01",
            Self::V2025_04 => "2025-04",
            Self::V2025_07 => "2025-07",
            Self::V2026_01 => "2026-01",
            Self::V2026_07 => "2026-07",
        }
    }

    /// The version of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text)
    }

    /// Under which path it stands: `/v4` or `/tracking/<date>`.
    pub fn base_path(self) -> String {
        match self {
            Self::V4 => "/v4".to_owned(),
            dated => format!("/tracking/{dated}"),
        }
    }

    /// The version that a path is about, and the path below its base.
    pub fn of_path(path: &str) -> Option<(Self, &str)> {
        let (name, v4) = match path.strip_prefix("/tracking/") {
            Some(dated) => (dated, false),
            None => (path.strip_prefix('/')?, true),
        };
        let (name, rest) = name.split_at(name.find('/').unwrap_or(name.len()));
        let version = Self::parse(name).filter(|version| (*version == Self::V4) == v4)?;
        Some((version, rest))
    }

    /// The next newer one.
    pub(crate) fn newer(self) -> Option<Self> {
        Self::ALL.into_iter().find(|other| *other > self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A span of versions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    first: Version,
    last: Version,
}

impl Versions {
    /// Every version.
    pub const ALL: Self = Self::since(Version::V4);

    /// This one and all newer.
    pub const fn since(first: Version) -> Self {
        Self {
            first,
            last: Version::NEWEST,
        }
    }

    /// This one and all older.
    pub const fn until(last: Version) -> Self {
        Self {
            first: Version::V4,
            last,
        }
    }

    /// Whether a version is among them.
    pub fn contains(self, version: Version) -> bool {
        (self.first..=self.last).contains(&version)
    }

    /// Them, oldest first.
    pub fn iter(self) -> impl Iterator<Item = Version> {
        Version::ALL
            .into_iter()
            .filter(move |version| self.contains(*version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_its_version() {
        for (path, version, rest) in [
            ("/v4/trackings/1", Version::V4, "/trackings/1"),
            (
                "/tracking/2023-10/trackings",
                Version::V2023_10,
                "/trackings",
            ),
            ("/tracking/2026-07", Version::V2026_07, ""),
        ] {
            assert_eq!(Version::of_path(path), Some((version, rest)));
        }
        for path in [
            "/tracking/v4/trackings",
            "/2026-07/trackings",
            "/tracking/2025-10/trackings",
            "/v5",
            "/",
            "",
        ] {
            assert_eq!(Version::of_path(path), None, "{path}");
        }
    }

    #[test]
    fn spans_have_both_ends() {
        assert_eq!(Versions::ALL.iter().count(), 11);
        assert_eq!(Versions::until(Version::V2024_04).iter().count(), 4);
        let new = Versions::since(Version::V2025_04);
        assert!(new.contains(Version::V2025_04) && !new.contains(Version::V2025_01));
        assert_eq!(Version::V4.newer(), Some(Version::V2023_10));
        assert_eq!(Version::NEWEST.newer(), None);
    }
}
