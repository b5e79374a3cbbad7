//! Saying who is asking: what is added to a request, and how a token is bought.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use waybill_model::CourierSlug;

use crate::{
    Authentication, Courier, Credentials, CredentialsIn, HttpAnswer, HttpRequest, Method, Trouble,
    TroubleKind,
    answer::general_trouble,
    courier::{Login, percent_encoded},
    definition::{CLIENT_ID, CLIENT_SECRET},
    hex,
};

/// Characters of a token; the longest known has some two thousand.
const MAX_TOKEN_CHARS: usize = 8 * 1024;
/// Bytes of an answer with a token.
const MAX_TOKEN_ANSWER_BYTES: usize = 64 * 1024;
/// How long a token is kept whose seller does not say how long it is good.
const UNSAID_EXPIRY_SECONDS: u64 = 300;
/// How long any token is kept.
const MAX_EXPIRY_SECONDS: u64 = 24 * 60 * 60;

/// A bearer token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What goes into the header.
    pub access_token: String,
    /// How long it is good, from when it was made.
    pub expires_in_seconds: u64,
}

/// Keeps the token out of logs.
impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token(… for {} s)", self.expires_in_seconds)
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<Seconds>,
}

/// Some couriers write numbers as texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

/// Puts credentials where the courier wants them; a header the program set itself stays.
pub(crate) fn apply(
    request: &mut HttpRequest,
    authentication: &Authentication,
    credentials: &Credentials,
    token: Option<&str>,
) {
    let value = |name: &str| {
        credentials
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    match authentication {
        // A login's token is put into the request by the program.
        Authentication::None | Authentication::Login => {}
        Authentication::Header { name, credential } => {
            add_header(request, name, value(credential).to_owned());
        }
        Authentication::Query { name, credential } => {
            let (rest, fragment) = match request.url.split_once('#') {
                Some((rest, fragment)) => (rest, format!("#{fragment}")),
                None => (request.url.as_str(), String::new()),
            };
            let joint = if rest.contains('?') { '&' } else { '?' };
            let parameter = format!(
                "{}={}",
                percent_encoded(name),
                percent_encoded(value(credential))
            );
            request.url = format!("{rest}{joint}{parameter}{fragment}");
        }
        Authentication::Basic { username, password } => {
            add_header(
                request,
                "Authorization",
                basic(value(username), value(password)),
            );
        }
        Authentication::OAuth2ClientCredentials { .. } => {
            if let Some(token) = token {
                add_header(request, "Authorization", format!("Bearer {token}"));
            }
        }
    }
}

/// The request that buys a token of OAuth 2 client credentials (RFC 6749 §4.4.2).
pub(crate) fn client_credentials(
    authentication: &Authentication,
    credentials: &Credentials,
) -> Option<HttpRequest> {
    let Authentication::OAuth2ClientCredentials {
        token_url,
        credentials_in,
        scope,
        parameters,
    } = authentication
    else {
        return None;
    };
    let value = |name: &str| credentials.get(name).map_or("", String::as_str);
    let (id, secret) = (value(CLIENT_ID), value(CLIENT_SECRET));
    let mut fields = vec![("grant_type", "client_credentials")];
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        (
            "Content-Type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        ),
    ];
    match credentials_in {
        CredentialsIn::Basic => headers.push(("Authorization".to_owned(), basic(id, secret))),
        CredentialsIn::Body => fields.extend([("client_id", id), ("client_secret", secret)]),
    }
    fields.extend(scope.as_deref().map(|scope| ("scope", scope)));
    fields.extend(
        parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let body: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)))
        .collect();
    Some(HttpRequest {
        method: Method::Post,
        url: token_url.clone(),
        headers,
        body: Some(body.join("&").into_bytes()),
    })
}

