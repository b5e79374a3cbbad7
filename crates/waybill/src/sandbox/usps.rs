//! USPS as Tracking v3 answers: token endpoint, one number a question, errors.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use waybill_couriers::sandbox::{PLACES, Step};

use super::local::{clock, local, offset};
use super::tokens::{Tokens, form_client};
use super::words::Words;
use super::{Sandbox, Told};

/// USPS's own eight hours less a second.
const TOKENS: Tokens = Tokens {
    prefix: "sandbox-usps-",
    seconds: 28_799,
};

/// The event code.
pub(super) const WORDS: Words<1> = Words::new(include_str!("usps/words.csv"));

/// The paths of USPS.
pub(super) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/oauth2/v3/token", post(token))
        .route("/tracking/v3/tracking/{number}", get(track))
}

/// `POST /oauth2/v3/token`: id and secret in a form for a bearer token.
async fn token(State(sandbox): State<Arc<Sandbox>>, body: String) -> Response {
    let Some(client) = form_client(&body) else {
        let refused = json!({
            "error": "invalid_client",
            "error_description": "Client authentication failed.",
        });
        return (StatusCode::UNAUTHORIZED, Json(refused)).into_response();
    };
    let now = sandbox.options.clock.now();
    let answer = json!({
        "access_token": TOKENS.issue(now),
        "token_type": "Bearer",
        "issued_at": now.as_millisecond(),
        "expires_in": TOKENS.seconds,
        "status": "approved",
        "scope": "tracking",
        "client_id": client,
    });
    Json(answer).into_response()
}

/// `GET /tracking/v3/tracking/{number}`: everything known about the number, newest event first.
async fn track(
    State(sandbox): State<Arc<Sandbox>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !TOKENS.has(&headers, sandbox.options.clock.now()) {
        return problem(StatusCode::UNAUTHORIZED, "Invalid or expired token");
    }
    match sandbox.tell("usps", &number) {
        Some(told) => Json(item(&told)).into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            "The tracking number could not be found.",
        ),
    }
}

/// An error in USPS's shape.
fn problem(status: StatusCode, message: &str) -> Response {
    let error = json!({ "code": status.as_str(), "message": message, "errors": [] });
    let answer = json!({ "apiVersion": "/tracking/v3", "error": error });
    (status, Json(answer)).into_response()
}

fn item(told: &Told) -> Value {
    let events: Vec<Value> = told.known().iter().rev().map(event).collect();
    let [origin, .., destination] = PLACES;
    let status = events
        .first()
        .map_or(Value::Null, |it| it["eventType"].clone());
    let mut item = json!({
        "trackingNumber": told.number,
        "originCity": origin.city.to_ascii_uppercase(),
        "originState": origin.state,
        "originZIP": origin.postal_code,
        "destinationCity": destination.city.to_ascii_uppercase(),
        "destinationState": destination.state,
        "destinationZIP": destination.postal_code,
        "mailClass": "USPS Ground Advantage<SUP>&#153;</SUP>",
        "services": ["USPS Tracking<SUP>&#174;</SUP>"],
        "status": status,
        "trackingEvents": events,
    });
    if told.delivery().is_none()
        && let Some(last) = told.timetable.last()
    {
        item["expectedDeliveryTimeStamp"] = json!(clock(&local(last)));
    }
    item
}

fn event(step: &Step) -> Value {
    let (code, description) = WORDS
        .with_exact_text(step.sub_status)
        .map_or(("", ""), |word| (word.codes[0], word.description));
    json!({
        "eventType": description,
        "eventTimestamp": clock(&local(step)),
        "GMTTimestamp": step.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "GMTOffset": offset(step.place),
        "eventCountry": null,
        "eventCity": step.place.city.to_ascii_uppercase(),
        "eventState": step.place.state,
        "eventZIP": step.place.postal_code,
        "firm": null,
        "name": null,
        "authorizedAgent": "false",
        "eventCode": code,
        "additionalProp": null,
    })
}
