//! Headers that a webhook's owner adds.

use serde_json::Value;

use super::values::{object_of, text_of};
use crate::Problem;

/// Documented: five.
pub const MAX_HEADERS: usize = 5;
const MAX_NAME: usize = 128;
const MAX_VALUE: usize = 1_024;

/// Headers that are ours or steer the connection.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "as-webhook-version",
];
/// Beginnings of names that are ours: signatures, and the Standard Webhooks headers.
const RESERVED_PREFIXES: &[&str] = &["aftership-hmac-", "webhook-", "waybill-"];

/// Whether a webhook's owner may not set this header.
pub fn is_reserved_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

/// Reads `{name: value}`.
pub(super) fn read(value: Value) -> Result<Vec<(String, String)>, Problem> {
    let object = object_of(value, &"headers")?;
    if object.len() > MAX_HEADERS {
        return Err(Problem::invalid(
            "headers",
            &format!("There are {MAX_HEADERS} at most."),
        ));
    }
    let mut headers: Vec<(String, String)> = Vec::with_capacity(object.len());
    for (name, value) in object {
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_token) {
            return Err(Problem::invalid(
                "headers",
                "A name has letters, digits and hyphens.",
            ));
        }
        let path = format!("headers.{name}");
        if is_reserved_header(&name) {
            return Err(Problem::invalid(&path, "This header is set by us."));
        }
        if headers
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(&name))
        {
            return Err(Problem::invalid(&path, "It is given twice."));
        }
        let value = text_of(value, &path)?;
        if value.len() > MAX_VALUE || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            let mend = format!("Use {MAX_VALUE} printable ASCII characters at most.");
            return Err(Problem::invalid(&path, &mend));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

/// A character of a header's name (RFC 9110).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
