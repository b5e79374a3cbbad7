//! The sandbox's UPS, asked and read by the real `ups` folder as a poll would.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: a failure here is a failed test"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;
use waybill::sandbox::{self, Options};
use waybill_couriers::{
    Ask, Courier, Couriers, Credentials, HttpAnswer, HttpRequest, Outcome, Query, Reading,
    TroubleKind,
};
use waybill_model::{Clock, FakeClock, SubStatus, Tag};
use waybill_outside::{Door, Policy, Ports};

const NUMBER: &str = "1Z7X41R00340192776";

/// The sandbox with a clock to move, and the courier that reads it.
struct Rehearsal {
    router: Router,
    clock: Arc<FakeClock>,
    couriers: Arc<Couriers>,
}

impl Rehearsal {
    fn new(seconds_per_minute: f64) -> Rehearsal {
        let start: Timestamp = "2026-03-09T15:04:05Z".parse().unwrap();
        let clock = Arc::new(FakeClock::new(start));
        let couriers = Arc::new(Couriers::embedded().unwrap());
        let router = sandbox::router(Options {
            couriers: couriers.clone(),
            clock: clock.clone(),
            seconds_per_minute,
        });
        Rehearsal {
            router,
            clock,
            couriers,
        }
    }

    fn ups(&self) -> &Courier {
        self.couriers.get("ups").unwrap()
    }

    fn query(&self, number: &str) -> Query {
        Query {
            number: number.into(),
            leg: 0,
            language: None,
            destination_postal_code: None,
            destination_state: None,
            destination_country: None,
            origin_country: None,
            ship_date: None,
            account_number: None,
            tracking_key: None,
            created_at: self.clock.now(),
            now: self.clock.now(),
        }
    }

    async fn send(&self, request: HttpRequest) -> Answered {
        let method = match request.method {
            waybill_couriers::Method::Get => Method::GET,
            waybill_couriers::Method::Post => Method::POST,
            waybill_couriers::Method::Put => Method::PUT,
        };
        let mut outgoing = Request::builder().method(method).uri(request.url);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let body = Body::from(request.body.unwrap_or_default());
        self.call(outgoing.body(body).unwrap()).await
    }

    async fn call(&self, request: Request<Body>) -> Answered {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Answered {
            status,
            body: body.to_vec(),
        }
    }

    async fn set(&self, body: Value) -> Answered {
        let request = Request::post("/journeys")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.call(request).await
    }

    fn ask(&self, number: &str, client: &str, token: Option<&str>) -> Ask {
        let credentials: Credentials = BTreeMap::from([
            ("client_id".to_owned(), client.to_owned()),
            ("client_secret".to_owned(), "anything".to_owned()),
        ]);
        let base_url = Some("http://127.0.0.1:9100");
        self.ups()
            .ask(&self.query(number), &credentials, token, base_url)
            .unwrap()
    }

    async fn token(&self) -> String {
        let Ask::NeedsToken(wanted) = self.ask(NUMBER, "someone", None) else {
            panic!("UPS wants a token first");
        };
        let answered = self.send(wanted.request).await;
        let token = self.ups().read_token(&answered.view()).unwrap();
        assert_eq!(token.expires_in_seconds, 14_399);
        token.access_token
    }

    /// One poll with this token.
    async fn poll_with(&self, number: &str, token: &str) -> (StatusCode, Outcome) {
        let Ask::Request(request) = self.ask(number, "someone", Some(token)) else {
            panic!("a token is all UPS wants");
        };
        let answered = self.send(request).await;
        let outcome = self.ups().read(&self.query(number), &answered.view());
        (answered.status, outcome)
    }

    async fn poll(&self, number: &str) -> Reading {
        let token = self.token().await;
        match self.poll_with(number, &token).await.1 {
            Outcome::Reading(reading) => reading,
            other => panic!("{number}: {other:?}"),
        }
    }

