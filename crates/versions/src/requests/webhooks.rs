//! `POST /waybill/v1/webhooks` and `PATCH /waybill/v1/webhooks/{id}`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;
use waybill_model::Tag;

use super::{
    fields::{Field, Kind, Nulls, read},
    headers,
    object::object,
    values::text_of,
};
use crate::{Problem, Version};

/// Most servers refuse longer ones.
const URL: usize = 2_048;
/// As many as there are events and tags to choose from, and some.
const EVENTS: usize = 20;
const WORD: usize = 512;
/// Shorter secrets are guessed, longer ones no safer.
const SECRET: std::ops::RangeInclusive<usize> = 8..=256;

/// Newest first.
const VERSIONS: &[&str] = &{
    let mut names = [""; Version::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Version::ALL[names.len() - 1 - at].as_str();
        at += 1;
    }
    names
};

pub(crate) const FIELDS: &[Field] = &[
    Field::new("url", Kind::FilledText(URL)),
    Field::new("events", Kind::Texts(EVENTS, WORD)),
    Field::new("version", Kind::Choice(VERSIONS)),
    Field::new("oauth", Kind::Object(OAUTH)),
    Field::new("secret", Kind::FilledText(WORD)),
];

const OAUTH: &[Field] = &[
    Field::required("token_url", Kind::FilledText(URL)),
    Field::required("client_id", Kind::FilledText(WORD)),
    Field::required("client_secret", Kind::FilledText(WORD)),
    Field::new("scope", Kind::Text(WORD)),
    Field::new("credentials", Kind::Choice(&["body", "basic"])),
];

/// How we authenticate at a webhook's receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oauth {
    /// Where tokens are had.
    pub token_url: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: String,
    /// What we ask for.
    #[serde(default)]
    pub scope: Option<String>,
    /// Where the two go in a token request: `body` (the form) or `basic` (the `Authorization` header).
    #[serde(default = "in_the_body")]
    pub credentials: String,
}

/// A webhook to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateWebhook {
    /// Where to send.
    pub url: String,
    /// Which events: `tracking_update`, `tracking_update.<Tag>`, `edd_revise`, `tracking_pending_time`.
    pub events: Vec<String>,
    /// In which version's shape.
    pub version: String,
    /// What to send along.
    pub headers: Vec<(String, String)>,
    /// How to authenticate.
    pub oauth: Option<Oauth>,
    /// What to sign with; one is made where absent.
    pub secret: Option<String>,
}

/// What to change of a webhook; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateWebhook {
    /// Where to send.
    pub url: Option<String>,
    /// Which events.
    pub events: Option<Vec<String>>,
    /// In which version's shape; null on the wire is the newest.
    pub version: Option<String>,
    /// What to send along; null on the wire is nothing.
    pub headers: Option<Vec<(String, String)>>,
    /// How to authenticate; `Some(None)` no longer.
    pub oauth: Option<Option<Oauth>>,
    /// What to sign with.
    pub secret: Option<String>,
}

impl CreateWebhook {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001; 4009 without `url` or `events`; 4008 for every other fault.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        for name in ["url", "events"] {
            if body.get(name).is_none_or(Value::is_null) {
                return Err(Problem::required(name));
            }
        }
        body.retain(|_, value| !value.is_null());
        let given = UpdateWebhook::parse(Value::Object(body))?;
        Ok(Self {
            url: given.url.ok_or_else(Problem::internal)?,
            events: given.events.ok_or_else(Problem::internal)?,
            version: given.version.unwrap_or_else(|| Version::NEWEST.to_string()),
            headers: given.headers.unwrap_or_default(),
            oauth: given.oauth.flatten(),
            secret: given.secret,
        })
    }
}

impl UpdateWebhook {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001; 4009 within `oauth`; 4008 for every other fault, such as null for `url`.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        let headers = body.remove("headers");
        let mut fields = read(FIELDS, body, Nulls::Keep)?;
        let url = set(&mut fields, "url")?
            .map(|url| web_address(url, "url"))
            .transpose()?;
        let events = fields.remove("events").map(read_events).transpose()?;
        let version = fields.remove("version").map(|version| match version {
            Value::String(version) => version,
            _ => Version::NEWEST.to_string(),
        });
        let headers = match headers {
            None => None,
            Some(Value::Null) => Some(Vec::new()),
            Some(headers) => Some(headers::read(headers)?),
        };
        let oauth = fields.remove("oauth").map(read_oauth).transpose()?;
        let authorizes = |(name, _): &(String, String)| name.eq_ignore_ascii_case("authorization");
        if matches!(oauth, Some(Some(_))) && headers.iter().flatten().any(authorizes) {
            let mend = "With `oauth`, the header `Authorization` carries the token.";
            return Err(Problem::invalid("headers", mend));
        }
        let secret = set(&mut fields, "secret")?.map(read_secret).transpose()?;
        Ok(Self {
            url,
            events,
            version,
            headers,
            oauth,
            secret,
        })
    }
}

fn in_the_body() -> String {
    "body".to_owned()
}

/// A text that can be changed but not cleared.
fn set(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    fields
        .remove(name)
        .map(|value| text_of(value, &name))
        .transpose()
}

fn web_address(text: String, field: &str) -> Result<String, Problem> {
    let parsed = Url::parse(&text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    });
    match parsed {
        Some(_) => Ok(text),
        None => Err(Problem::invalid(
            field,
            "Use an address with http or https, without user and password.",
        )),
    }
}

fn read_events(value: Value) -> Result<Vec<String>, Problem> {
    let items = match value {
        Value::Array(items) if !items.is_empty() => items,
        _ => return Err(Problem::invalid("events", "Name at least one event.")),
    };
    let mut events = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let field = format!("events[{at}]");
        let event = text_of(item, &field)?;
        if !is_event(&event) {
            let mend = "Use `tracking_update`, `tracking_update.` and a tag other than Pending, \
                        `edd_revise` or `tracking_pending_time`.";
            return Err(Problem::invalid(&field, mend));
        }
        if !events.contains(&event) {
            events.push(event);
        }
    }
    Ok(events)
}

fn is_event(text: &str) -> bool {
    matches!(
        text,
        "tracking_update" | "edd_revise" | "tracking_pending_time"
    ) || text
        .strip_prefix("tracking_update.")
        .and_then(Tag::parse)
        .is_some_and(|tag| tag != Tag::Pending)
}

fn read_oauth(value: Value) -> Result<Option<Oauth>, Problem> {
    if value.is_null() {
        return Ok(None);
    }
    let oauth: Oauth = serde_json::from_value(value).map_err(|_| Problem::internal())?;
    web_address(oauth.token_url.clone(), "oauth.token_url")?;
    Ok(Some(oauth))
}

fn read_secret(secret: String) -> Result<String, Problem> {
    if SECRET.contains(&secret.chars().count()) {
        Ok(secret)
    } else {
        Err(Problem::invalid(
            "secret",
            &format!("Use {} to {} characters.", SECRET.start(), SECRET.end()),
        ))
    }
}
