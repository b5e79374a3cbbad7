//! UPS as the Tracking API v1 answers: token endpoint, details of a number, errors.
//!
//! Any client id and secret get a token, except the id `unknown-client`, which rehearses wrong
//! credentials.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use waybill_couriers::sandbox::{PLACES, Place, Step};
use waybill_model::SubStatus;

use super::local::{local, offset};
use super::tokens::{REFUSED_CLIENT, Tokens};
use super::words::Words;
use super::{Sandbox, Told};

/// UPS's own four hours less a second.
const TOKENS: Tokens = Tokens {
    prefix: "sandbox-ups-",
    seconds: 14_399,
};

/// Type, code and status code. Two-letter codes that begin with `Y` are of no public list: there the
/// status code tells, and with type X, where UPS leaves the cause to the text, the description.
pub(super) const WORDS: Words<3> = Words::new(include_str!("ups/words.csv"));

/// The paths of UPS.
pub(super) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/security/v1/oauth/token", post(token))
        .route("/api/track/v1/details/{number}", get(details))
}

/// `POST /security/v1/oauth/token`: basic credentials and `grant_type=client_credentials` for a
/// bearer token.
async fn token(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap, body: String) -> Response {
    let Some(client) = basic_client(&headers).filter(|client| client != REFUSED_CLIENT) else {
        return problem(StatusCode::UNAUTHORIZED, "10401", "ClientId is Invalid");
    };
    if !body
        .split('&')
        .any(|pair| pair == "grant_type=client_credentials")
    {
        return problem(StatusCode::BAD_REQUEST, "10400", "Invalid grant type");
    }
    let now = sandbox.options.clock.now();
    // UPS writes every number here as a string.
    let answer = json!({
        "token_type": "Bearer",
        "issued_at": now.as_millisecond().to_string(),
        "client_id": client,
        "access_token": TOKENS.issue(now),
        "scope": "",
        "expires_in": TOKENS.seconds.to_string(),
        "refresh_count": "0",
        "status": "approved",
    });
    Json(answer).into_response()
}

/// `GET /api/track/v1/details/{number}`: everything known about the number, newest event first.
async fn details(
    State(sandbox): State<Arc<Sandbox>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !TOKENS.has(&headers, sandbox.options.clock.now()) {
        let message = "Invalid Authentication Information.";
        return problem(StatusCode::UNAUTHORIZED, "250002", message);
    }
    match sandbox.tell("ups", &number) {
        Some(told) => Json(answer(&told)).into_response(),
        None => problem(StatusCode::BAD_REQUEST, "TV1002", "Invalid inquiry number"),
    }
}

/// An error in UPS's shape.
fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let errors = json!({ "response": { "errors": [{ "code": code, "message": message }] } });
    (status, Json(errors)).into_response()
}

/// The client id of basic credentials that have both an id and a secret.
fn basic_client(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = given.strip_prefix("Basic ")?;
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    let (client, secret) = pair.split_once(':')?;
    (!client.is_empty() && !secret.is_empty()).then(|| client.to_owned())
}

fn answer(told: &Told) -> Value {
    let known = told.known();
    let number = &told.number;
    let activity: Vec<Value> = known.iter().rev().map(activity).collect();
    let current = known
        .last()
        .map_or(Value::Null, |step| status(step.sub_status));
    let [origin, .., destination] = PLACES;
    let mut package = json!({
        "trackingNumber": number,
        "activity": activity,
        "currentStatus": current,
        "packageAddress": [
            { "type": "ORIGIN", "address": address(origin) },
            { "type": "DESTINATION", "address": address(destination) },
        ],
        "packageCount": 1,
        "service": { "code": "003", "levelCode": "003", "description": "UPS Ground" },
        "weight": { "unitOfMeasurement": "LBS", "weight": "2.40" },
    });
    if let Some(step) = told.delivery() {
        let local = local(step);
        package["deliveryDate"] = json!([{ "type": "DEL", "date": date(&local) }]);
        package["deliveryTime"] = json!({ "type": "DEL", "endTime": clock(&local) });
        package["deliveryInformation"] =
            json!({ "location": "Front Desk", "receivedBy": "SANDBOX" });
    } else if let Some(last) = told.timetable.last() {
        let local = local(last);
        package["deliveryDate"] = json!([{ "type": "SDD", "date": date(&local) }]);
        package["deliveryTime"] = json!({ "type": "EOD", "endTime": "190000" });
    }
    json!({ "trackResponse": { "shipment": [{ "inquiryNumber": number, "package": [package] }] } })
}

/// One event, in local time with its distance from UTC beside it.
fn activity(step: &Step) -> Value {
    let local = local(step);
    let utc = step.at.to_zoned(TimeZone::UTC);
    json!({
        "date": date(&local),
        "time": clock(&local),
        "gmtDate": date(&utc),
        "gmtTime": utc.strftime("%H:%M:%S").to_string(),
        "gmtOffset": offset(step.place),
        "location": { "address": address(step.place) },
        "status": status(step.sub_status),
    })
}

fn status(sub_status: SubStatus) -> Value {
    let Some(word) = WORDS.with_exact_text(sub_status) else {
        return Value::Null;
    };
    let [kind, code, status_code] = word.codes;
    json!({
        "type": kind,
        "code": code,
        "statusCode": status_code,
        "description": word.description,
    })
}

fn date(local: &Zoned) -> String {
    local.strftime("%Y%m%d").to_string()
}

fn clock(local: &Zoned) -> String {
    local.strftime("%H%M%S").to_string()
}

fn address(place: Place) -> Value {
    json!({
        "city": place.city,
        "stateProvince": place.state,
        "postalCode": place.postal_code,
        "countryCode": place.country,
        "country": place.country,
    })
}
