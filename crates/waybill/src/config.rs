//! The configuration: one TOML file, each key of which the environment may set as
//! `WAYBILL_<SECTION>__<KEY>`.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use ipnet::IpNet;
use serde::Deserialize;
use waybill_outside::Ports;
use waybill_versions::Version;

use crate::failure::Failure;

/// The file read when none is named.
const DEFAULT_FILE: &str = "waybill.toml";

/// Names in the environment that set a key begin so.
const PREFIX: &str = "WAYBILL_";

/// Polls of one node at once: each may hold an answer of two megabytes.
const MAX_POLLS_AT_ONCE: usize = 1_024;

/// All sections. Unknown keys are refused with their name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A folder whose courier folders add to or override the built-in ones.
    pub couriers_dir: Option<PathBuf>,
    /// How the server is reached.
    pub server: Server,
    /// What the operator says of couriers, by slug.
    pub couriers: BTreeMap<String, Courier>,
    /// Where connections may go.
    pub outside: Outside,
    /// How webhooks are sent.
    pub webhooks: Webhooks,
    /// How much one organization may ask.
    pub rate_limits: RateLimits,
    /// The testing courier.
    pub sandbox: Sandbox,
    /// The API.
    pub api: Api,
    /// When couriers are asked.
    pub polling: Polling,
    /// How long things are kept.
    pub retention: Retention,
    /// How mail is sent.
    pub smtp: Smtp,
    /// How text messages are sent.
    pub sms: Sms,
}

/// `[server]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// How the world reaches this server: for links and redirects.
    pub public_url: Option<String>,
    /// Proxies whose word about the client's address is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// `[couriers.<slug>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Courier {
    /// Replaces scheme, host and port of every URL of the courier.
    pub base_url: Option<String>,
    /// Used where an organization has no connection of its own.
    pub credentials: BTreeMap<String, Secret>,
    /// Requests a day for each account, in place of what the courier's folder says.
    pub requests_per_day: Option<u32>,
    /// A number that the courier knows, asked by the clock.
    pub canary: Option<String>,
}

/// `[outside]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outside {
    /// Addresses that are let through besides public ones.
    pub allow_networks: Vec<IpNet>,
}

/// `[webhooks]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Ports that webhooks may use.
    pub allow_ports: AllowPorts,
    /// Shown in the documentation.
    pub outgoing_ips: Vec<String>,
}

/// Numbers, or `"any"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a list of ports or \"any\"")]
pub enum AllowPorts {
    /// These.
    Only(Vec<u16>),
    /// A word: `any`.
    Word(AnyPort),
}

/// The word `any`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnyPort {
    /// Every port.
    Any,
}

impl Default for AllowPorts {
    /// The ports that receivers of the compatible API may use.
    fn default() -> Self {
        Self::Only(vec![80, 443, 8080])
    }
}

impl From<&AllowPorts> for Ports {
    fn from(ports: &AllowPorts) -> Self {
        match ports {
            AllowPorts::Only(ports) => Self::Only(ports.clone()),
            AllowPorts::Word(AnyPort::Any) => Self::Any,
        }
    }
}

/// `[rate_limits]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Which table of limits holds.
    pub profile: RateProfile,
}

/// Which table of limits holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateProfile {
    /// Generous.
    #[default]
    Default,
    /// The documented ceilings.
    Aftership,
    /// Refuses nothing.
    Off,
}

impl From<RateProfile> for waybill_api::RateProfile {
    fn from(profile: RateProfile) -> Self {
        match profile {
            RateProfile::Default => Self::Default,
            RateProfile::Aftership => Self::Aftership,
            RateProfile::Off => Self::Off,
        }
    }
}

/// `[sandbox]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// How long the testing courier's minute lasts.
    pub seconds_per_minute: f64,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self {
            seconds_per_minute: 60.0,
        }
    }
}

/// `[api]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// The oldest version served.
    pub min_version: Option<String>,
    /// Also accept the weaker forms of signatures.
    pub lenient_signatures: bool,
    /// Refuse a signature of anything but a GET that came before.
    pub replay_guard: bool,
}