/// Under what a token is kept: the same for the same account with the same courier.
pub(crate) fn cache_key(slug: &CourierSlug, url: &str, credentials: &Credentials) -> String {
    let mut hash = Sha256::new();
    let values = credentials.iter().flat_map(|(name, value)| [name, value]);
    for part in [slug.as_str(), url]
        .into_iter()
        .chain(values.map(String::as_str))
    {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    format!("{slug}:{}", hex(&hash.finalize()))
}

/// What `token_read.jq` puts out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginOutput {
    token: Option<String>,
    expires_in: Option<Seconds>,
    refused: Option<String>,
}

impl Courier {
    /// Reads the answer to a [`crate::TokenRequest`].
    pub fn read_token(&self, answer: &HttpAnswer<'_>) -> Result<Token, Trouble> {
        if let Some(login) = self.programs.as_ref().and_then(|it| it.login.as_ref()) {
            return self.read_login(login, answer);
        }
        // A refused grant is 400 by RFC 6749 §5.2, and a matter of the credentials like 401.
        if answer.status == 400 {
            let reason = "the token was refused".to_owned();
            return Err(Trouble {
                kind: TroubleKind::BadCredentials,
                reason,
            });
        }
        if let Some(trouble) = general_trouble(answer, None) {
            return Err(trouble);
        }
        if answer.status != 200 && answer.status != 201 {
            return Err(unreadable(&format!("is HTTP {}", answer.status)));
        }
        if answer.body.len() > MAX_TOKEN_ANSWER_BYTES {
            return Err(unreadable("is too long"));
        }
        let token: TokenAnswer =
            serde_json::from_slice(answer.body).map_err(|_| unreadable("has no token"))?;
        token_of(token.access_token, token.expires_in.as_ref())
    }

    /// Reads the answer to a login: the program says what of it is the token.
    pub(crate) fn read_login(
        &self,
        login: &Login,
        answer: &HttpAnswer<'_>,
    ) -> Result<Token, Trouble> {
        let readable = self
            .connection()
            .is_some_and(|it| it.readable_statuses.contains(&answer.status));
        if !readable && let Some(trouble) = general_trouble(answer, None) {
            return Err(trouble);
        }
        if answer.body.len() > MAX_TOKEN_ANSWER_BYTES {
            return Err(unreadable("is too long"));
        }
        let body = answer.body_as_json().map_err(|it| unreadable(&it))?;
        let input = json!({
            "status": answer.status,
            "headers": answer.headers_as_json(),
            "body": body,
        });
        // Its output may hold the token, so no part of it goes into a message.
        let output = login
            .read
            .run(input)
            .map_err(|_| unreadable("made token_read.jq fail"))?;
        let output: LoginOutput = serde_json::from_value(output)
            .map_err(|_| unreadable("was read by token_read.jq as something else"))?;
        match (output.token, output.refused) {
            (Some(token), None) => token_of(token, output.expires_in.as_ref()),
            (None, Some(reason)) => Err(Trouble {
                kind: TroubleKind::BadCredentials,
                reason,
            }),
            _ => Err(unreadable("has no token")),
        }
    }
}

fn unreadable(reason: &str) -> Trouble {
    Trouble {
        kind: TroubleKind::RetryLater,
        reason: format!("the answer to the request for a token {reason}"),
    }
}

fn token_of(token: String, expires_in: Option<&Seconds>) -> Result<Token, Trouble> {
    let sendable = token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.is_empty() || token.len() > MAX_TOKEN_CHARS || !sendable {
        return Err(unreadable("has a token that cannot be sent"));
    }
    let expires_in = match expires_in {
        Some(Seconds::Number(seconds)) if *seconds >= 0.0 => Some(*seconds as u64),
        Some(Seconds::Text(text)) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(Token {
        access_token: token,
        expires_in_seconds: expires_in
            .unwrap_or(UNSAID_EXPIRY_SECONDS)
            .min(MAX_EXPIRY_SECONDS),
    })
}

fn add_header(request: &mut HttpRequest, name: &str, value: String) {
    if !request
        .headers
        .iter()
        .any(|(other, _)| other.eq_ignore_ascii_case(name))
    {
        request.headers.push((name.to_owned(), value));
    }
}

fn basic(username: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}
