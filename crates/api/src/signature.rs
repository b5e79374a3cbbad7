//! The text that a signed request was signed over.
//!
//! `METHOD ⏎ MD5 of the body ⏎ content type ⏎ date ⏎ as-… headers ⏎ resource`. The published clients
//! agree on the parts but not on how they write them: each sorts and encodes the query in its own
//! way, and some leave headers out. So all texts that protect the whole request are tried.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// A signature holds so long before and after its date.
pub(crate) const DATE_WINDOW: SignedDuration = SignedDuration::from_mins(3);
/// Where the signatures stand; they are not signed themselves.
pub(crate) const HMAC_HEADER: &str = "as-signature-hmac-sha256";
pub(crate) const RSA_HEADER: &str = "as-signature-rsa-sha256";
/// The only header without which the others may be left out of the text (Java).
const KEY_HEADER: &str = "as-api-key";
/// What a client sends when it has a body.
const JSON: &str = "application/json";
/// More pairs are no query of ours: the work of trying stays bounded.
const MAX_PAIRS: usize = 100;

/// A request as its signature sees it.
pub(crate) struct Signed<'a> {
    pub method: &'a str,
    /// Path and query as they came.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// Also texts that leave a part of the request unprotected.
    pub lenient: bool,
}

impl Signed<'_> {
    /// All texts that a client may have signed.
    pub(crate) fn texts(&self) -> Vec<String> {
        let date = text_of(self.headers, "date");
        let mut bodies = contents(self.headers, self.body);
        if self.lenient && !self.body.is_empty() {
            // PHP 5 and 6 send `[]` and sign nothing.
            bodies.insert((String::new(), String::new()));
        }
        let headers = canonical_headers(self.headers);
        let resources = resources(self.target, self.lenient);
        let mut texts = Vec::new();
        for (digest, content_type) in &bodies {
            for headers in &headers {
                for resource in &resources {
                    let method = self.method;
                    texts.push(format!(
                        "{method}\n{digest}\n{content_type}\n{date}\n{headers}\n{resource}"
                    ));
                }
            }
        }
        texts
    }

    /// Whether the date was given and lies within the window.
    pub(crate) fn is_timely(&self, now: Timestamp) -> bool {
        let date = text_of(self.headers, "date");
        DateTimeParser::new()
            .parse_timestamp(date.trim())
            .is_ok_and(|date| now.duration_since(date).abs() <= DATE_WINDOW)
    }
}

/// Digest and content type: nothing where there is no body, whatever the header says.
fn contents(headers: &HeaderMap, body: &[u8]) -> BTreeSet<(String, String)> {
    if body.is_empty() {
        return BTreeSet::from([(String::new(), String::new())]);
    }
    let digest = format!("{:X}", Bytes::copy_from_slice(&Md5::digest(body)));
    [JSON.to_owned(), text_of(headers, "content-type")]
        .map(|content_type| (digest.clone(), content_type))
        .into()
}

/// The `as-…` headers, trimmed on both sides or on the left only; Java signs the key alone.
fn canonical_headers(headers: &HeaderMap) -> BTreeSet<String> {
    let joined = |trim: fn(&str) -> &str, all: bool| {
        let mut lines: Vec<_> = headers
            .iter()
            .filter(|(name, _)| {
                let name = name.as_str();
                let is_signature = name == HMAC_HEADER || name == RSA_HEADER;
                name.starts_with("as-") && !is_signature && (all || name == KEY_HEADER)
            })
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str(), trim(&value).to_owned())
            })
            .collect();
        // Stable: what was repeated stays in its order.
        lines.sort_by_key(|(name, _)| *name);
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        lines.join("\n")
    };
    [true, false]
        .into_iter()
        .flat_map(|all| [joined(str::trim, all), joined(str::trim_start, all)])
        .collect()
}

/// The ways in which path and query are written.
fn resources(target: &str, lenient: bool) -> BTreeSet<String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut paths = BTreeSet::from([path.to_owned()]);
    // Go signs the path as it was before it was escaped.
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    if !decoded.contains(['\n', '?']) {
        paths.insert(decoded.into_owned());
    }
    let mut resources = BTreeSet::new();
    for path in paths {
        if query.is_empty() || lenient {
            // A bare question mark is signed by some and left out by others.
            resources.insert(format!("{path}?"));
            resources.insert(path.clone());
        }
        for query in queries(query) {
            resources.insert(format!("{path}?{query}"));
        }
    }
    resources
}

fn queries(query: &str) -> BTreeSet<String> {
    let raw: Vec<_> = query.split('&').collect();
    if query.is_empty() || raw.len() > MAX_PAIRS {
        return BTreeSet::new();
    }
    let mut queries = BTreeSet::from([query.to_owned()]);
    let mut by_text = raw.clone();
    by_text.sort_unstable();
    queries.insert(by_text.join("&"));
    let mut by_key = raw;
    by_key.sort_by_key(|pair| pair.split('=').next().unwrap_or_default());
    queries.insert(by_key.join("&"));

    let as_sent: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let mut sorted = as_sent.clone();
    sorted.sort();
    for pairs in [&as_sent, &sorted] {
        for keep_empty in [true, false] {
            for (space, unescaped) in ENCODINGS {
                let mut written: Vec<_> = pairs
                    .iter()
                    .filter(|(_, value)| keep_empty || !value.is_empty())
                    .map(|(key, value)| {
                        let key = encoded(key, space, unescaped);
                        format!("{key}={}", encoded(value, space, unescaped))
                    })
                    .collect();
                queries.insert(written.join("&"));
                written.sort_unstable();
                queries.insert(written.join("&"));
            }
        }
    }
    queries
}

/// How a blank is written, and what stands for itself besides letters and digits: JavaScript, Python
/// and Go, Java and Ruby, PHP.
const ENCODINGS: [(&str, &[u8]); 8] = [
    ("%20", b"-_.!~*'()"),
    ("+", b"-_.!~*'()"),
    ("%20", b"-_.~"),
    ("+", b"-_.~"),
    ("%20", b"-_.*"),
    ("+", b"-_.*"),
    ("%20", b"-_."),
    ("+", b"-_."),
];

fn encoded(text: &str, space: &str, unescaped: &[u8]) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push_str(space),
            _ if byte.is_ascii_alphanumeric() || unescaped.contains(&byte) => {
                encoded.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

fn text_of(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).map(HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests;
