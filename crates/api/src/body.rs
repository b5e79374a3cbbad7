//! The body of a request as JSON. The content type is not asked for: some clients send none, some
//! a wrong one, and there is nothing else it could be.

use std::sync::{Arc, OnceLock};

use axum::{
    body::HttpBody,
    extract::{FromRequest, Request},
};
use bytes::BytesMut;
use http_body_util::BodyExt;
use serde_json::Value;
use waybill_versions::{Code, Problem, ReadBody, Version, read_body};

use crate::{BODY_TIMEOUT, MAX_BODY_BYTES, answer::Refused, front::Asked};

/// A body in the newest shape, whatever version it came in.
pub(crate) struct Body<T>(pub T);

/// Where a body is left for versions that repeat it in errors.
#[derive(Clone, Default)]
pub(crate) struct Echo(pub Arc<OnceLock<Value>>);

impl<T: ReadBody, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let asked = request.extensions().get::<Asked>();
        let version = asked.map_or(Version::NEWEST, |asked| asked.0);
        let echo = request.extensions().get::<Echo>().cloned();
        let JsonBody(value) = JsonBody::from_request(request, state).await?;
        if let Some(echo) = echo.filter(|_| version.echoes_errors() && value.is_object()) {
            let _ = echo.0.set(value.clone());
        }
        Ok(Self(read_body(value, version)?))
    }
}

/// A JSON body as it came. Nesting is bounded by the parser (128 levels), so depth costs no stack.
pub(crate) struct JsonBody(pub Value);

impl<S: Sync> FromRequest<S> for JsonBody {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let limit = request.extensions().get().copied();
        let bytes = receive(request.into_body(), limit.unwrap_or_default()).await?;
        if bytes.is_empty() {
            return Err(Problem::new(Code::InvalidJson)
                .because("The body is empty.")
                .into());
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let mend = format!(
                "The fault is at line {}, column {}.",
                error.line(),
                error.column()
            );
            Problem::new(Code::InvalidJson).because(&mend)
        })?;
        Ok(Self(value))
    }
}

/// The most bytes that the body of a route may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyLimit(pub usize);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(MAX_BODY_BYTES)
    }
}

/// The whole body, if it comes in time.
pub(crate) async fn receive(body: axum::body::Body, limit: BodyLimit) -> Result<BytesMut, Refused> {
    tokio::time::timeout(BODY_TIMEOUT, read(body, limit))
        .await
        .unwrap_or_else(|_| {
            let mend = format!(
                "The body did not arrive within {} seconds.",
                BODY_TIMEOUT.as_secs()
            );
            Err(Problem::new(Code::BadRequest).because(&mend).into())
        })
}

/// The whole body. What comes beyond the limit is left where it is.
async fn read(
    mut body: axum::body::Body,
    BodyLimit(limit): BodyLimit,
) -> Result<BytesMut, Refused> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > limit {
        return Err(too_large(limit));
    }
    let mut bytes = BytesMut::with_capacity(declared);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Problem::new(Code::BadRequest)
                .because("The body broke off.")
                .into());
        };
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > limit {
                return Err(too_large(limit));
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

fn too_large(limit: usize) -> Refused {
    let mend = format!(
        "A body has {limit} bytes ({} MB) at most.",
        limit / (1024 * 1024)
    );
    Problem::new(Code::BadRequest).because(&mend).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parse(body: impl Into<axum::body::Body>) -> Result<Value, (u16, String)> {
        let request = Request::new(body.into());
        let body = JsonBody::from_request(request, &()).await;
        body.map(|JsonBody(value)| value)
            .map_err(|Refused(problem)| (problem.code.entry().meta_code, problem.message))
    }

    #[tokio::test]
    async fn hostile_bodies_are_refused() {
        let deep = "[".repeat(20_000);
        let deep_closed = format!("{deep}{}", "]".repeat(20_000));
        let table: &[(&[u8], u16)] = &[
            (b"", 4001),
            (b" ", 4001),
            (b"{", 4001),
            (b"{}x", 4001),
            (b"{'a':1}", 4001),
            (b"\xff\xfe", 4001),
            (b"{\"a\":\"\xc3\x28\"}", 4001),
            (b"{\"a\":\"\\ud800\"}", 4001),
            (b"{\"a\":1e999}", 4001),
            (b"{\"a\":NaN}", 4001),
            (deep.as_bytes(), 4001),
            (deep_closed.as_bytes(), 4001),
        ];
        for (body, code) in table {
            let refused = parse(body.to_vec()).await.expect_err("refused");
            assert_eq!(refused.0, *code, "{}", refused.1);
        }
        assert!(
            parse("{\"a\":\"\\u0000\"}").await.is_ok(),
            "left to the check of the field"
        );
    }

    #[tokio::test]
    async fn a_body_over_the_limit_names_the_limit() {
        let exact = format!("\"{}\"", "a".repeat(MAX_BODY_BYTES - 2));
        assert!(parse(exact).await.is_ok());
        for size in [MAX_BODY_BYTES - 1, 10 * 1024 * 1024] {
            let refused = parse(format!("\"{}\"", "a".repeat(size)))
                .await
                .expect_err("refused");
            assert_eq!(refused.0, 400);
            assert!(refused.1.contains("1048576"), "{}", refused.1);
        }
    }
}