/// `[polling]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Polling {
    /// Couriers asked at once by this node.
    pub concurrency: usize,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            concurrency: waybill_polling::CONCURRENCY,
        }
    }
}

/// `[retention]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// How long an inactive tracking keeps its number, from its creation.
    pub number_reuse_days: i64,
    /// How long events, deliveries, attempts and poll logs are kept.
    pub log_days: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            number_reuse_days: 120,
            log_days: 30,
        }
    }
}

/// `[smtp]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Where the mail server is.
    pub url: Option<Secret>,
    /// Who the mail is from.
    pub from: Option<String>,
}

/// `[sms]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {}

/// A text that no log shows.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl Config {
    /// The oldest version that is served as itself.
    pub fn min_version(&self) -> Version {
        let named = self.api.min_version.as_deref();
        named.and_then(Version::parse).unwrap_or(Version::V4)
    }

    /// Reads the file (the named one must exist) and the environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self, Failure> {
        let mut figment = Figment::new();
        let found = match file {
            Some(file) => Some(file.to_path_buf()),
            None => Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.exists()),
        };
        if let Some(file) = &found {
            let text = std::fs::read_to_string(file).map_err(|error| {
                Failure::usage(format!("cannot read {}: {error}", file.display()))
            })?;
            // Read apart first: figment's own message does not name the line.
            toml_of(&text)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
            figment = figment.merge(Toml::string(&text));
        }
        let environment = || {
            Env::prefixed(PREFIX)
                .filter(|key| key.as_str().contains("__"))
                .split("__")
        };
        figment = figment.merge(environment());
        for (key, text) in environment().iter() {
            // Credentials are text whatever they look like: `0012` is no number.
            if key.as_str().to_lowercase().contains(".credentials.") {
                figment = figment.merge((key.as_str().to_lowercase(), text));
            }
        }
        let config: Self = figment
            .extract()
            .map_err(|error| Failure::usage(explain(&error, found.as_deref())))?;
        config.validated()
    }

    fn validated(self) -> Result<Self, Failure> {
        let minute = self.sandbox.seconds_per_minute;
        if !(minute.is_finite() && minute > 0.0 && minute <= 3600.0) {
            return Err(Failure::usage(format!(
                "sandbox.seconds_per_minute is {minute}: give a number above 0 and up to 3600"
            )));
        }
        let concurrency = self.polling.concurrency;
        if !(1..=MAX_POLLS_AT_ONCE).contains(&concurrency) {
            return Err(Failure::usage(format!(
                "polling.concurrency is {concurrency}: give a number from 1 to {MAX_POLLS_AT_ONCE}"
            )));
        }
        for (name, days) in [
            (
                "retention.number_reuse_days",
                self.retention.number_reuse_days,
            ),
            ("retention.log_days", self.retention.log_days),
        ] {
            if !(1..=36_500).contains(&days) {
                return Err(Failure::usage(format!(
                    "{name} is {days}: give a number of days from 1 to 36500"
                )));
            }
        }
        if let Some(version) = &self.api.min_version
            && Version::parse(version).is_none()
        {
            return Err(Failure::usage(format!(
                "api.min_version is `{version}`, which is no API version"
            )));
        }
        Ok(self)
    }
}

/// What is wrong, and the name under which the operator wrote it.
fn explain(error: &figment::Error, file: Option<&Path>) -> String {
    let metadata = error.metadata.as_ref();
    let in_environment = metadata.is_none_or(|metadata| metadata.name.contains("environment"));
    match file {
        Some(file) if !in_environment => {
            format!(
                "{}: {}: {}",
                file.display(),
                error.path.join("."),
                error.kind
            )
        }
        _ => format!(
            "{PREFIX}{}: {}",
            error.path.join("__").to_uppercase(),
            error.kind
        ),
    }
}

fn toml_of(text: &str) -> Result<(), String> {
    figment::providers::Toml::from_str::<figment::value::Dict>(text)
        .map(drop)
        .map_err(|error| error.to_string())
}
