//! Whatever comes back, a reading ends soon and says what was wrong.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

mod support;

use proptest::prelude::*;
use support::{Folder, acme, now, query, read};
use waybill_couriers::{Couriers, HttpAnswer, Outcome, TroubleKind};

fn unreadable(outcome: Outcome) -> (String, String) {
    match outcome {
        Outcome::CouldNotRead { reason, excerpt } => (reason, excerpt),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_status_alone_says_what_to_do() {
    let couriers = Folder::default().load().unwrap();
    let kind = |status, headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let answer = HttpAnswer {
            status,
            headers: &headers,
            body: b"<html>sorry</html>",
        };
        match acme(&couriers).read(&query("AC1"), &answer) {
            Outcome::CouldNotAsk(trouble) => trouble.kind,
            other => panic!("{other:?}"),
        }
    };
    let (later, after) = (TroubleKind::RetryLater, TroubleKind::RetryAfter);
    assert_eq!(kind(429, &[]), after(60));
    assert_eq!(kind(429, &[("RETRY-AFTER", "17")]), after(17));
    assert_eq!(kind(429, &[("Retry-After", "0")]), after(1));
    assert_eq!(kind(429, &[("Retry-After", "99999999999")]), after(86_400));
    assert_eq!(
        kind(429, &[("Retry-After", "Thu, 05 Mar 2026 12:01:30 GMT")]),
        after(90)
    );
    assert_eq!(
        kind(429, &[("Retry-After", "Thu, 05 Mar 2020 12:01:30 GMT")]),
        after(1)
    );
    assert_eq!(kind(429, &[("Retry-After", "soon")]), after(60));
    assert_eq!(kind(500, &[]), later);
    assert_eq!(kind(503, &[("Retry-After", "30")]), after(30));
    assert_eq!(kind(599, &[]), later);
    assert_eq!(kind(401, &[]), TroubleKind::BadCredentials);
    assert_eq!(kind(403, &[]), TroubleKind::BadCredentials);
}

#[test]
fn every_other_status_goes_to_the_program() {
    let folder = Folder {
        read: "{unknown: \"\\(.status) \\(.headers[\"x-why\"]) \\(.body | tojson) \\(.query.number)\"}".into(),
        ..Folder::default()
    };
    let couriers = folder.load().unwrap();
    let headers = [("X-Why".to_owned(), "gone".to_owned())];
    for (status, body, seen) in [
        (404, "{\"a\":1}", "404 gone {\"a\":1} AC1"),
        (400, "<e><c>7</c></e>", "400 gone {\"e\":{\"c\":\"7\"}} AC1"),
        (204, "", "204 gone null AC1"),
        (301, "\u{feff} [] ", "301 gone [] AC1"),
    ] {
        let answer = HttpAnswer {
            status,
            headers: &headers,
            body: body.as_bytes(),
        };
        let outcome = acme(&couriers).read(&query("AC1"), &answer);
        assert_eq!(
            outcome,
            Outcome::UnknownToCourier {
                reason: seen.into()
            }
        );
    }
}

#[test]
fn answers_that_are_none_are_refused_before_a_program_sees_them() {
    let couriers = Folder {
        read: "{unknown: \"seen\"}".into(),
        ..Folder::default()
    }
    .load()
    .unwrap();
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n)).into_bytes();
    let large = format!("\"{}\"", "x".repeat(3 * 1024 * 1024)).into_bytes();
    let bomb = b"<!DOCTYPE l [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><l>&b;</l>".to_vec();
    for (body, reason) in [
        (deep(65), "nested more than 64"),
        (deep(100_000), "no JSON"),
        ("<a>".repeat(100_000).into_bytes(), "nested more than 64"),
        (large, "longer than"),
        (
            b"<!DOCTYPE html><html><body>Please wait</body></html>".to_vec(),
            "web page",
        ),
        (b"\n<HTML><body>Please wait".to_vec(), "web page"),
        (b"{\"a\": \"\xff\xfe\"}".to_vec(), "no JSON"),
        (b"<a>\xff\xfe</a>".to_vec(), "not UTF-8"),
        (bomb, "document type"),
        (b"<a>&lol;</a>".to_vec(), "entity `lol`"),
        (b"{\"scans\": [".to_vec(), "no JSON"),
        (b"plain text".to_vec(), "no JSON"),
        (b"{} {}".to_vec(), "no JSON"),
        (b"1e400".to_vec(), "no JSON"),
    ] {
        let (told, excerpt) = unreadable(read(acme(&couriers), 200, &body));
        assert!(told.contains(reason), "{told}");
        assert!(excerpt.chars().count() <= 500);
    }
    let seen = Outcome::UnknownToCourier {
        reason: "seen".into(),
    };
    assert_eq!(read(acme(&couriers), 200, &deep(64)), seen);
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
    assert_eq!(read(acme(&couriers), 200, latin), seen);
    // Endless digits are read as a float, in no time.
    assert_eq!(read(acme(&couriers), 200, "7".repeat(300).as_bytes()), seen);
}

