//! `ETag` and `If-None-Match`: what the caller has already is not sent again.

use std::hash::{BuildHasher, Hasher};

use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

/// Any fixed number: nodes have to agree on the tag of the same answer.
const SEED: u64 = 0x7761_7962_696c_6c21;

/// Tags the answers to GETs, and answers 304 where the caller names the tag.
pub(crate) async fn unchanged(request: Request, next: Next) -> Response {
    let asked = (request.method() == Method::GET)
        .then(|| request.headers().get(header::IF_NONE_MATCH).cloned());
    let response = next.run(request).await;
    let Some(asked) = asked else { return response };
    // A stream has no end to be tagged at.
    let size = response.body().size_hint().exact();
    if response.status() != StatusCode::OK || size.is_none() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let tag = tag_of(&bytes);
    let known = asked.is_some_and(|asked| names(&asked, &tag));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        without_body(&mut parts.headers);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Weak: the same answer may be sent compressed or not.
fn tag_of(body: &[u8]) -> String {
    let mut hasher = foldhash::quality::FixedState::with_seed(SEED).build_hasher();
    hasher.write(body);
    format!("W/\"{:016x}{:x}\"", hasher.finish(), body.len())
}

/// Whether the list of tags has this one, compared weakly (RFC 9110 §13.1.2).
fn names(asked: &HeaderValue, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let asked = asked.to_str().unwrap_or_default();
    asked.trim() == "*" || asked.split(',').any(|one| opaque(one) == opaque(tag))
}

fn without_body(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
}
