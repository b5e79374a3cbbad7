//! Every connection over HTTP: request, token where one is needed, answer, reading, against the
//! recorded answers of its folder. What comes of it is what reading the sample alone gives.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use waybill_couriers::{Ask, Courier, Couriers, Credentials, Outcome, Query};
use waybill_model::CountryCode;
use waybill_outside::{Door, Policy, Ports};
use waybill_polling::{Asker, CourierOptions};
use waybill_storage::PollOutcome;

/// What OAuth sells a token with (RFC 6749 §5.1).
const TOKEN: &str = r#"{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}"#;

/// One answer of a courier.
struct Case {
    name: String,
    number: String,
    status: u16,
    body: Vec<u8>,
}

#[tokio::test]
async fn every_connection_is_asked_over_http() {
    let couriers = Couriers::embedded().unwrap();
    let (mut connections, mut asked, mut logins) = (0, 0, 0);
    for courier in couriers.all().filter(|it| it.has_connection()) {
        // The testing courier is answered within the process.
        if courier.slug().as_str() == "testing-courier" {
            continue;
        }
        let cases = cases(courier);
        assert!(!cases.is_empty(), "{} was never asked", courier.slug());
        connections += 1;
        let mut tokens = 0;
        for case in cases {
            asked += 1;
            tokens += usize::from(ask(courier, case).await);
        }
        logins += usize::from(tokens > 0);
    }
    println!("{connections} connections, {logins} of them with a token, {asked} answers over HTTP");
    let others = couriers.all().filter(|it| it.has_connection()).count() - 1;
    assert_eq!(connections, others, "all but the testing courier");
    assert!(logins > 0);
}

/// The samples that are answers to a number; messages and tokens are not.
fn cases(courier: &Courier) -> Vec<Case> {
    let samples = courier.samples.iter();
    let parsed = samples.filter_map(|sample| {
        let expected: Value = serde_json::from_slice(sample.expected.as_deref()?).unwrap();
        Some(Case {
            name: format!("{}/{}", courier.slug(), sample.name),
            number: expected.get("number")?.as_str()?.to_owned(),
            status: u16::try_from(expected["status"].as_u64().unwrap_or(200)).unwrap(),
            body: sample.body.clone(),
        })
    });
    parsed.collect()
}

/// Asks for one sample. True if a token was bought for it.
async fn ask(courier: &Courier, case: Case) -> bool {
    let query = query(&case.number);
    let connection = courier.connection().unwrap();
    let fields = connection.credentials.iter();
    let credentials: Credentials = fields
        .map(|it| {
            let value = it.example.as_deref().unwrap_or("s3cret");
            (it.name.clone(), value.to_owned())
        })
        .collect();
    // How the request for a token begins, where there is one.
    let token = match courier.ask(&query, &credentials, None, Some("http://x")) {
        Ok(Ask::NeedsToken(token)) => {
            let path = token.request.url.trim_start_matches("http://x");
            Some(format!("{} {path} ", token.request.method.as_str()))
        }
        Ok(_) => None,
        Err(error) => panic!("{}: {error}", case.name),
    };
    let expected = outcome(&courier.try_answer(&case.number, case.status, &case.body));
    let mut samples = courier.samples.iter();
    let sold = samples.find(|it| it.name.starts_with("token"));
    let sold = sold.map_or_else(|| TOKEN.as_bytes().to_vec(), |it| it.body.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (name, status) = (case.name.clone(), case.status);
    let needs_token = token.is_some();
    let bought = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&bought);
    let server = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let line = request_line(&mut stream).await;
            let buys = token.as_ref().is_some_and(|token| line.starts_with(token));
            noted.fetch_or(buys, Ordering::SeqCst);
            let (status, body) = if buys {
                (200, &sold)
            } else {
                (case.status, &case.body)
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            // A caller that went away needs no answer.
            let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        }
    });
    let door = Door::new(Policy {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ports: Ports::Any,
        user_agent: "test".to_owned(),
    });
    let options = CourierOptions {
        base_url: Some(base_url),
        credentials,
        ..CourierOptions::default()
    };
    let options = BTreeMap::from([(courier.slug().to_string(), options)]);
    let asker = Asker::new(Arc::new(door.unwrap()), options);
    let report = asker.ask_once(courier, &query).await;
    server.abort();
    assert_eq!(report.outcome, expected, "{name}: {}", report.reason);
    assert_eq!(
        report.http_status,
        Some(status),
        "{name}: {}",
        report.reason
    );
    assert_eq!(bought.load(Ordering::SeqCst), needs_token, "{name}");
    needs_token
}

fn outcome(read: &Outcome) -> PollOutcome {
    match read {
        Outcome::Reading(reading) if reading.checkpoints.is_empty() => PollOutcome::NoDataYet,
        Outcome::Reading(_) => PollOutcome::Ok,
        Outcome::UnknownToCourier { .. } => PollOutcome::UnknownToCourier,
        Outcome::NoDataYet { .. } => PollOutcome::NoDataYet,
        Outcome::CouldNotAsk(_) => PollOutcome::CouldNotAsk,
        Outcome::CouldNotRead { .. } => PollOutcome::CouldNotRead,
    }
}

/// A query that knows everything a courier may want to know.
fn query(number: &str) -> Query {
    let epoch = Timestamp::UNIX_EPOCH;
    Query {
        destination_postal_code: Some("12345".to_owned()),
        destination_state: Some("TX".to_owned()),
        destination_country: CountryCode::parse("DEU"),
        origin_country: CountryCode::parse("NLD"),
        ship_date: Some(jiff::civil::date(2026, 3, 1)),
        account_number: Some("A1".to_owned()),
        tracking_key: Some("K1".to_owned()),
        ..Query::new(number, epoch, epoch)
    }
}

/// The first line of a request whose whole was read; empty if it broke off.
async fn request_line(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let mut lines = lower.lines();
            let length = lines
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0_usize);
            if rest.len() >= length {
                return head.lines().next().unwrap_or_default().to_owned();
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return String::new(),
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}