    fn pass(&self, milliseconds: i64) {
        self.clock
            .advance(SignedDuration::from_millis(milliseconds));
    }
}

struct Answered {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answered {
    fn view(&self) -> HttpAnswer<'_> {
        HttpAnswer {
            status: self.status.as_u16(),
            headers: &[],
            body: &self.body,
        }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The sub-statuses of a reading, oldest first; every one must be of a known code.
fn codes(reading: &Reading) -> Vec<&'static str> {
    let mut checkpoints: Vec<_> = reading.checkpoints.iter().collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.time.instant(None, false));
    for checkpoint in &checkpoints {
        assert!(checkpoint.classified, "{checkpoint:?}");
    }
    checkpoints
        .iter()
        .map(|checkpoint| checkpoint.sub_status.code())
        .collect()
}

#[tokio::test]
async fn any_well_formed_number_comes_to_be_delivered_a_letter_a_minute() {
    let rehearsal = Rehearsal::new(60.0);
    let whole = ["I", "T", "T", "O", "D"];
    for minute in 0..7 {
        let reading = rehearsal.poll(NUMBER).await;
        let letters: Vec<_> = codes(&reading)
            .iter()
            .map(|code| match SubStatus::parse(code).unwrap().tag() {
                Tag::InfoReceived => "I",
                Tag::InTransit => "T",
                Tag::OutForDelivery => "O",
                Tag::Delivered => "D",
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            letters,
            whole[..whole.len().min(minute + 1)],
            "minute {minute}"
        );
        rehearsal.pass(60_000);
    }
    let reading = rehearsal.poll(NUMBER).await;
    assert!(reading.complete);
    let instants: Vec<_> = reading
        .checkpoints
        .iter()
        .map(|checkpoint| checkpoint.time.instant(None, false).as_second())
        .collect();
    let delivered: Timestamp = "2026-03-09T15:08:05Z".parse().unwrap();
    assert_eq!(instants.iter().max(), Some(&delivered.as_second()));
    let towns: std::collections::BTreeSet<_> = reading
        .checkpoints
        .iter()
        .map(|checkpoint| checkpoint.city.clone().unwrap())
        .collect();
    assert_eq!(towns.len(), 5);
}

#[tokio::test]
async fn two_numbers_go_their_own_ways_and_small_letters_are_the_same_number() {
    let rehearsal = Rehearsal::new(60.0);
    assert_eq!(rehearsal.poll(NUMBER).await.checkpoints.len(), 1);
    rehearsal.pass(120_000);
    assert_eq!(
        rehearsal.poll("1Z58B2K03722144095").await.checkpoints.len(),
        1
    );
    assert_eq!(
        rehearsal
            .poll(&NUMBER.to_lowercase())
            .await
            .checkpoints
            .len(),
        3
    );
}

#[tokio::test]
async fn compressed_time_reaches_delivery_with_distinct_times_in_the_past() {
    let rehearsal = Rehearsal::new(0.1);
    assert_eq!(rehearsal.poll(NUMBER).await.checkpoints.len(), 1);
    rehearsal.pass(400);
    let reading = rehearsal.poll(NUMBER).await;
    assert_eq!(codes(&reading).last(), Some(&"Delivered_001"));
    let times: std::collections::BTreeSet<_> = reading
        .checkpoints
        .iter()
        .map(|checkpoint| checkpoint.time.instant(None, false))
        .collect();
    assert_eq!(times.len(), 5);
    assert!(times.iter().all(|time| *time <= rehearsal.clock.now()));
}

/// The sub-statuses for which UPS has a word of its own.
const EXACT: &[&str] = &[
    "I001", "T001", "T002", "T003", "T005", "T006", "T007", "T008", "T009", "O001", "O004", "F001",
    "F002", "F003", "A001", "D001", "E001", "E002", "E003", "E004", "E005", "E006", "E007", "E008",
    "E010", "E011", "E012", "E013", "E016", "E017", "E018", "E019", "E020", "E021",
];

#[tokio::test]
async fn every_sub_status_is_read_back_and_as_exactly_as_ups_can_say_it() {
    let rehearsal = Rehearsal::new(60.0);
    for sub_status in SubStatus::ALL {
        let letter = match sub_status.tag() {
            Tag::Pending | Tag::Expired => continue,
            Tag::InfoReceived => "I",
            Tag::InTransit => "T",
            Tag::OutForDelivery => "O",
            Tag::AttemptFail => "F",
            Tag::AvailableForPickup => "A",
            Tag::Delivered => "D",
            Tag::Exception => "E",
        };
        let script = format!(
            "{letter}{}",
            &sub_status.code()[sub_status.code().len() - 3..]
        );
        let wish = json!({ "number": NUMBER, "script": script, "minutes": 1 });
        assert_eq!(rehearsal.set(wish).await.status, StatusCode::OK, "{script}");
        let read = codes(&rehearsal.poll(NUMBER).await);
        if EXACT.contains(&script.as_str()) {
            assert_eq!(read, [sub_status.code()]);
        } else {
            // Read from the generic word, at best from the text beside it.
            let tag = SubStatus::parse(read[0]).unwrap().tag();
            assert_eq!(tag, sub_status.tag(), "{script} was read as {read:?}");
        }
    }
}

#[tokio::test]
async fn a_journey_that_was_set_is_followed_from_its_next_asking() {
    let rehearsal = Rehearsal::new(60.0);
    assert_eq!(rehearsal.poll(NUMBER).await.checkpoints.len(), 1);
    rehearsal.pass(600_000);
    let wish = json!({ "number": NUMBER, "script": "IE010E011", "minutes": 3 });
    let set = rehearsal.set(wish).await;
    let steps = ["InfoReceived_001", "Exception_010", "Exception_011"];
    assert_eq!(
        set.json(),
        json!({ "number": NUMBER, "minutes": 3, "steps": steps })
    );
    assert_eq!(codes(&rehearsal.poll(NUMBER).await), steps[..1]);
    rehearsal.pass(179_999);
    assert_eq!(codes(&rehearsal.poll(NUMBER).await), steps[..1]);
    rehearsal.pass(1);
    assert_eq!(codes(&rehearsal.poll(NUMBER).await), steps[..2]);
    rehearsal.pass(180_000);
    assert_eq!(codes(&rehearsal.poll(NUMBER).await), steps);
}

#[tokio::test]
async fn a_wish_that_cannot_be_met_is_refused_in_plain_words() {
    let rehearsal = Rehearsal::new(60.0);
    for (wish, word) in [
        (
            json!({ "number": NUMBER, "script": "X", "minutes": 1 }),
            "script",
        ),
        (
            json!({ "number": NUMBER, "script": "", "minutes": 1 }),
            "script",
        ),
        (
            json!({ "number": NUMBER, "script": "ITTTTTTTTTD", "minutes": 1 }),
            "script",
        ),
        (
            json!({ "number": NUMBER, "script": "D", "minutes": 0 }),
            "minutes",
        ),
        (
            json!({ "number": NUMBER, "script": "D", "minutes": 21 }),
            "minutes",
        ),
        (
            json!({ "number": NUMBER, "script": "D", "minutes": "soon" }),
            "minutes",
        ),
        (
            json!({ "number": "1Z7X41R00340192779", "script": "D", "minutes": 1 }),
            "number",
        ),
        (json!({ "script": "D", "minutes": 1 }), "number"),
        (json!([]), "body"),
    ] {
        let refused = rehearsal.set(wish.clone()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wish}");
        let told = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(told.contains(word), "{wish}: {told}");
    }
    let wish = json!({ "number": NUMBER, "script": "D" });
    assert_eq!(rehearsal.set(wish).await.json()["minutes"], 1);
}

#[tokio::test]
async fn a_malformed_number_is_unknown_to_ups() {
    let rehearsal = Rehearsal::new(60.0);
    let token = rehearsal.token().await;
    let (status, outcome) = rehearsal.poll_with("1Z7X41R00340192779", &token).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        matches!(outcome, Outcome::UnknownToCourier { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn without_a_token_that_counts_nothing_is_told() {
    let rehearsal = Rehearsal::new(60.0);
    let good = rehearsal.token().await;
    for token in [
        "nonsense",
        "sandbox-ups-",
        "sandbox-ups-soon",
        "sandbox-ups-12",
    ] {
        refused(&rehearsal, token).await;
    }
    rehearsal.pass(14_398_000);
    assert_eq!(rehearsal.poll_with(NUMBER, &good).await.0, StatusCode::OK);
    rehearsal.pass(1_000);
    refused(&rehearsal, &good).await;

    let bare = Request::get(format!("/api/track/v1/details/{NUMBER}"));
    let answered = rehearsal.call(bare.body(Body::empty()).unwrap()).await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answered.json()["response"]["errors"][0]["code"], "250002");
}

async fn refused(rehearsal: &Rehearsal, token: &str) {
    let (status, outcome) = rehearsal.poll_with(NUMBER, token).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{token}");
    let Outcome::CouldNotAsk(trouble) = outcome else {
        panic!("{token}: {outcome:?}");
    };
    assert!(
        matches!(trouble.kind, TroubleKind::BadCredentials),
        "{token}"
    );
}

#[tokio::test]
async fn tokens_are_for_those_who_ask_as_ups_wants() {
    let rehearsal = Rehearsal::new(60.0);
    let Ask::NeedsToken(wanted) = rehearsal.ask(NUMBER, "unknown-client", None) else {
        panic!("UPS wants a token first");
    };
    let answered = rehearsal.send(wanted.request).await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    let trouble = rehearsal.ups().read_token(&answered.view()).unwrap_err();
    assert!(matches!(trouble.kind, TroubleKind::BadCredentials));

    let ask = |authorization: Option<&'static str>, body: &'static str| {
        let mut request = Request::post("/security/v1/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        rehearsal.call(request.body(Body::from(body)).unwrap())
    };
    let grant = "grant_type=client_credentials";
    // someone:secret
    let basic = Some("Basic c29tZW9uZTpzZWNyZXQ=");
    assert_eq!(ask(basic, grant).await.status, StatusCode::OK);
    assert_eq!(
        ask(basic, "grant_type=password").await.status,
        StatusCode::BAD_REQUEST
    );
    for bad in [
        None,
        Some("Bearer x"),
        Some("Basic !"),
        Some("Basic c29tZW9uZQ=="),
    ] {
        assert_eq!(
            ask(bad, grant).await.status,
            StatusCode::UNAUTHORIZED,
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn it_serves_through_the_outside_door_until_told_to_stop() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/journeys", listener.local_addr().unwrap());
    let options = Options {
        couriers: Arc::new(Couriers::embedded().unwrap()),
        clock: Arc::new(FakeClock::new(Timestamp::UNIX_EPOCH)),
        seconds_per_minute: 60.0,
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let serving = tokio::spawn(sandbox::serve(listener, options, shutdown));

    let policy = Policy {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ports: Ports::Any,
        user_agent: "waybill-test".into(),
    };
    let door = Door::new(policy).unwrap();
    let mut request = waybill_outside::Request::new(Method::POST, url);
    let wish = json!({ "number": NUMBER, "script": "it007o", "minutes": 2 });
    request.body = Some(wish.to_string().into());
    let answer = door.send(request).await.unwrap();
    assert_eq!(answer.status, 200);
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    let steps = ["InfoReceived_001", "InTransit_007", "OutForDelivery_001"];
    assert_eq!(told["steps"], json!(steps));

    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
