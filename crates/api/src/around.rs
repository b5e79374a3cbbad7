//! Around every request: its id, a span in the log, the last defence against a panic, and the
//! headers that every answer has.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tower::Service;
use tracing::Instrument;
use uuid::{Uuid, fmt::Simple};
use waybill_versions::{Code, Version};

use crate::{
    MAX_REQUEST_ID,
    answer::{Refused, render},
    body::Echo,
    front,
    leftover::Leftover,
    wishes::Wishes,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("as-api-version");
/// Odd, so that counting in steps of it comes to every number once, with neighbours unlike each other.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Routes with what is around every request. Not a layer of each route: the path is brought to its
/// inner form before it is routed, and a layer costs every request a copy of all that is below it.
#[derive(Clone)]
pub struct Around {
    routes: Router,
    oldest: Version,
}

impl Around {
    /// Around these routes; requests of versions older than `oldest` are answered in it.
    pub fn new(routes: Router, oldest: Version) -> Self {
        Self { routes, oldest }
    }
}

impl Service<Request> for Around {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let running = run(request, self.routes.clone(), self.oldest);
        Box::pin(running.map(Ok))
    }
}

async fn run(mut request: Request, mut routes: Router, oldest: Version) -> Response {
    let asked = front::enter(&mut request, oldest);
    let version = asked.map_or(Version::NEWEST, |asked| asked.0);
    let request_id = request_id(request.headers());
    let span = tracing::info_span!(
        "request",
        request_id = request_id.to_str().unwrap_or_default(),
        method = %request.method(),
        path = front::sent_path(request.uri(), request.extensions()),
        organization = tracing::field::Empty,
    );
    let wishes = Wishes::of(&request);
    let echo = version.echoes_errors().then(Echo::default);
    let (mut request, leftover) = Leftover::lend(request);
    if let Some(echo) = &echo {
        request.extensions_mut().insert(echo.clone());
    }
    let mut response = async {
        let response = caught(routes.call(request)).await;
        leftover.discard().await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;

    let body = echo.as_ref().and_then(|echo| echo.0.get());
    if let Some(text) = render(&mut response, version, body) {
        wishes.meet(&mut response, text);
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, request_id);
    if let Some(asked) = asked {
        headers.insert(API_VERSION, asked.header());
    }
    response
}

/// The last defence: no panic is known to be reachable, and one that is found costs its own
/// request only.
async fn caught(answering: impl Future<Output = Result<Response, Infallible>>) -> Response {
    match AssertUnwindSafe(answering).catch_unwind().await {
        Ok(Ok(response)) => response,
        Err(panic) => {
            tracing::error!(panic = panic_message(panic.as_ref()), "a handler panicked");
            Refused::from(Code::InternalError).into_response()
        }
    }
}

/// The caller's id of the request, if it can stand in a log line, else one of ours.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|id| {
        (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
    });
    given.cloned().unwrap_or_else(|| {
        // Drawn once, then counted: a request is not worth a call of the system for its name.
        static DRAWN: LazyLock<u64> = LazyLock::new(|| getrandom::u64().unwrap_or_default());
        static COUNTED: AtomicU64 = AtomicU64::new(0);
        let counted = COUNTED.fetch_add(1, Ordering::Relaxed);
        let id = Uuid::from_u64_pair(*DRAWN, counted.wrapping_mul(SPREAD));
        let mut text = [0; Simple::LENGTH];
        HeaderValue::from_str(id.simple().encode_lower(&mut text))
            .unwrap_or(HeaderValue::from_static("none"))
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
