//! From bytes to something a program can read, and what is said before it by the status alone.

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use serde_json::{Map, Value};

use crate::{
    Trouble, TroubleKind,
    output::MAX_WAIT_SECONDS,
    program::value::{MAX_ANSWER_DEPTH, depth_exceeds},
    xml,
};

/// Bytes of an answer: a hundred times a long one.
pub(crate) const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
/// How long to leave a courier alone that says "too many" and not for how long.
const UNSAID_WAIT_SECONDS: u64 = 60;
/// Characters of an answer that are kept with a complaint about it.
const MAX_EXCERPT_CHARS: usize = 500;
/// Bytes that are looked at for them: before the cut, so that no secret is cut in two.
const EXCERPT_BYTES: usize = 4 * MAX_EXCERPT_CHARS;
/// What a field is called whose value is not shown. In lower case, as part of its name.
const SECRET_NAMES: [&str; 6] = [
    "token",
    "secret",
    "password",
    "passwd",
    "authorization",
    "apikey",
];

/// An answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct HttpAnswer<'a> {
    /// The status.
    pub status: u16,
    /// Names and values; names in any case.
    pub headers: &'a [(String, String)],
    /// The body, decompressed.
    pub body: &'a [u8],
}

impl HttpAnswer<'_> {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Headers as programs see them: names in lower case.
    pub(crate) fn headers_as_json(&self) -> Value {
        let mut headers = Map::new();
        for (name, value) in self.headers {
            let value = Value::String(value.clone());
            headers.entry(name.to_ascii_lowercase()).or_insert(value);
        }
        Value::Object(headers)
    }

    /// The body as programs see it: JSON, or XML turned into JSON, or null if there is none.
    pub(crate) fn body_as_json(&self) -> Result<Value, String> {
        if self.body.len() > MAX_ANSWER_BYTES {
            return Err(format!(
                "the answer is longer than {MAX_ANSWER_BYTES} bytes"
            ));
        }
        let body = self
            .body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(self.body)
            .trim_ascii();
        if body.is_empty() {
            return Ok(Value::Null);
        }
        if !body.starts_with(b"<") {
            let value: Value =
                serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
            if depth_exceeds(&value, MAX_ANSWER_DEPTH) {
                return Err(format!(
                    "the answer is nested more than {MAX_ANSWER_DEPTH} levels deep"
                ));
            }
            return Ok(value);
        }
        let begin = String::from_utf8_lossy(&body[..body.len().min(200)]).to_lowercase();
        if begin.starts_with("<!doctype html") || begin.starts_with("<html") {
            return Err("a web page came instead of an answer".into());
        }
        let text = match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            // Latin-1's characters are Unicode's first 256.
            Err(_) if begin.contains("iso-8859-1") || begin.contains("windows-1252") => {
                body.iter().map(|byte| char::from(*byte)).collect()
            }
            Err(_) => return Err("the answer is not UTF-8".into()),
        };
        xml::to_json(&text).map_err(|reason| format!("no XML we read: {reason}"))
    }

    /// The beginning of the body on one line, without secrets.
    pub(crate) fn excerpt(&self) -> String {
        let begin = &self.body[..self.body.len().min(EXCERPT_BYTES)];
        let clean = |it: char| if it.is_control() { ' ' } else { it };
        let text: String = String::from_utf8_lossy(begin).chars().map(clean).collect();
        without_secrets(&text)
            .chars()
            .take(MAX_EXCERPT_CHARS)
            .collect()
    }
}

/// What the status says whichever courier it is: 429 wait, 5xx later, 401 and 403 credentials. A courier
/// that says how long to wait is believed, up to a day.
pub(crate) fn general_trouble(answer: &HttpAnswer<'_>, now: Option<Timestamp>) -> Option<Trouble> {
    let wait = || retry_after(answer.header("retry-after")?, now);
    let kind = match answer.status {
        429 => TroubleKind::RetryAfter(wait().unwrap_or(UNSAID_WAIT_SECONDS)),
        500..=599 => wait().map_or(TroubleKind::RetryLater, TroubleKind::RetryAfter),
        401 | 403 => TroubleKind::BadCredentials,
        _ => return None,
    };
    let reason = format!("HTTP {}", answer.status);
    Some(Trouble { kind, reason })
}

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date that is taken against `now`.
fn retry_after(value: &str, now: Option<Timestamp>) -> Option<u64> {
    let value = value.trim();
    let seconds = if let Ok(seconds) = value.parse::<u64>() {
        seconds
    } else {
        let until = DateTimeParser::new().parse_timestamp(value).ok()?;
        u64::try_from(until.as_second() - now?.as_second()).unwrap_or(0)
    };
    Some(seconds.clamp(1, MAX_WAIT_SECONDS))
}

/// Blots out what follows a word that names a secret, and what follows `Bearer`.
fn without_secrets(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let names = SECRET_NAMES.iter().chain(&["bearer ", "basic "]);
    let mut hidden = vec![false; text.len()];
    for name in names {
        for (at, _) in lower.match_indices(name) {
            let after = at + name.len();
            let value = text[after..].find(|it: char| it.is_ascii_alphanumeric());
            let Some(start) = value.map(|it| after + it) else {
                continue;
            };
            let end = text[start..].find(['"', '\'', '<', '>', ',', '&', ';', ' ', '}']);
            let end = end.map_or(text.len(), |it| start + it);
            hidden[start..end].fill(true);
        }
    }
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match hidden[at] {
            false => shown.push(character),
            true if at == 0 || !hidden[at - 1] => shown.push('…'),
            true => {}
        }
    }
    shown
}
