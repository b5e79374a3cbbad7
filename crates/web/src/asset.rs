//! A file of a page, built into the binary.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// What a page may load and reach: its own files and the API beside it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Sent with every file.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    // A file changes with the program or the couriers, and its address does not.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// A file.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub kind: &'static str,
    pub text: std::borrow::Cow<'static, str>,
}

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const STYLE: &str = "text/css; charset=utf-8";
pub(crate) const CSV: &str = "text/csv; charset=utf-8";
pub(crate) const SCRIPT: &str = "text/javascript; charset=utf-8";

impl IntoResponse for Asset {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(self.kind))];
        (HEADERS, kind, self.text.into_owned()).into_response()
    }
}
