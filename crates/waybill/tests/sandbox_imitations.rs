//! The sandbox's FedEx, USPS and DHL, asked and read by their real folders as a poll would.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: a failure here is a failed test"
)]

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tower::ServiceExt;
use waybill::sandbox::{self, Options};
use waybill_couriers::{
    Ask, Courier, Couriers, Credentials, HttpAnswer, HttpRequest, Outcome, Query, Reading, Trouble,
    TroubleKind,
};
use waybill_model::{Clock, FakeClock, SubStatus, Tag};

/// A courier that is imitated, with a number of its own and one whose check digit is wrong.
struct Imitated {
    slug: &'static str,
    number: &'static str,
    malformed: &'static str,
    /// The sub-statuses it has words of its own for, but for the generic ones.
    exact: &'static [&'static str],
}

const IMITATED: [Imitated; 3] = [
    Imitated {
        slug: "fedex",
        number: "449747460164",
        malformed: "449747460165",
        exact: &[
            "T002", "T003", "T005", "T006", "T007", "T009", "O004", "F002", "F003", "E003", "E004",
            "E005", "E006", "E007", "E010", "E012", "E016", "E017", "E020",
        ],
    },
    Imitated {
        slug: "usps",
        number: "9348337182133474707387",
        malformed: "9348337182133474707388",
        exact: &[
            "T002", "T003", "T007", "T009", "O004", "F002", "F003", "D002", "E002", "E003", "E005",
            "E006", "E007", "E008", "E010", "E016",
        ],
    },
    Imitated {
        slug: "dhl",
        number: "5711871760",
        malformed: "5711871761",
        exact: &[
            "T002", "T003", "T005", "T006", "T007", "F002", "F003", "E003", "E004", "E007", "E010",
            "E012",
        ],
    },
];

/// Every folder, loaded once.
static COURIERS: LazyLock<Arc<Couriers>> =
    LazyLock::new(|| Arc::new(Couriers::embedded().unwrap()));

/// The sandbox with a clock to move, and the courier that reads it.
struct Rehearsal {
    router: Router,
    clock: Arc<FakeClock>,
    slug: &'static str,
}

impl Rehearsal {
    fn new(slug: &'static str) -> Rehearsal {
        let start: Timestamp = "2026-03-09T15:04:05Z".parse().unwrap();
        let clock = Arc::new(FakeClock::new(start));
        let router = sandbox::router(Options {
            couriers: COURIERS.clone(),
            clock: clock.clone(),
            seconds_per_minute: 60.0,
        });
        Rehearsal {
            router,
            clock,
            slug,
        }
    }

    fn courier(&self) -> &Courier {
        COURIERS.get(self.slug).unwrap()
    }

    async fn send(&self, request: HttpRequest) -> (StatusCode, Vec<u8>) {
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
        let outgoing = outgoing.body(body).unwrap();
        let answer = self.router.clone().oneshot(outgoing).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, body.to_vec())
    }

    /// One asking from token to reading, as this client.
    async fn ask(&self, number: &str, client: &str) -> Outcome {
        match self.token(number, client).await {
            Ok(token) => self.ask_with(number, client, token.as_deref()).await,
            Err(trouble) => Outcome::CouldNotAsk(trouble),
        }
    }

    async fn token(&self, number: &str, client: &str) -> Result<Option<String>, Trouble> {
        match self.question(number, client, None) {
            Ask::NeedsToken(wanted) => {
                let (status, body) = self.send(wanted.request).await;
                let token = self.courier().read_token(&view(status, &body))?;
                Ok(Some(token.access_token))
            }
            _ => Ok(None),
        }
    }

    async fn ask_with(&self, number: &str, client: &str, token: Option<&str>) -> Outcome {
        let Ask::Request(request) = self.question(number, client, token) else {
            panic!("{} cannot be asked", self.slug);
        };
        let (status, body) = self.send(request).await;
        self.courier()
            .read(&self.query(number), &view(status, &body))
    }

    fn question(&self, number: &str, client: &str, token: Option<&str>) -> Ask {
        let credentials: Credentials = ["client_id", "client_secret", "api_key"]
            .map(|name| (name.to_owned(), client.to_owned()))
            .into();
        let base_url = Some("http://127.0.0.1:9100");
        self.courier()
            .ask(&self.query(number), &credentials, token, base_url)
            .unwrap()
    }

    fn query(&self, number: &str) -> Query {
        Query::new(number, self.clock.now(), self.clock.now())
    }

    async fn read(&self, number: &str) -> Reading {
        match self.ask(number, "someone").await {
            Outcome::Reading(reading) => reading,
            other => panic!("{}: {other:?}", self.slug),
        }
    }

    async fn set(&self, number: &str, script: &str) {
        let wish = json!({ "number": number, "script": script, "minutes": 1 });
        let request = Request::post("/journeys")
            .body(Body::from(wish.to_string()))
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{script}");
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

fn view(status: StatusCode, body: &[u8]) -> HttpAnswer<'_> {
    HttpAnswer {
        status: status.as_u16(),
        headers: &[],
        body,
    }
}

