//! FedEx as the Track API v1 answers: token endpoint, up to thirty numbers a question, errors.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use waybill_couriers::sandbox::{PLACES, Place, Step};
use waybill_model::Tag;

use super::local::{clock, local, offset};
use super::tokens::{Tokens, form_client};
use super::words::Words;
use super::{Sandbox, Told};

/// FedEx's own hour less a second.
const TOKENS: Tokens = Tokens {
    prefix: "sandbox-fedex-",
    seconds: 3_599,
};

/// FedEx takes no more numbers in one question.
const MAX_NUMBERS: usize = 30;

/// Event and reason.
pub(super) const WORDS: Words<2> = Words::new(include_str!("fedex/words.csv"));

/// The paths of FedEx.
pub(super) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/oauth/token", post(token))
        .route("/track/v1/trackingnumbers", post(track))
}

/// `POST /oauth/token`: id and secret in a form for a bearer token.
async fn token(State(sandbox): State<Arc<Sandbox>>, body: String) -> Response {
    if form_client(&body).is_none() {
        let message = "The given client credentials were not valid. Please modify your request and try again.";
        return problem(StatusCode::UNAUTHORIZED, "NOT.AUTHORIZED.ERROR", message);
    }
    let answer = json!({
        "access_token": TOKENS.issue(sandbox.options.clock.now()),
        "token_type": "bearer",
        "expires_in": TOKENS.seconds,
        "scope": "CXS",
    });
    Json(answer).into_response()
}

/// `POST /track/v1/trackingnumbers`: everything known about each number, newest event first.
async fn track(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap, body: String) -> Response {
    if !TOKENS.has(&headers, sandbox.options.clock.now()) {
        let message = "Access token expired. Please modify your request and try again.";
        return problem(StatusCode::UNAUTHORIZED, "NOT.AUTHORIZED.ERROR", message);
    }
    let numbers = numbers(&body);
    if numbers.is_empty() {
        let message = "Please provide tracking number.";
        return problem(
            StatusCode::BAD_REQUEST,
            "TRACKING.TRACKINGNUMBER.EMPTY",
            message,
        );
    }
    if numbers.len() > MAX_NUMBERS {
        let message = "The number of tracking numbers is beyond the limit.";
        return problem(
            StatusCode::BAD_REQUEST,
            "TRACKING.TRACKINGNUMBERS.MAXIMUM",
            message,
        );
    }
    let results: Vec<Value> = numbers
        .iter()
        .map(|number| {
            let result = match sandbox.tell("fedex", number) {
                Some(told) => result(&told),
                None => unknown(number),
            };
            json!({ "trackingNumber": number, "trackResults": [result] })
        })
        .collect();
    Json(json!({ "output": { "completeTrackResults": results } })).into_response()
}

fn numbers(body: &str) -> Vec<String> {
    let question: Value = serde_json::from_str(body).unwrap_or_default();
    let asked = question["trackingInfo"].as_array();
    asked
        .into_iter()
        .flatten()
        .filter_map(|one| one["trackingNumberInfo"]["trackingNumber"].as_str())
        .filter(|number| !number.is_empty())
        .map(str::to_owned)
        .collect()
}

/// An error in FedEx's shape.
fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let errors = json!({ "errors": [{ "code": code, "message": message }] });
    (status, Json(errors)).into_response()
}

fn unknown(number: &str) -> Value {
    json!({
        "trackingNumberInfo": { "trackingNumber": number, "trackingNumberUniqueId": "", "carrierCode": "" },
        "error": {
            "code": "TRACKING.TRACKINGNUMBER.NOTFOUND",
            "message": "Tracking number cannot be found. Please correct the tracking number and try again.",
        },
    })
}

fn result(told: &Told) -> Value {
    let events: Vec<Value> = told.known().iter().rev().map(event).collect();
    let [origin, .., destination] = PLACES;
    let mut result = json!({
        "trackingNumberInfo": { "trackingNumber": told.number, "carrierCode": "FDXG" },
        "shipperInformation": { "address": address(origin) },
        "recipientInformation": { "address": address(destination) },
        "serviceDetail": { "type": "FEDEX_GROUND", "description": "FedEx Ground", "shortDescription": "FG" },
        "packageDetails": {
            "count": "1",
            "weightAndDimensions": { "weight": [{ "unit": "LB", "value": "2.4" }] },
        },
        "dateAndTimes": [],
        "scanEvents": events,
    });
    if let Some(step) = told.delivery() {
        result["deliveryDetails"] = json!({ "receivedByName": "SANDBOX", "deliveryAttempts": "0" });
        result["dateAndTimes"] = json!([{ "type": "ACTUAL_DELIVERY", "dateTime": time(step) }]);
    } else if let Some(last) = told.timetable.last() {
        result["dateAndTimes"] = json!([{ "type": "ESTIMATED_DELIVERY", "dateTime": time(last) }]);
    }
    result
}

fn event(step: &Step) -> Value {
    let (codes, description) = WORDS
        .with_exact_text(step.sub_status)
        .map_or((["", ""], ""), |word| (word.codes, word.description));
    let [event, reason] = codes;
    let delivered = step.sub_status.tag() == Tag::Delivered;
    json!({
        "date": time(step),
        "eventType": event,
        "eventDescription": description,
        "exceptionCode": reason,
        "exceptionDescription": if reason.is_empty() { "" } else { description },
        "scanLocation": address(step.place),
        "locationType": if delivered { "DELIVERY_LOCATION" } else { "FEDEX_FACILITY" },
    })
}

/// `2026-03-09T07:04:05-08:00`
fn time(step: &Step) -> String {
    format!("{}{}", clock(&local(step)), offset(step.place))
}

fn address(place: Place) -> Value {
    json!({
        "city": place.city.to_ascii_uppercase(),
        "stateOrProvinceCode": place.state,
        "postalCode": place.postal_code,
        "countryCode": place.country,
        "countryName": "United States",
        "residential": false,
    })
}
