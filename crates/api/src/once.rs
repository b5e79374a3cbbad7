//! `Idempotency-Key`: a request that comes again is answered as the first time, and not done again.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use waybill_model::OrganizationId;
use waybill_versions::{Problem, Version};

use crate::{
    App, MAX_IDEMPOTENCY_KEY,
    answer::{Refused, render},
    body::{self, BodyLimit},
    front::{Asked, Target},
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was kept.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Runs a request whose caller is known, once where it carries a key. Only successes are kept: a
/// refused request has done nothing, and may be mended under its key.
pub(crate) async fn once(
    app: &App,
    organization: OrganizationId,
    limit: BodyLimit,
    request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let key = request.headers().get(KEY);
    let Some(key) = key.filter(|key| !key.is_empty() && request.method() == Method::POST) else {
        return Ok(next.run(request).await);
    };
    if key.len() > MAX_IDEMPOTENCY_KEY {
        let mend = format!("It has {MAX_IDEMPOTENCY_KEY} characters at most.");
        return Err(Problem::invalid("Idempotency-Key", &mend).into());
    }
    let key = key.clone();
    let (parts, body) = request.into_parts();
    let body = body::receive(body, limit).await?.freeze();
    let sent_to = parts.extensions.get::<Target>();
    let path = sent_to.map_or(parts.uri.path(), Target::path);
    let what = format!("{} {path}", parts.method);
    let asked = parts.extensions.get::<Asked>();
    let version = asked.map_or(Version::NEWEST, |asked| asked.0);
    let ticket = app
        .service
        .ticket(organization, &what, key.as_bytes(), &body);
    let ticket = Arc::new(ticket.await?);
    let mut response = if let Some((status, sent)) = ticket.sent() {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let json = HeaderValue::from_static("application/json");
        (status, [(header::CONTENT_TYPE, json)], sent.to_owned()).into_response()
    } else {
        let request = Request::from_parts(parts, Body::from(body));
        let response = app.service.under(&ticket, next.run(request)).await;
        if response.status().is_success() {
            let response = render(response, version, None);
            let (parts, body) = response.into_parts();
            let sent = to_bytes(body, usize::MAX)
                .await
                .map_err(|_| Problem::internal())?;
            let text = String::from_utf8_lossy(&sent);
            let status = parts.status.as_u16();
            app.service.keep_sent(&ticket, status, &text).await?;
            Response::from_parts(parts, Body::from(sent))
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
