//! `courier.toml`: what is known about a courier without asking it.

use std::collections::BTreeMap;

use serde::Deserialize;
use waybill_model::{CountryCode, CourierSlug};

use crate::{
    numbers::NumberFormat,
    program::{Algorithm, Encoding},
};

/// Characters of a name, link or phone number.
const MAX_TEXT_CHARS: usize = 500;
/// Numbers asked for in one request; the largest batch of a known courier is a hundred.
const MAX_BATCH: u32 = 100;
/// Requests a second to one courier: beyond it the limit is a typing error.
const MAX_REQUESTS_PER_SECOND: f64 = 1_000.0;
/// Requests in flight to one courier.
const MAX_CONCURRENCY: u32 = 256;
/// Seconds one request may take.
const MAX_TIMEOUT_SECONDS: u32 = 120;
/// Characters of what a courier is answered to a message of its own.
const MAX_PUSH_ANSWER_CHARS: usize = 2_000;
/// What is filled in in a link.
const TRACKING_LINK_PLACES: [&str; 3] = ["{number}", "{language}", "{postal_code}"];

/// A courier's `courier.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The folder's name.
    pub slug: CourierSlug,
    /// The name shown to people.
    pub name: String,
    /// Another name people search by.
    pub other_name: Option<String>,
    /// Customer service, as printed.
    pub phone: Option<String>,
    /// The courier's own site.
    pub website: Option<String>,
    /// Language of the courier's texts, ISO 639-1.
    #[serde(default = "english")]
    pub default_language: String,
    /// Languages the courier can be asked in.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Where the courier takes parcels over.
    #[serde(default)]
    pub countries: Vec<CountryCode>,
    /// The courier's tracking page, with `{number}`, `{language}` and `{postal_code}`.
    pub tracking_link: Option<String>,
    /// What must be known besides the number before the courier can be asked.
    #[serde(default)]
    pub required_fields: Vec<Field>,
    /// What helps if it is known.
    #[serde(default)]
    pub optional_fields: Vec<Field>,
    /// A number that fits no format is refused.
    #[serde(default)]
    pub numbers_exhaustive: bool,
    /// How sure the connection is, or the number formats if there is no connection.
    pub evidence: Evidence,
    /// By which way a courier brings its news to its own customers, where it cannot be asked.
    pub feed: Option<Feed>,
    /// How the courier is asked; absent where it cannot be.
    pub connection: Option<Connection>,
    /// How the courier's own messages are taken; absent where it sends none.
    pub push: Option<Push>,
    /// What its tracking numbers look like.
    #[serde(default)]
    pub numbers: Vec<NumberFormat>,
}

/// Something about a shipment that a courier may want to know besides the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The sender's account with the courier.
    TrackingAccountNumber,
    /// The recipient's postal code.
    DestinationPostalCode,
    /// The recipient's state or province.
    DestinationState,
    /// A key the courier gave with the number.
    TrackingKey,
    /// The sender's country.
    OriginCountryRegion,
    /// The recipient's country.
    DestinationCountryRegion,
    /// The day of shipping.
    TrackingShipDate,
}

/// By which way a courier brings news to those who have an account with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    /// An interface with the customer's own account.
    Api,
    /// Calls to an address of the customer's.
    Webhook,
    /// Messages of the courier's.
    Push,
    /// Files on a server.
    Ftp,
    /// Files on a server.
    Sftp,
}

/// How sure a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Checked against real answers or numbers.
    Sample,
    /// Written from the courier's own documentation.
    Documented,
    /// Inferred.
    Guessed,
}

/// How a courier is asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// How we say who we are.
    pub authentication: Authentication,
    /// What the user's account with the courier consists of.
    #[serde(default)]
    pub credentials: Vec<Credential>,
    /// Numbers in one request.
    #[serde(default = "one")]
    pub batch: u32,
    /// Requests a second, for one set of credentials.
    pub requests_per_second: f64,
    /// Requests in flight, for one set of credentials.
    pub concurrency: u32,
    /// Requests a day (UTC), for one set of credentials; no limit if absent.
    pub requests_per_day: Option<u32>,
    /// Seconds one request may take.
    pub timeout_seconds: u32,
    /// An answer lists everything the courier knows, so that a checkpoint missing from it is withdrawn.
    #[serde(default)]
    pub complete: bool,
    /// Statuses of HTTP that `read.jq` reads although they are refusals elsewhere: SOAP sends what it
    /// has to say with a 500.
    #[serde(default)]
    pub readable_statuses: Vec<u16>,
}

