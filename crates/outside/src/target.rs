//! Reading the URL and the headers of a request before anything is opened.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Url;

use crate::{Error, Policy, Request};

/// Longer URLs are refused by most servers, and none of ours comes near.
const MAX_URL_BYTES: usize = 8 * 1024;

/// Headers that frame the message or steer the connection: they are the door's own, since a
/// second opinion on them is how requests are smuggled.
const OWN_HEADERS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Parses a URL and refuses what no scheme may carry.
pub(crate) fn read(url: &str) -> Result<Url, Error> {
    if url.len() > MAX_URL_BYTES {
        return Err(Error::BadUrl(format!("longer than {MAX_URL_BYTES} bytes")));
    }
    let url = Url::parse(url).map_err(|error| Error::BadUrl(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::BadUrl("it carries a user name or password".into()));
    }
    Ok(url)
}

/// Checks scheme, port and a literal address. Names are checked by [`crate::names`] when they are
/// resolved for the connection, so that a name cannot change in between. The `url` crate has
/// already turned decimal, octal and hexadecimal spellings into the plain address.
pub(crate) fn check(url: &Url, request: &Request, policy: &Policy) -> Result<(), Error> {
    if !is_network(url.scheme()) {
        let scheme = url.scheme();
        let reason = format!("only http and https are allowed, not `{scheme}`");
        return Err(Error::BadUrl(reason));
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Error::BadUrl("no host".into()));
    };
    policy.check_port(port, request.ports.as_ref())?;
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => policy.check_address(address),
        Err(_) => Ok(()),
    }
}

/// Whether the scheme leaves the process.
pub(crate) fn is_network(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

/// The caller's headers, typed. Values are marked sensitive, so that no layer below prints them.
pub(crate) fn headers(headers: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let bad = |reason| Error::BadHeader {
            name: name.clone(),
            reason,
        };
        let typed = HeaderName::try_from(name).map_err(|_| bad("not a header name"))?;
        if OWN_HEADERS.contains(&typed.as_str()) {
            return Err(bad("it belongs to the connection"));
        }
        let mut value = HeaderValue::try_from(value).map_err(|_| bad("not a header value"))?;
        value.set_sensitive(true);
        map.append(typed, value);
    }
    Ok(map)
}

/// Scheme, host and port: the part of a URL that holds no secret.
pub(crate) fn origin(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return "unreadable URL".into();
    };
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}
