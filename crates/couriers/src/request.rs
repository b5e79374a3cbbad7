//! From a query to a request: what is missing, who we are, and what `request.jq` makes of it.

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};
use waybill_model::CountryCode;

use crate::{
    Connection, Courier, Field, authentication,
    courier::{Programs, percent_encoded},
};

/// Characters of an address.
const MAX_URL_CHARS: usize = 8 * 1024;
/// Bytes of a request's body; the longest known is a SOAP envelope for a hundred numbers.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// Headers of a request.
const MAX_HEADERS: usize = 50;
/// Shortest secret that is taken out of messages; shorter ones would blot out half of any text.
const SHORTEST_REDACTED: usize = 4;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The tracking number, normalised.
    pub number: String,
    /// 0 = the tracking's own number, 1 = the last mile's.
    pub leg: u8,
    /// Language wanted, ISO 639-1.
    pub language: Option<String>,
    /// The recipient's postal code.
    pub destination_postal_code: Option<String>,
    /// The recipient's state or province.
    pub destination_state: Option<String>,
    /// The recipient's country.
    pub destination_country: Option<CountryCode>,
    /// The sender's country.
    pub origin_country: Option<CountryCode>,
    /// The day of shipping.
    pub ship_date: Option<Date>,
    /// The sender's account with the courier.
    pub account_number: Option<String>,
    /// The key the courier gave with the number.
    pub tracking_key: Option<String>,
    /// When the tracking was made.
    pub created_at: Timestamp,
    /// The present moment.
    pub now: Timestamp,
}

/// Credentials by name; which there are says `courier.toml`.
pub type Credentials = BTreeMap<String, String>;

/// What to do to learn more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Send this and [`Courier::read`] the answer.
    Request(HttpRequest),
    /// Buy a token first, or take the one that is kept under the key, and ask again with it.
    NeedsToken(TokenRequest),
    /// The account is incomplete: these credentials are missing.
    MissingCredentials(Vec<String>),
    /// The courier cannot be asked.
    NoConnection,
    /// The courier wants these fields of the shipment.
    MissingFields(Vec<String>),
}

/// A request for a token; [`Courier::read_token`] reads the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// What to send.
    pub request: HttpRequest,
    /// Under which a token may be kept: the same for the same account. Tells no secret.
    pub cache_key: String,
}

/// A request, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The whole address, ASCII.
    pub url: String,
    /// Name and value; names are unique whatever their case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// The methods couriers are asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
}

/// The courier's folder is at fault, or what it was given cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{slug}: {reason}")]
pub struct CourierError {
    /// Which courier.
    pub slug: String,
    /// What went wrong, without secrets.
    pub reason: String,
}

/// What `request.jq` puts out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    method: Method,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

impl Method {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// Names headers but not their values, and of the address no parameters: those are where secrets are.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url.split('?').next().unwrap_or_default())
            .field("headers", &names)
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish()
    }
}

impl Query {
    /// A query that knows nothing but the number.
    pub fn new(number: impl Into<String>, created_at: Timestamp, now: Timestamp) -> Self {
        Self {
            number: number.into(),
            leg: 0,
            language: None,
            destination_postal_code: None,
            destination_state: None,
            destination_country: None,
            origin_country: None,
            ship_date: None,
            account_number: None,
            tracking_key: None,
            created_at,
            now,
        }
    }

    /// Whether a field is known.
    pub fn has(&self, field: Field) -> bool {
        let filled =
            |text: &Option<String>| text.as_deref().is_some_and(|it| !it.trim().is_empty());
        match field {
            Field::TrackingAccountNumber => filled(&self.account_number),
            Field::DestinationPostalCode => filled(&self.destination_postal_code),
            Field::DestinationState => filled(&self.destination_state),
            Field::TrackingKey => filled(&self.tracking_key),
            Field::OriginCountryRegion => self.origin_country.is_some(),
            Field::DestinationCountryRegion => self.destination_country.is_some(),
            Field::TrackingShipDate => self.ship_date.is_some(),
        }
    }

    /// As programs see a batch: the first question, and the numbers of all, each once.
    pub(crate) fn batch_to_json(queries: &[Self]) -> Value {
        let mut value = queries.first().map_or(Value::Null, Self::to_json);
        if let Value::Object(fields) = &mut value {
            let mut numbers: Vec<&str> = Vec::with_capacity(queries.len());
            for query in queries {
                if !numbers.contains(&query.number.as_str()) {
                    numbers.push(&query.number);
                }
            }
            fields.insert("numbers".to_owned(), numbers.into());
        }
        value
    }

