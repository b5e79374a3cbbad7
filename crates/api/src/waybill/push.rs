//! `POST /waybill/v1/push/{slug}/{token}`: a courier's own message. It has no key; its address and its
//! signature are what it proves itself with.

use axum::{
    extract::{Path, Request, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    App,
    answer::{Data, Refused},
    body::{BodyLimit, receive},
};

/// Headers of a message that a courier's folder gets to see.
const MAX_HEADERS: usize = 100;

/// Answers what the courier wants to read, as text; else the envelope.
pub(crate) async fn handle(
    State(app): State<App>,
    Path((slug, token)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Refused> {
    let headers = headers(request.headers());
    let body = receive(request.into_body(), BodyLimit::default()).await?;
    let service = &app.service;
    let wanted = service.take_push(&slug, &token, &headers, &body).await?;
    Ok(if wanted.is_empty() {
        Data::ok(json!({})).into_response()
    } else {
        wanted.into_response()
    })
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .take(MAX_HEADERS)
        .collect()
}
