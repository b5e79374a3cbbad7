//! Answers that mean harm, over HTTP: each is told from one that could be read, with an excerpt that keeps
//! secrets to itself, and costs neither memory nor a thread.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use waybill_couriers::{Couriers, Credentials, Query};
use waybill_outside::{Door, Policy, Ports};
use waybill_polling::{Asker, CourierOptions};
use waybill_service::PollReport;
use waybill_storage::PollOutcome;

const SLUG: &str = "acme";
const COURIER: &str = r#"slug = "acme"
name = "Acme"
evidence = "guessed"

[connection]
authentication = { kind = "none" }
credentials = []
requests_per_second = 1.0
concurrency = 1
timeout_seconds = 1
complete = true
"#;
const READ: &str = "{shipments: [{checkpoints: [.body.scans[] | {time: .time, code: .code, codes: [[\"code\", .code]]}]}]}";
/// A hundred megabytes.
const ENDLESS: usize = 100 * 1024 * 1024;
/// What an answer may cost: our limit of 2 MiB, and what the kernel and the client hold in between.
const PASSED_ON: usize = 32 * 1024 * 1024;

/// What a server does with a connection once it was asked.
#[derive(Clone)]
enum Answer {
    /// Answers this.
    Body(Vec<u8>),
    /// Goes on for a hundred megabytes.
    Endless,
    /// Begins, and says no more while the connection stands.
    Dripping,
}

struct Courier {
    asker: Asker,
    couriers: Couriers,
    sent: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

impl Courier {
    /// A courier whose every answer is this one.
    async fn answering(answer: Answer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(SLUG);
        fs::create_dir(&own).unwrap();
        let request = "{method: \"GET\", url: \"https://acme.test/\\(.query.number)\"}";
        for (name, text) in [
            ("courier.toml", COURIER),
            ("request.jq", request),
            ("read.jq", READ),
            ("statuses.csv", "field,code,sub_status,events\n"),
        ] {
            fs::write(own.join(name), text).unwrap();
        }
        let couriers = Couriers::from_folder(folder.path()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = Some(format!("http://{}", listener.local_addr().unwrap()));
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, answer.clone(), Arc::clone(&counted)));
            }
        });
        let door = Door::new(Policy {
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ports: Ports::Any,
            user_agent: "test".to_owned(),
        });
        let options = CourierOptions {
            base_url,
            credentials: Credentials::new(),
            ..CourierOptions::default()
        };
        let options = BTreeMap::from([(SLUG.to_owned(), options)]);
        Self {
            asker: Asker::new(Arc::new(door.unwrap()), options),
            couriers,
            sent,
            _folder: folder,
        }
    }

    async fn ask(&self) -> PollReport {
        let query = Query::new("AC1", Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let courier = self.couriers.get(SLUG).unwrap();
        self.asker.ask_once(courier, &query).await
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, sent: Arc<AtomicUsize>) {
    let mut request = [0; 8192];
    let _ = stream.read(&mut request).await;
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    match answer {
        Answer::Body(body) => {
            let length = body.len();
            let head = format!("{head}content-length: {length}\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
        Answer::Endless => {
            let piece = vec![b'['; 64 * 1024];
            let mut goes_on = stream.write_all(format!("{head}\r\n").as_bytes()).await;
            while goes_on.is_ok() && sent.fetch_add(piece.len(), Ordering::SeqCst) < ENDLESS {
                goes_on = stream.write_all(&piece).await;
            }
        }
        Answer::Dripping => {
            let begin = format!("{head}\r\n{{\"token\": \"s3cret-begin\", \"sca");
            let _ = stream.write_all(begin.as_bytes()).await;
            // Until the other side gives up.
            let _ = stream.read(&mut request).await;
        }
    }
}

/// Asserts that the answer was not read; its reason and excerpt.
fn unread(report: &PollReport) -> (&str, &str) {
    assert_eq!(
        report.outcome,
        PollOutcome::CouldNotRead,
        "{}",
        report.reason
    );
    assert_eq!(report.http_status, Some(200));
    let excerpt = report.excerpt.as_deref().unwrap();
    assert!(excerpt.chars().count() <= 500);
    (&report.reason, excerpt)
}

#[tokio::test]
async fn what_is_no_answer_is_kept_as_an_excerpt() {
    let deep = "[".repeat(100_000).into_bytes();
    let xml = "<a>".repeat(100_000).into_bytes();
    let bomb = "<!DOCTYPE l [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><l>&b;</l>";
    let page = "<!doctype html><title>Sign in</title>";
    let wrong = r#"{"scans": {"token": "abcdef123"}, "api_password": "hush-hush"}"#;
    let broken = r#"{"scans": [{"time": "2026-03-05", "code": "#;
    for (body, reason) in [
        (deep, "no JSON"),
        (xml, "nested"),
        (bomb.into(), "document type"),
        (page.into(), "web page"),
        (wrong.into(), "read.jq"),
        (
            br#"{"scans": [{"time": 5, "code": {}}]}"#.to_vec(),
            "invalid type",
        ),
        (br#"{"scans": [[[]]]}"#.to_vec(), "read.jq"),
        (br#""scans""#.to_vec(), "read.jq"),
        (broken.into(), "no JSON"),
        (b"\xff\xfe\x00\x01".to_vec(), "no JSON"),
    ] {
        let report = Courier::answering(Answer::Body(body)).await.ask().await;
        let (why, excerpt) = unread(&report);
        assert!(why.contains(reason), "{why}");
        assert!(
            !excerpt.contains("abcdef123") && !excerpt.contains("hush-hush"),
            "{excerpt}"
        );
    }
}

#[tokio::test]
async fn a_hundred_megabytes_are_not_waited_for() {
    let courier = Courier::answering(Answer::Endless).await;
    let report = courier.ask().await;
    let (reason, excerpt) = unread(&report);
    assert!(reason.contains("larger than 2097152 bytes"), "{reason}");
    assert!(excerpt.starts_with("[["), "{excerpt}");
    let sent = courier.sent.load(Ordering::SeqCst);
    assert!(sent < PASSED_ON, "{sent}");
}

/// One thread does it all here: twenty that drip would hold it up if any held a thread.
#[tokio::test(flavor = "current_thread")]
async fn answers_that_drip_hold_no_thread() {
    let dripping = Courier::answering(Answer::Dripping).await;
    let quick = Courier::answering(Answer::Body(b"{\"scans\": []}".to_vec())).await;
    let mut slow = tokio::task::JoinSet::new();
    let dripping = Arc::new(dripping);
    for _ in 0..20 {
        let dripping = Arc::clone(&dripping);
        slow.spawn(async move { dripping.ask().await });
    }
    assert_eq!(quick.ask().await.outcome, PollOutcome::NoDataYet);
    for report in slow.join_all().await {
        let (reason, excerpt) = unread(&report);
        assert!(reason.contains("no answer in time"), "{reason}");
        assert!(
            excerpt.contains("sca") && !excerpt.contains("s3cret"),
            "{excerpt}"
        );
    }
}

/// On the threads of a server, an answer as long as may be, with as many events as nobody reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_longest_answer_is_read_to_its_end() {
    let scan = r#"{"time": "2026-03-05T12:00:00", "code": "DEPARTED"}"#;
    let scans = vec![scan; 38_000].join(",");
    let body = format!("{{\"scans\": [{scans}]}}").into_bytes();
    assert!(body.len() > 1_900_000 && body.len() < 2 * 1024 * 1024);
    let report = Courier::answering(Answer::Body(body)).await.ask().await;
    let (reason, _) = unread(&report);
    assert!(reason.contains("read.jq"), "{reason}");
}
