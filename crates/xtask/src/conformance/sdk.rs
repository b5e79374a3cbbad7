//! The table of published SDKs.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::FOLDER;

/// A release of an SDK, a row of `sdks.json`.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Sdk {
    /// Its package.
    pub package: String,
    /// `pypi` or `npm`.
    pub registry: Registry,
    /// The release.
    pub release: String,
    /// The API version that it speaks.
    pub version: String,
    /// What the caller has to add to the server's address.
    pub base: String,
    /// How it can authenticate: `API_KEY`, `AES`, `RSA`.
    pub modes: Vec<String>,
    /// What it needs and does not ask for.
    #[serde(default)]
    pub beside: Vec<String>,
}

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Registry {
    /// Python's.
    Pypi,
    /// Node's.
    Npm,
}

impl Sdk {
    /// What it is called: `js old 8.1.0`.
    pub fn label(&self) -> String {
        let (package, release) = self.heading();
        format!("{package} {release}")
    }

    /// The same in two.
    pub fn heading(&self) -> (&str, &str) {
        let package = match (self.registry, self.package.as_str()) {
            (Registry::Pypi, "aftership") => "py old",
            (Registry::Pypi, _) => "py",
            (Registry::Npm, "aftership") => "js old",
            (Registry::Npm, _) => "js",
        };
        (package, &self.release)
    }
}

/// Which rows.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// The oldest and the newest of each package.
    Ends,
    /// Those whose label, such as `py 10.0.1`, begins so.
    Named(String),
}

impl Choice {
    /// As it is written on the command line: `ends`, the beginning of a label, or nothing for all.
    pub fn of(text: &str) -> Self {
        match text {
            "ends" => Self::Ends,
            beginning => Self::Named(beginning.to_owned()),
        }
    }
}

/// The rows of a choice; those of a package stand in order.
pub(crate) fn read(choice: &Choice) -> Result<Vec<Sdk>> {
    let path = Path::new(FOLDER).join("sdks.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let sdks: Vec<Sdk> = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    if let Choice::Named(beginning) = choice {
        let is_meant = |sdk: &Sdk| sdk.label().starts_with(beginning);
        return Ok(sdks.into_iter().filter(is_meant).collect());
    }
    let mut packages: BTreeMap<(Registry, String), Vec<Sdk>> = BTreeMap::new();
    for sdk in sdks {
        let package = (sdk.registry, sdk.package.clone());
        packages.entry(package).or_default().push(sdk);
    }
    let ends = |releases: Vec<Sdk>| {
        let newest = releases.iter().skip(1).last().cloned();
        releases.into_iter().take(1).chain(newest)
    };
    Ok(packages.into_values().flat_map(ends).collect())
}
