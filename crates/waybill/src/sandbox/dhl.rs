//! DHL as its unified Shipment Tracking answers: a key in a header, one number a question, problems.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use waybill_couriers::sandbox::{PLACES, Place, Step};

use super::local::{clock, local, offset};
use super::tokens::REFUSED_CLIENT;
use super::words::Words;
use super::{Sandbox, Told};

/// The coarse status; what is finer stands in the description alone.
pub(super) const WORDS: Words<1> = Words::new(include_str!("dhl/words.csv"));

/// The paths of DHL.
pub(super) fn routes() -> Router<Arc<Sandbox>> {
    Router::new().route("/track/shipments", get(track))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    tracking_number: Option<String>,
}

/// `GET /track/shipments?trackingNumber=`: everything known about the number, newest event first.
async fn track(
    State(sandbox): State<Arc<Sandbox>>,
    Query(question): Query<Question>,
    headers: HeaderMap,
) -> Response {
    let key = headers.get("dhl-api-key").and_then(|key| key.to_str().ok());
    if !key.is_some_and(|key| !key.is_empty() && key != REFUSED_CLIENT) {
        let detail = "Unauthorized for given resource.";
        return problem(StatusCode::UNAUTHORIZED, "Unauthorized", detail);
    }
    let Some(number) = question.tracking_number.filter(|number| !number.is_empty()) else {
        let detail = "Invalid input: missing mandatory parameter 'trackingNumber'";
        return problem(StatusCode::BAD_REQUEST, "Invalid input", detail);
    };
    let Some(told) = sandbox.tell("dhl", &number) else {
        let detail = "No shipment with given tracking number found.";
        return problem(StatusCode::NOT_FOUND, "No result found", detail);
    };
    Json(json!({ "shipments": [shipment(&told)] })).into_response()
}

/// An error in DHL's shape.
fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let answer = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    (status, Json(answer)).into_response()
}

fn shipment(told: &Told) -> Value {
    let events: Vec<Value> = told.known().iter().rev().map(event).collect();
    let [origin, .., destination] = PLACES;
    let mut shipment = json!({
        "id": told.number,
        "service": "express",
        "origin": address(origin),
        "destination": address(destination),
        "status": events.first(),
        "details": {
            "product": { "productName": "EXPRESS DOMESTIC" },
            "totalNumberOfPieces": 1,
            "weight": { "value": 1.1, "unitText": "kg" },
        },
        "events": events,
    });
    if let Some(step) = told.delivery() {
        shipment["details"]["proofOfDelivery"] = json!({
            "timestamp": time(step),
            "signed": { "@type": "Person", "name": "SANDBOX" },
        });
    } else if let Some(last) = told.timetable.last() {
        shipment["estimatedTimeOfDelivery"] = json!(time(last));
    }
    shipment
}

fn event(step: &Step) -> Value {
    let (code, description) = WORDS
        .nearest(step.sub_status)
        .map_or(("", ""), |word| (word.codes[0], word.description));
    json!({
        "timestamp": time(step),
        "location": address(step.place),
        "statusCode": code,
        "status": description,
        "description": description,
    })
}

/// `2026-03-09T07:04:05-08:00`
fn time(step: &Step) -> String {
    format!("{}{}", clock(&local(step)), offset(step.place))
}

fn address(place: Place) -> Value {
    json!({
        "address": {
            "countryCode": place.country,
            "postalCode": place.postal_code,
            "addressLocality": place.city.to_ascii_uppercase(),
        }
    })
}