    /// As programs see it: countries in both codes, moments as text.
    pub(crate) fn to_json(&self) -> Value {
        let alpha3 = |country: Option<CountryCode>| country.map(|it| it.as_str().to_owned());
        let alpha2 = |country: Option<CountryCode>| country.map(|it| it.alpha2().to_owned());
        json!({
            "number": self.number,
            "leg": self.leg,
            "language": self.language,
            "destination_postal_code": self.destination_postal_code,
            "destination_state": self.destination_state,
            "destination_country": alpha3(self.destination_country),
            "destination_country_alpha2": alpha2(self.destination_country),
            "origin_country": alpha3(self.origin_country),
            "origin_country_alpha2": alpha2(self.origin_country),
            "ship_date": self.ship_date.map(|date| date.to_string()),
            "account_number": self.account_number,
            "tracking_key": self.tracking_key,
            "created_at": self.created_at.to_string(),
            "now": self.now.to_string(),
            "now_ms": self.now.as_millisecond(),
        })
    }
}

impl Courier {
    /// The request for a number, or what is missing for it. `base_url` replaces scheme, host and port
    /// of the address, the token's too (its path, if any, is put before the courier's).
    pub fn ask(
        &self,
        query: &Query,
        credentials: &Credentials,
        token: Option<&str>,
        base_url: Option<&str>,
    ) -> Result<Ask, CourierError> {
        self.ask_batch(std::slice::from_ref(query), credentials, token, base_url)
    }

    /// The request for several numbers at once, as [`Courier::ask`]; at most the connection's `batch`.
    /// [`Courier::read_batch`] reads the answer.
    pub fn ask_batch(
        &self,
        queries: &[Query],
        credentials: &Credentials,
        token: Option<&str>,
        base_url: Option<&str>,
    ) -> Result<Ask, CourierError> {
        let (Some(connection), Some(programs)) = (self.connection(), &self.programs) else {
            return Ok(Ask::NoConnection);
        };
        let absent = |name: &str| credentials.get(name).is_none_or(|it| it.trim().is_empty());
        let missing = connection
            .credentials
            .iter()
            .filter(|it| it.required && absent(&it.name));
        let missing: Vec<_> = missing.map(|it| it.name.clone()).collect();
        if !missing.is_empty() {
            return Ok(Ask::MissingCredentials(missing));
        }
        let missing = self
            .definition
            .required_fields
            .iter()
            .filter(|field| !queries.iter().all(|query| query.has(**field)));
        let missing: Vec<_> = missing.map(|field| field.as_str().to_owned()).collect();
        if !missing.is_empty() {
            return Ok(Ask::MissingFields(missing));
        }
        let fail = |reason: String| CourierError {
            slug: self.slug().to_string(),
            reason: redacted(&reason, credentials, token),
        };
        let own: Credentials = connection
            .credentials
            .iter()
            .filter_map(|it| Some((it.name.clone(), credentials.get(&it.name)?.clone())))
            .collect();
        if token.is_none()
            && let Some(request) = token_request(connection, programs, &own, queries)
        {
            let mut request = request.map_err(fail)?;
            let cache_key = authentication::cache_key(self.slug(), &request.url, &own);
            request.url = rebased(&request.url, base_url).map_err(fail)?;
            check(&request).map_err(fail)?;
            return Ok(Ask::NeedsToken(TokenRequest { request, cache_key }));
        }
        let query = Query::batch_to_json(queries);
        let input = json!({"query": query, "credentials": own, "token": token});
        let output = programs
            .request
            .run(input)
            .map_err(|it| fail(format!("request.jq: {it}")))?;
        let mut request = built(output).map_err(|it| fail(format!("request.jq: {it}")))?;
        authentication::apply(&mut request, &connection.authentication, &own, token);
        request.url = rebased(&request.url, base_url).map_err(fail)?;
        check(&request).map_err(fail)?;
        Ok(Ask::Request(request))
    }
}

