//! How the text of an answer goes out: tagged, compressed, or not at all where the caller has it.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

use crate::{
    compressed::{compressed, is_sizeable, takes_gzip},
    unchanged::{names, tag_of},
};

/// What a request says of how it wants to be answered.
pub(crate) struct Wishes {
    /// The tags of what the caller has; only what is read is tagged.
    known: Option<Vec<HeaderValue>>,
    gzip: bool,
    /// Whether the body is sent, too, and not only what is said of it.
    body: bool,
}

impl Wishes {
    pub fn of(request: &Request) -> Self {
        let headers = request.headers();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let known = || headers.get_all(header::IF_NONE_MATCH).iter().cloned();
        Self {
            known: reads.then(|| known().collect()),
            gzip: takes_gzip(headers),
            body: *request.method() != Method::HEAD,
        }
    }

    /// Puts the text into its answer.
    pub fn meet(self, response: &mut Response, text: String) {
        let status = response.status();
        let headers = response.headers_mut();
        if is_sizeable(&text) {
            headers.insert(
                header::VARY,
                const { HeaderValue::from_static("accept-encoding") },
            );
        }
        if let Some(known) = self.known.filter(|_| status == StatusCode::OK)
            && let Some(tag) = tag_of(&text)
        {
            let is_known = names(&known, &tag);
            headers.insert(header::ETAG, tag);
            if is_known {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return;
            }
        }
        headers.insert(
            header::CONTENT_TYPE,
            const { HeaderValue::from_static("application/json") },
        );
        let gzip = (self.gzip && is_sizeable(&text))
            .then(|| compressed(&text))
            .flatten();
        if gzip.is_some() {
            headers.insert(
                header::CONTENT_ENCODING,
                const { HeaderValue::from_static("gzip") },
            );
        }
        let body = gzip.unwrap_or_else(|| text.into_bytes());
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        if self.body {
            *response.body_mut() = body.into();
        }
    }
}