/// The sub-statuses of a reading, oldest first; every one must be of a known code.
fn read_back(reading: &Reading) -> Vec<SubStatus> {
    let mut checkpoints: Vec<_> = reading.checkpoints.iter().collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.time.instant(None, false));
    for checkpoint in &checkpoints {
        assert!(checkpoint.classified, "{checkpoint:?}");
    }
    checkpoints
        .iter()
        .map(|checkpoint| checkpoint.sub_status)
        .collect()
}

#[tokio::test]
async fn any_well_formed_number_comes_to_be_delivered_a_letter_a_minute() {
    let whole = [
        Tag::InfoReceived,
        Tag::InTransit,
        Tag::InTransit,
        Tag::OutForDelivery,
        Tag::Delivered,
    ];
    for imitated in IMITATED {
        let rehearsal = Rehearsal::new(imitated.slug);
        for minute in 0..6 {
            let reading = rehearsal.read(imitated.number).await;
            let tags: Vec<_> = read_back(&reading).iter().map(|it| it.tag()).collect();
            let happened = whole.len().min(minute + 1);
            assert_eq!(tags, whole[..happened], "{}: {minute}", imitated.slug);
            rehearsal.pass(60);
        }
        let reading = rehearsal.read(imitated.number).await;
        let last = reading
            .checkpoints
            .iter()
            .map(|checkpoint| checkpoint.time.instant(None, false).as_second())
            .max();
        let delivered: Timestamp = "2026-03-09T15:08:05Z".parse().unwrap();
        assert_eq!(last, Some(delivered.as_second()), "{}", imitated.slug);
        let towns: std::collections::BTreeSet<_> = reading
            .checkpoints
            .iter()
            .map(|checkpoint| checkpoint.city.clone().unwrap())
            .collect();
        assert_eq!(towns.len(), 5, "{}", imitated.slug);
    }
}

#[tokio::test]
async fn every_sub_status_is_read_back_as_exactly_as_the_courier_can_say_it() {
    for imitated in IMITATED {
        let rehearsal = Rehearsal::new(imitated.slug);
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
            let code = sub_status.code();
            let script = format!("{letter}{}", &code[code.len() - 3..]);
            rehearsal.set(imitated.number, &script).await;
            let read = read_back(&rehearsal.read(imitated.number).await);
            let tags: Vec<_> = read.iter().map(|it| it.tag()).collect();
            assert_eq!(tags, [sub_status.tag()], "{} {script}", imitated.slug);
            if sub_status.is_generic() || imitated.exact.contains(&script.as_str()) {
                assert_eq!(read, [*sub_status], "{} {script}", imitated.slug);
            }
        }
    }
}

#[tokio::test]
async fn a_malformed_number_is_unknown() {
    for imitated in IMITATED {
        let outcome = Rehearsal::new(imitated.slug)
            .ask(imitated.malformed, "someone")
            .await;
        assert!(
            matches!(outcome, Outcome::UnknownToCourier { .. }),
            "{}: {outcome:?}",
            imitated.slug
        );
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_as_such() {
    for imitated in IMITATED {
        let outcome = Rehearsal::new(imitated.slug)
            .ask(imitated.number, "unknown-client")
            .await;
        refused(imitated.slug, &outcome);
    }
}

#[tokio::test]
async fn without_a_token_that_counts_nothing_is_told() {
    for imitated in IMITATED {
        let rehearsal = Rehearsal::new(imitated.slug);
        let token = rehearsal.token(imitated.number, "someone").await.unwrap();
        let Some(token) = token else { continue };
        for token in ["nonsense", "sandbox-ups-99999999999"] {
            let outcome = rehearsal
                .ask_with(imitated.number, "someone", Some(token))
                .await;
            refused(imitated.slug, &outcome);
        }
        rehearsal.pass(3_598);
        let told = rehearsal
            .ask_with(imitated.number, "someone", Some(&token))
            .await;
        assert!(matches!(told, Outcome::Reading(_)), "{told:?}");
        rehearsal.pass(8 * 3_600);
        let late = rehearsal
            .ask_with(imitated.number, "someone", Some(&token))
            .await;
        refused(imitated.slug, &late);
    }
}

fn refused(slug: &str, outcome: &Outcome) {
    let Outcome::CouldNotAsk(trouble) = outcome else {
        panic!("{slug}: {outcome:?}");
    };
    assert!(
        matches!(trouble.kind, TroubleKind::BadCredentials),
        "{slug}: {trouble:?}"
    );
}