#[test]
fn an_excerpt_keeps_secrets_and_control_characters_to_itself() {
    let couriers = Folder {
        read: "error(\"no\")".into(),
        ..Folder::default()
    }
    .load()
    .unwrap();
    let body = "{\"access_token\": \"aaa111\", \"note\":\"Bearer bbb222\", \"client_secret\":\"ccc333\",\n\u{0}\
                \"password\":\"ddd444\", \"town\":\"Gent\", \"apikey\": 555}";
    // A NUL inside JSON makes it no JSON at all; the excerpt is made all the same.
    let (_, excerpt) = unreadable(read(acme(&couriers), 200, body.as_bytes()));
    for secret in ["aaa111", "bbb222", "ccc333", "ddd444", "555"] {
        assert!(!excerpt.contains(secret), "{excerpt}");
    }
    assert!(excerpt.contains("Gent"), "{excerpt}");
    assert!(!excerpt.contains(char::is_control));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of faults")]
fn programs_that_put_out_something_else_are_told_so() {
    let scan = |fields: &str| {
        format!("{{shipments: [{{checkpoints: [{{time: \"2026-03-05\", {fields}}}]}}]}}")
    };
    let ship = |fields: &str| format!("{{shipments: [{{checkpoints: [], {fields}}}]}}");
    for (program, reason) in [
        ("{}".to_owned(), "exactly one of"),
        (
            "{unknown: \"a\", no_data_yet: \"b\"}".into(),
            "exactly one of",
        ),
        ("{unknown: 5}".into(), "invalid type"),
        ("[]".into(), "expected"),
        ("\"text\"".into(), "invalid type"),
        ("null".into(), "invalid type"),
        ("{surprise: 1}".into(), "unknown field `surprise`"),
        ("{trouble: {kind: \"tired\", reason: \"\"}}".into(), "tired"),
        (
            "{trouble: {kind: \"retry_after\", reason: \"\"}}".into(),
            "needs seconds",
        ),
        (
            "{trouble: {kind: \"refused\", seconds: 4, reason: \"\"}}".into(),
            "only retry_after",
        ),
        (
            "{no_data_yet: \"\", next_check_at: \"soon\"}".into(),
            "next_check_at",
        ),
        ("{shipments: {}}".into(), "invalid type"),
        ("{shipments: []}".into(), "no shipment"),
        (
            "{shipments: [{checkpoints: []}, {checkpoints: []}]}".into(),
            "no shipment",
        ),
        (
            "{shipments: [{number: \"AC99\", checkpoints: []}]}".into(),
            "no shipment",
        ),
        ("{shipments: [{}]}".into(), "missing field `checkpoints`"),
        (
            "{shipments: [{checkpoints: [{}]}]}".into(),
            "missing field `time`",
        ),
        (
            "{shipments: [{checkpoints: [{time: \"yesterday\"}]}]}".into(),
            "checkpoints[0].time: is not a date",
        ),
        (
            "{shipments: [{checkpoints: [{time: 5}]}]}".into(),
            "invalid type",
        ),
        (
            "{shipments: [{checkpoints: [{time: \"2026-03-05T10:00:00\", zone: \"CET\"}]}]}".into(),
            "zone: is not an offset",
        ),
        (scan("message: 5"), "invalid type"),
        (scan("colour: \"red\""), "unknown field `colour`"),
        (
            scan("sub_status: \"InTransit_999\""),
            "sub_status: `InTransit_999`",
        ),
        (
            scan("sub_status: \"Pending_001\""),
            "a checkpoint cannot be",
        ),
        (scan("events: [\"No Such\"]"), "no event code"),
        (
            scan("coordinate: {latitude: 91, longitude: 0}"),
            "not on this planet",
        ),
        (scan("codes: [[\"one\"]]"), "invalid length"),
        (
            ship("weight: {unit: \"kg\", value: \"heavy\"}"),
            "weight.value: is not a decimal",
        ),
        (
            ship("weight: {unit: \"kg\", value: -1}"),
            "weight.value: is not a decimal",
        ),
        (ship("package_count: 1.5"), "floating point `1.5`"),
        (ship("package_count: -1"), "invalid value"),
        (
            ship("redirect_link: \"javascript:alert(1)\""),
            "redirect_link: is not a web address",
        ),
        (ship("pieces: [{number: \"1\", kind: \"aunt\"}]"), "aunt"),
        (
            "{shipments: [{checkpoints: [range(2001) | {time: \"2026-03-05\"}]}]}".into(),
            "more than 2000 checkpoints",
        ),
        ("empty".into(), "no output"),
        (
            "{unknown: \"a\"}, {unknown: \"b\"}".into(),
            "more than one output",
        ),
        (".body.a.b.c | error".into(), "read.jq: "),
        ("[range(100000000)]".into(), "too many steps"),
        (
            "reduce range(60) as $i (\"x\"; . + .)".into(),
            "too many steps",
        ),
    ] {
        let folder = Folder {
            read: program.clone(),
            ..Folder::default()
        };
        let (told, excerpt) = unreadable(folder.read(200, b"{\"a\": \"town\"}"));
        assert!(told.contains(reason), "{program}: {told}");
        assert!(excerpt.contains("town"));
    }
}

#[test]
fn a_reading_is_cleaned_and_classified() {
    let folder = Folder {
        read: "{shipments: [{number: \"AC99\", checkpoints: []}, {number: \"AC12345\", checkpoints: .body,\
               weight: {unit: \"kg\", value: 1.5}, estimated_delivery: {date: null}, complete: null} | del(.complete)],\
               complete: false, next_check_at: \"2026-03-05T13:00:00Z\"}"
            .into(),
        statuses: "field,code,sub_status,events\ncode,D,Delivered_001,\nkind,7,InTransit_003,rerouted\n".into(),
        ..Folder::default()
    };
    let body = r#"[
        {"time": "2026-03-05T10:00:00", "zone": "-05:00", "code": "D", "message": " Left\u0000 at door ", "country": "us"},
        {"time": "2026-03-05 09:00", "code": "??", "message": "New", "country": "Freedonia", "city": "  "},
        {"time": "2026-03-05", "codes": [["code", "x"], ["kind", "7"]], "events": ["misrouted", {"code": "rerouted", "reason": null}]},
        {"time": "2026-03-04T10:00:00+01:00", "zone": "-05:00", "code": "D", "sub_status": "Exception_012"}
    ]"#;
    let Outcome::Reading(reading) = folder.read(200, body.as_bytes()) else {
        panic!("it is a reading")
    };
    assert!(!reading.complete);
    assert_eq!(
        reading.next_check_at.unwrap().to_string(),
        "2026-03-05T13:00:00Z"
    );
    assert_eq!(reading.weight.unwrap().value, "1.5");
    assert_eq!(reading.estimated_delivery, None);
    let told: Vec<_> = reading
        .checkpoints
        .iter()
        .map(|it| {
            (
                it.time.to_string(),
                it.sub_status.code(),
                it.classified,
                it.code.as_deref(),
                it.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "2026-03-05T10:00:00-05:00".to_owned(),
                "Delivered_001",
                true,
                Some("D"),
                "Left  at door"
            ),
            (
                "2026-03-05T09:00:00".to_owned(),
                "InTransit_001",
                false,
                Some("??"),
                "New"
            ),
            (
                "2026-03-05".to_owned(),
                "InTransit_003",
                true,
                Some("x"),
                ""
            ),
            (
                "2026-03-04T10:00:00+01:00".to_owned(),
                "Exception_012",
                true,
                Some("D"),
                ""
            ),
        ]
    );
    assert_eq!(reading.checkpoints[0].country.unwrap().as_str(), "USA");
    assert_eq!(
        (reading.checkpoints[1].country, &reading.checkpoints[1].city),
        (None, &None)
    );
    let events: Vec<_> = reading.checkpoints[2]
        .events
        .iter()
        .map(|it| it.code.as_str())
        .collect();
    assert_eq!(events, ["rerouted", "misrouted"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any bytes, and any JSON in place of a part of a real answer, are read without a panic.
    #[test]
    fn ups_reads_anything(bytes in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600, at in 0_usize..4, junk in "[\\[\\]{}0-9a-z\",:]{0,12}") {
        let couriers = shipped();
        let ups = couriers.get("ups").unwrap();
        let headers = [];
        let _ = ups.read(&query("1Z4W7X200312345673"), &HttpAnswer { status, headers: &headers, body: &bytes });
        let places = ["\"activity\": [", "\"date\": \"20260305\"", "\"status\": {", "\"package\": ["];
        let answer = include_str!("../../../couriers/ups/samples/delivered.json");
        let bent = answer.replacen(places[at], &format!("\"x\": {junk}, {}", places[at]), 1);
        let _ = read(ups, 200, bent.as_bytes());
    }
}

#[test]
fn wrong_types_in_a_known_answer_are_never_a_panic() {
    let couriers = shipped();
    let ups = couriers.get("ups").unwrap();
    let answer = include_str!("../../../couriers/ups/samples/delivered.json");
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let mut paths = Vec::new();
    collect(&answer, String::new(), &mut paths);
    assert!(paths.len() > 100);
    for path in paths {
        for wrong in [
            serde_json::json!(null),
            serde_json::json!(7),
            serde_json::json!([[]]),
            serde_json::json!({"a": "b"}),
            serde_json::json!(""),
        ] {
            let mut bent = answer.clone();
            *bent.pointer_mut(&path).unwrap() = wrong;
            let outcome = read(ups, 200, bent.to_string().as_bytes());
            let worded = serde_json::to_string(&outcome).unwrap();
            assert!(!worded.contains("too many steps"), "{path}");
        }
    }
    assert!(now() > jiff::Timestamp::UNIX_EPOCH);
}

fn collect(value: &serde_json::Value, path: String, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                collect(value, format!("{path}/{name}"), paths);
            }
        }
        serde_json::Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                collect(value, format!("{path}/{at}"), paths);
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        paths.push(path);
    }
}

fn shipped() -> &'static Couriers {
    static SHIPPED: std::sync::OnceLock<Couriers> = std::sync::OnceLock::new();
    SHIPPED.get_or_init(|| Couriers::embedded().unwrap())
}