/// How a request says who is asking. The names are those of credentials, never their values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Authentication {
    /// Not at all.
    None,
    /// A credential in a header of this name.
    Header {
        /// The header's name.
        name: String,
        /// Whose value is sent.
        credential: String,
    },
    /// A credential in a parameter of the address.
    Query {
        /// The parameter's name.
        name: String,
        /// Whose value is sent.
        credential: String,
    },
    /// HTTP basic authentication.
    Basic {
        /// The credential that is the user's name.
        username: String,
        /// The credential that is the password.
        password: String,
    },
    /// OAuth 2 client credentials (RFC 6749 §4.4): `client_id` and `client_secret` buy a bearer token.
    #[serde(rename = "oauth2_client_credentials")]
    OAuth2ClientCredentials {
        /// Where tokens are made.
        token_url: String,
        /// Where the credentials stand in the request for a token.
        credentials_in: CredentialsIn,
        /// The scope asked for.
        scope: Option<String>,
        /// Further fields of the request for a token.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
    },
    /// Programs of the folder buy a token: `token_request.jq` and `token_read.jq`. `request.jq` puts it
    /// where the courier wants it.
    Login,
}

/// How a courier's own messages are taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// How a message proves that the courier sent it.
    pub signature: PushSignature,
    /// The body of our answer, where the courier wants to read something; empty if absent.
    #[serde(default)]
    pub answer: String,
}

/// How a courier's message proves itself, besides the secret in the address it is sent to. The secret
/// is the name of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PushSignature {
    /// By the address alone.
    None,
    /// A header is the secret.
    Secret {
        /// The header's name.
        header: String,
        /// Whose value it must have.
        credential: String,
    },
    /// A header is the keyed digest of the body (RFC 2104), or of texts in it.
    Hmac {
        /// The header's name.
        header: String,
        /// What stands before the digest, such as `sha256=`.
        #[serde(default)]
        prefix: String,
        /// The algorithm.
        algorithm: Algorithm,
        /// How the digest is written.
        encoding: Encoding,
        /// Fields of a JSON body whose texts, one behind the other, are signed instead of the body.
        #[serde(default)]
        fields: Vec<String>,
        /// Whose value is the key.
        credential: String,
    },
}

impl PushSignature {
    /// The name of the credential that is checked.
    pub fn credential(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Secret { credential, .. } | Self::Hmac { credential, .. } => Some(credential),
        }
    }
}

/// Where client credentials stand in a request for a token (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialsIn {
    /// In the header of basic authentication.
    Basic,
    /// In the body, as form fields.
    Body,
}

/// One part of an account with a courier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Its name in forms and configuration.
    pub name: String,
    /// Whether it may be shown.
    pub kind: CredentialKind,
    /// Nothing can be asked without it.
    #[serde(default)]
    pub required: bool,
    /// What it may look like, where not everything will do.
    pub example: Option<String>,
}

/// Whether a credential may be shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// May be shown, such as an account number.
    Text,
    /// Never shown again.
    Secret,
}

fn english() -> String {
    "en".to_owned()
}

fn one() -> u32 {
    1
}

/// The credentials OAuth 2 uses.
pub(crate) const CLIENT_ID: &str = "client_id";
/// See [`CLIENT_ID`].
pub(crate) const CLIENT_SECRET: &str = "client_secret";

impl Field {
    /// The field of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::TrackingAccountNumber,
            Self::DestinationPostalCode,
            Self::DestinationState,
            Self::TrackingKey,
            Self::OriginCountryRegion,
            Self::DestinationCountryRegion,
            Self::TrackingShipDate,
        ];
        all.into_iter().find(|field| field.as_str() == name)
    }

    /// The field's name in `courier.toml` and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TrackingAccountNumber => "tracking_account_number",
            Self::DestinationPostalCode => "destination_postal_code",
            Self::DestinationState => "destination_state",
            Self::TrackingKey => "tracking_key",
            Self::OriginCountryRegion => "origin_country_region",
            Self::DestinationCountryRegion => "destination_country_region",
            Self::TrackingShipDate => "tracking_ship_date",
        }
    }
}

impl Authentication {
    /// Names of the credentials a request needs.
    pub fn credentials(&self) -> Vec<&str> {
        match self {
            Self::None | Self::Login => Vec::new(),
            Self::Header { credential, .. } | Self::Query { credential, .. } => vec![credential],
            Self::Basic { username, password } => vec![username, password],
            Self::OAuth2ClientCredentials { .. } => vec![CLIENT_ID, CLIENT_SECRET],
        }
    }
}

impl Definition {
    /// Reads a `courier.toml` and checks what its types cannot say. The message names the field.
    pub fn parse(text: &str) -> Result<Self, String> {
        let definition: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        definition.checked()
    }

