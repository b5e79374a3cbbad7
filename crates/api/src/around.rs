//! Around every request: its id, a span in the log, the last defence against a panic, and the
//! headers that every answer has.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tracing::Instrument;
use waybill_versions::{Code, Version};

use crate::{
    MAX_REQUEST_ID,
    answer::{Refused, render},
    body::Echo,
    front::{Asked, Target},
    leftover::Leftover,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("as-api-version");

/// Runs a request.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    let request_id = request_id(request.headers());
    let asked = request.extensions().get::<Asked>().copied();
    let target = request.extensions().get::<Target>();
    let path = target.map_or(request.uri().path(), Target::path);
    let span = tracing::info_span!(
        "request",
        request_id = request_id.to_str().unwrap_or_default(),
        method = %request.method(),
        path,
        organization = tracing::field::Empty,
    );
    let echo = Echo::default();
    let (mut request, leftover) = Leftover::lend(request);
    request.extensions_mut().insert(echo.clone());
    let mut response = async {
        let response = caught(next.run(request)).await;
        leftover.discard().await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;

    let version = asked.map_or(Version::NEWEST, |asked| asked.0);
    response = render(response, version, echo.0.get());
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, request_id);
    if let Some(asked) = asked {
        headers.insert(API_VERSION, asked.header());
    }
    response
}

/// The last defence: no panic is known to be reachable, and one that is found costs its own
/// request only.
async fn caught(answering: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(answering)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| {
            tracing::error!(panic = panic_message(panic.as_ref()), "a handler panicked");
            Refused::from(Code::InternalError).into_response()
        })
}

/// The caller's id of the request, if it can stand in a log line, else one of ours.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|id| {
        (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
    });
    given.cloned().unwrap_or_else(|| {
        let mut random = [0; 16];
        // Without randomness the id is all zeroes: the request is worth more than its id.
        let _ = getrandom::fill(&mut random);
        let text = uuid::Uuid::from_bytes(random).simple().to_string();
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("none"))
    })
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        let id = |given: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(
                REQUEST_ID,
                HeaderValue::from_bytes(given).expect("a header"),
            );
            request_id(&headers).to_str().expect("text").to_owned()
        };
        assert_eq!(id(b"abc-1"), "abc-1");
        for replaced in [&b""[..], b"a b", &[b'a'; 129], b"\xff", b"a\tb"] {
            let made = id(replaced);
            assert!(
                made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{made}"
            );
        }
        assert_ne!(id(b""), id(b""));
    }

    #[tokio::test]
    async fn a_panic_is_answered() {
        let response = caught(async { panic!("on purpose") }).await;
        assert_eq!(response.status(), 500);
    }
}
