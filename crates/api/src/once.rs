//! `Idempotency-Key`: a request that comes again is answered as the first time, and not done again.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use waybill_model::OrganizationId;
use waybill_versions::{Problem, Version};

use crate::{
    MAX_IDEMPOTENCY_KEY,
    answer::{self, Refused},
    body,
    caller::Guard,
    front::{Asked, sent_path},
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was kept.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key that a request carries, if it has an effect that could be had twice.
pub(crate) fn key_of(request: &Request) -> Option<HeaderValue> {
    let key = (request.method() == Method::POST).then(|| request.headers().get(KEY));
    key.flatten().filter(|key| !key.is_empty()).cloned()
}

/// Runs a request whose caller is known, once for its key. Only successes are kept: a refused
/// request has done nothing, and may be mended under its key.
pub(crate) async fn once(
    guard: &Guard,
    organization: OrganizationId,
    key: HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let service = &guard.app.service;
    if key.len() > MAX_IDEMPOTENCY_KEY {
        let mend = format!("It has {MAX_IDEMPOTENCY_KEY} characters at most.");
        return Err(Problem::invalid("Idempotency-Key", &mend).into());
    }
    let (parts, body) = request.into_parts();
    let body = body::receive(body, guard.body_limit).await?.freeze();
    let path = sent_path(&parts.uri, &parts.extensions);
    let what = format!("{} {path}", parts.method);
    let asked = parts.extensions.get::<Asked>();
    let version = asked.map_or(Version::NEWEST, |asked| asked.0);
    let ticket = service.ticket(organization, &what, key.as_bytes(), &body);
    let ticket = Arc::new(ticket.await?);
    let mut response = if let Some((status, sent)) = ticket.sent() {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        answer::rendered(status, sent.to_owned())
    } else {
        let request = Request::from_parts(parts, Body::from(body));
        let mut response = service.under(&ticket, next.run(request)).await;
        if response.status().is_success()
            && let Some(text) = answer::render(&mut response, version, None)
        {
            let status = response.status();
            service.keep_sent(&ticket, status.as_u16(), &text).await?;
            answer::rendered(status, text)
        } else {
            response
        }
    };
    if ticket.is_repeated() {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, yes);
    }
    Ok(response)
}