    /// The definition, if nothing is wrong with it.
    pub(crate) fn checked(self) -> Result<Self, String> {
        match self.fault() {
            None => Ok(self),
            Some(fault) => Err(fault),
        }
    }

    fn fault(&self) -> Option<String> {
        let texts = [
            ("name", Some(&self.name)),
            ("other_name", self.other_name.as_ref()),
            ("phone", self.phone.as_ref()),
            ("website", self.website.as_ref()),
            ("tracking_link", self.tracking_link.as_ref()),
        ];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            if text.trim().is_empty() || text.chars().count() > MAX_TEXT_CHARS {
                return Some(format!(
                    "{field}: must have 1 to {MAX_TEXT_CHARS} characters"
                ));
            }
        }
        let languages = self.languages.iter().chain([&self.default_language]);
        if let Some(language) = languages.into_iter().find(|it| !is_language(it)) {
            return Some(format!("languages: `{language}` is no language code"));
        }
        if let Some(link) = &self.tracking_link {
            if !link.starts_with("https://") && !link.starts_with("http://") {
                return Some("tracking_link: must be an http or https address".into());
            }
            let rest = TRACKING_LINK_PLACES
                .iter()
                .fold(link.clone(), |rest, place| rest.replace(place, ""));
            if rest.contains(['{', '}']) {
                let places = TRACKING_LINK_PLACES.join(", ");
                return Some(format!(
                    "tracking_link: may have {places} and no other braces"
                ));
            }
        }
        if let Some(twice) = self
            .optional_fields
            .iter()
            .find(|it| self.required_fields.contains(it))
        {
            let field = twice.as_str();
            return Some(format!("optional_fields: `{field}` is required already"));
        }
        if self.numbers_exhaustive && self.numbers.is_empty() {
            return Some("numbers_exhaustive: there are no [[numbers]]".into());
        }
        if let Some(fault) = self.push.as_ref().and_then(|push| self.push_fault(push)) {
            return Some(format!("push.{fault}"));
        }
        let fault = self.connection.as_ref().and_then(Connection::fault)?;
        Some(format!("connection.{fault}"))
    }

    fn push_fault(&self, push: &Push) -> Option<String> {
        let Some(connection) = &self.connection else {
            return Some("signature: a courier that pushes needs a [connection]".into());
        };
        if let Some(needed) = push.signature.credential()
            && !connection.credentials.iter().any(|it| it.name == needed)
        {
            return Some(format!("signature: needs a credential `{needed}`"));
        }
        (push.answer.chars().count() > MAX_PUSH_ANSWER_CHARS)
            .then(|| format!("answer: has more than {MAX_PUSH_ANSWER_CHARS} characters"))
    }
}

impl Connection {
    fn fault(&self) -> Option<String> {
        for (position, credential) in self.credentials.iter().enumerate() {
            let name = &credential.name;
            if self
                .credentials
                .iter()
                .skip(position + 1)
                .any(|other| other.name == *name)
            {
                return Some(format!("credentials: `{name}` stands there twice"));
            }
        }
        for needed in self.authentication.credentials() {
            let found = self.credentials.iter().find(|it| it.name == needed);
            if !found.is_some_and(|it| it.required) {
                return Some(format!(
                    "authentication: needs a required credential `{needed}`"
                ));
            }
        }
        if let Authentication::OAuth2ClientCredentials { token_url, .. } = &self.authentication
            && !token_url.starts_with("https://")
        {
            return Some("authentication.token_url: must be an https address".into());
        }
        if !(1..=MAX_BATCH).contains(&self.batch) {
            return Some(format!("batch: must be 1 to {MAX_BATCH}"));
        }
        if !(self.requests_per_second > 0.0 && self.requests_per_second <= MAX_REQUESTS_PER_SECOND)
        {
            return Some(format!(
                "requests_per_second: must be above 0 and at most {MAX_REQUESTS_PER_SECOND}"
            ));
        }
        if self.requests_per_day == Some(0) {
            return Some("requests_per_day: must be above 0".into());
        }
        if !(1..=MAX_CONCURRENCY).contains(&self.concurrency) {
            return Some(format!("concurrency: must be 1 to {MAX_CONCURRENCY}"));
        }
        if !(1..=MAX_TIMEOUT_SECONDS).contains(&self.timeout_seconds) {
            return Some(format!(
                "timeout_seconds: must be 1 to {MAX_TIMEOUT_SECONDS}"
            ));
        }
        None
    }
}

/// `en`, `zh-Hant`: letters and hyphens, no more than nine of them.
fn is_language(text: &str) -> bool {
    (2..=9).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}
