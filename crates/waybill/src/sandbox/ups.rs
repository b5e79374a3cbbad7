//! UPS as the Tracking API v1 answers: token endpoint, details of a number, errors.
//!
//! Any client id and secret get a token, except the id `unknown-client`, which rehearses wrong
//! credentials. Tokens carry their own expiry, so nothing has to be kept for them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};
use waybill_couriers::sandbox::{PLACES, Place, Step};
use waybill_model::{SubStatus, Tag};

use super::Sandbox;

/// A client id that UPS does not know.
const REFUSED_CLIENT: &str = "unknown-client";

/// How long a token counts; UPS's own four hours less a second.
const TOKEN_SECONDS: i64 = 14_399;

/// What a token begins with; the second until which it counts follows.
const TOKEN_PREFIX: &str = "sandbox-ups-";

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
    let until = now.as_second().saturating_add(TOKEN_SECONDS);
    // UPS writes every number here as a string.
    let answer = json!({
        "token_type": "Bearer",
        "issued_at": now.as_millisecond().to_string(),
        "client_id": client,
        "access_token": format!("{TOKEN_PREFIX}{until}"),
        "scope": "",
        "expires_in": TOKEN_SECONDS.to_string(),
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
    let now = sandbox.options.clock.now();
    if !has_token(&headers, now) {
        let message = "Invalid Authentication Information.";
        return problem(StatusCode::UNAUTHORIZED, "250002", message);
    }
    let journey = sandbox
        .well_formed("ups", &number)
        .and_then(|number| sandbox.ask(&number).map(|journey| (number, journey)));
    let Some((number, journey)) = journey else {
        return problem(StatusCode::BAD_REQUEST, "TV1002", "Invalid inquiry number");
    };
    let factor = sandbox.options.seconds_per_minute;
    let timetable = journey.timetable(factor);
    let happened = journey.count(now, factor);
    Json(answer(&number, &timetable, happened)).into_response()
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

/// Whether the request carries a token of ours that still counts.
fn has_token(headers: &HeaderMap, now: Timestamp) -> bool {
    let until = || -> Option<i64> {
        let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let token = given.strip_prefix("Bearer ")?;
        token.strip_prefix(TOKEN_PREFIX)?.parse().ok()
    };
    until().is_some_and(|until| now.as_second() < until)
}

/// UPS's answer about a number of whose timetable the first events have happened.
fn answer(number: &str, timetable: &[Step], happened: usize) -> Value {
    let known = &timetable[..happened.min(timetable.len())];
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
    let delivered = known
        .iter()
        .rfind(|step| step.sub_status.tag() == Tag::Delivered);
    if let Some(step) = delivered {
        let local = local(step.at, step.place);
        package["deliveryDate"] = json!([{ "type": "DEL", "date": date(&local) }]);
        package["deliveryTime"] = json!({ "type": "DEL", "endTime": clock(&local) });
        package["deliveryInformation"] =
            json!({ "location": "Front Desk", "receivedBy": "SANDBOX" });
    } else if let Some(last) = timetable.last() {
        let local = local(last.at, last.place);
        package["deliveryDate"] = json!([{ "type": "SDD", "date": date(&local) }]);
        package["deliveryTime"] = json!({ "type": "EOD", "endTime": "190000" });
    }
    json!({ "trackResponse": { "shipment": [{ "inquiryNumber": number, "package": [package] }] } })
}

/// One event, in local time with its distance from UTC beside it.
fn activity(step: &Step) -> Value {
    let local = local(step.at, step.place);
    let utc = step.at.to_zoned(TimeZone::UTC);
    json!({
        "date": date(&local),
        "time": clock(&local),
        "gmtDate": date(&utc),
        "gmtTime": utc.strftime("%H:%M:%S").to_string(),
        "gmtOffset": format!("-{:02}:00", hours_behind(step.place)),
        "location": { "address": address(step.place) },
        "status": status(step.sub_status),
    })
}

fn status(sub_status: SubStatus) -> Value {
    let Some(word) = word(sub_status) else {
        return Value::Null;
    };
    json!({
        "type": word.kind,
        "code": word.code,
        "statusCode": word.status_code,
        "description": word.description,
    })
}

fn date(local: &Zoned) -> String {
    local.strftime("%Y%m%d").to_string()
}

fn clock(local: &Zoned) -> String {
    local.strftime("%H%M%S").to_string()
}

/// UPS's words for sub-statuses. The generic word of each tag stands first among its tag's.
/// Two-letter codes that begin with `Y` are of no public list: there the status code tells, and with
/// type X, where UPS leaves the cause to the text, the description.
const WORDS: &str = include_str!("ups/words.csv");

/// How UPS says one sub-status.
struct Word {
    sub_status: SubStatus,
    kind: &'static str,
    code: &'static str,
    status_code: &'static str,
    description: &'static str,
}

/// UPS's word for a sub-status. Where UPS has none so exact, it is the generic one of the same tag
/// beside the exact text, as UPS does.
fn word(sub_status: SubStatus) -> Option<Word> {
    if let Some(exact) = words().find(|word| word.sub_status == sub_status) {
        return Some(exact);
    }
    let generic = words().find(|word| word.sub_status.tag() == sub_status.tag())?;
    Some(Word {
        description: sub_status.message(),
        ..generic
    })
}

fn words() -> impl Iterator<Item = Word> {
    WORDS.lines().skip(1).filter_map(|line| {
        let mut columns = line.split(',');
        Some(Word {
            sub_status: SubStatus::parse(columns.next()?)?,
            kind: columns.next()?,
            code: columns.next()?,
            status_code: columns.next()?,
            description: columns.next()?,
        })
    })
}

/// How many hours each state of the places is behind UTC in its standard time.
const HOURS_BEHIND: [(&str, i8); 8] = [
    ("OR", 8),
    ("ID", 7),
    ("UT", 7),
    ("CO", 7),
    ("NE", 6),
    ("IA", 6),
    ("IL", 6),
    ("OH", 5),
];

/// Hours behind UTC in the states that are left, on the east coast.
const HOURS_BEHIND_EAST: i8 = 5;

fn hours_behind(place: Place) -> i8 {
    HOURS_BEHIND
        .iter()
        .find(|(state, _)| *state == place.state)
        .map_or(HOURS_BEHIND_EAST, |(_, hours)| *hours)
}

fn local(at: Timestamp, place: Place) -> Zoned {
    at.to_zoned(Offset::constant(-hours_behind(place)).to_time_zone())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_word_and_every_sub_status_of_a_script_has_one() {
        assert_eq!(words().count(), WORDS.lines().count() - 1);
        for sub_status in SubStatus::ALL {
            let outside_scripts = matches!(sub_status.tag(), Tag::Pending | Tag::Expired);
            assert_eq!(
                word(*sub_status).is_none(),
                outside_scripts,
                "{sub_status:?}"
            );
        }
        // No description holds a comma: the columns are split without quoting.
        assert!(WORDS.lines().all(|line| line.matches(',').count() == 4));
    }

    #[test]
    fn the_first_word_of_a_tag_is_the_generic_one() {
        let mut tags = Vec::new();
        for word in words() {
            if !tags.contains(&word.sub_status.tag()) {
                assert!(word.sub_status.is_generic(), "{}", word.code);
                tags.push(word.sub_status.tag());
            }
        }
    }
}