/// The request that buys a token, where one has to be bought.
fn token_request(
    connection: &Connection,
    programs: &Programs,
    credentials: &Credentials,
    queries: &[Query],
) -> Option<Result<HttpRequest, String>> {
    let Some(login) = &programs.login else {
        return authentication::client_credentials(&connection.authentication, credentials).map(Ok);
    };
    // The moment is the only thing of a query that a login may depend on.
    let now = queries.first().map(|query| query.now);
    let input = json!({
        "credentials": credentials,
        "now": now.map(|it| it.to_string()),
        "now_ms": now.map(Timestamp::as_millisecond),
    });
    let output = login.request.run(input).map_err(|error| error.to_string());
    let request = output.and_then(built);
    Some(request.map_err(|reason| format!("token_request.jq: {reason}")))
}

fn built(output: Value) -> Result<HttpRequest, String> {
    let output: Output = serde_json::from_value(output).map_err(|error| error.to_string())?;
    let body = match output.body {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.into_bytes()),
        Some(value) => Some(value.to_string().into_bytes()),
    };
    Ok(HttpRequest {
        method: output.method,
        url: output.url,
        headers: output.headers.into_iter().collect(),
        body,
    })
}

/// What may be sent: nothing a number or postal code could smuggle into a header or a host.
fn check(request: &HttpRequest) -> Result<(), String> {
    let url = &request.url;
    if url.len() > MAX_URL_CHARS || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the address is too long or not percent-encoded".into());
    }
    let (scheme, rest) = url.split_once("://").ok_or("the address has no scheme")?;
    if !["https", "http", "sandbox"].contains(&scheme) {
        return Err(format!("the scheme `{scheme}` is not allowed"));
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains('@') {
        return Err("the address has no host, or a user in front of it".into());
    }
    if request.headers.len() > MAX_HEADERS {
        return Err(format!("has more than {MAX_HEADERS} headers"));
    }
    for (position, (name, value)) in request.headers.iter().enumerate() {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(format!("`{name}` is no name of a header"));
        }
        if value.contains(|it: char| it.is_control() || !it.is_ascii()) {
            return Err(format!(
                "the header `{name}` has a character that cannot be sent"
            ));
        }
        let rest = request.headers.iter().skip(position + 1);
        if rest
            .into_iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
        {
            return Err(format!("the header `{name}` stands there twice"));
        }
    }
    if request
        .body
        .as_ref()
        .is_some_and(|body| body.len() > MAX_BODY_BYTES)
    {
        return Err(format!("the body is longer than {MAX_BODY_BYTES} bytes"));
    }
    Ok(())
}

/// The address at another place: same path and parameters.
fn rebased(url: &str, base_url: Option<&str>) -> Result<String, String> {
    let Some(base_url) = base_url else {
        return Ok(url.to_owned());
    };
    let (_, rest) = url.split_once("://").ok_or("the address has no scheme")?;
    let path = rest
        .find(['/', '?', '#'])
        .map_or("", |start| &rest[start..]);
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(format!("{}{slash}{path}", base_url.trim_end_matches('/')))
}

/// A text without the credentials and the token that a request was made with: for what is shown to
/// people.
pub fn redact(text: &str, credentials: &Credentials, token: Option<&str>) -> String {
    let encoded = |secret: &str| percent_encoded(secret);
    let mut secrets = credentials.clone();
    for (name, secret) in credentials {
        secrets.insert(format!("{name} encoded"), encoded(secret));
    }
    redacted(text, &secrets, token)
}

/// A message without what must not be seen, neither as it is nor as JSON writes it. The message may
/// have been cut in the middle of a secret: then that part of it goes as well.
fn redacted(message: &str, credentials: &Credentials, token: Option<&str>) -> String {
    let mut secrets = Vec::new();
    for secret in credentials.values().map(String::as_str).chain(token) {
        let quoted = Value::from(secret).to_string();
        secrets.push(quoted.trim_matches('"').to_owned());
        secrets.push(secret.to_owned());
    }
    secrets.retain(|it| it.len() >= SHORTEST_REDACTED);
    // A secret may be part of a longer one.
    secrets.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let mut message = message.to_owned();
    for secret in secrets {
        message = message.replace(&secret, "…");
        let begins = (SHORTEST_REDACTED..secret.len())
            .rev()
            .filter_map(|end| secret.get(..end));
        let kept = begins
            .into_iter()
            .find_map(|begin| message.strip_suffix(begin));
        if let Some(kept) = kept {
            message = format!("{kept}…");
        }
    }
    message
}
