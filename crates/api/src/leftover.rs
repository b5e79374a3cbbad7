//! What a handler leaves of a request's body is read and thrown away before the answer is sent.
//!
//! A server that answers and closes while the caller is still sending makes the caller's system
//! report a broken connection instead of the answer: a refused key or a body over the limit would
//! look like a crash of ours.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

use crate::{LEFTOVER_TIMEOUT, MAX_DISCARDED_BYTES};

/// A body that the handler reads from and that stays here.
pub(crate) struct Leftover(Option<Shared>);

#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl Leftover {
    /// Lends the request's body to its handler.
    pub fn lend(request: Request) -> (Request, Self) {
        if request.body().is_end_stream() {
            return (request, Self(None));
        }
        let (parts, body) = request.into_parts();
        let shared = Shared(Arc::new(Mutex::new(body)));
        (
            Request::from_parts(parts, Body::new(shared.clone())),
            Self(Some(shared)),
        )
    }

    /// Reads the rest, within bounds: whoever sends more, or too slowly, is cut off.
    pub async fn discard(self) {
        let Some(mut body) = self.0 else {
            return;
        };
        let discarding = async {
            let mut left = MAX_DISCARDED_BYTES;
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(length) {
                    Some(rest) => left = rest,
                    None => break,
                }
            }
        };
        // Late or not, the answer is sent.
        let _ = tokio::time::timeout(LEFTOVER_TIMEOUT, discarding).await;
    }
}

impl Shared {
    fn with<T>(&self, ask: impl FnOnce(Pin<&mut Body>) -> T) -> T {
        ask(Pin::new(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| body.poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
