//! Couriers that want a login, a signature or several numbers at once, and those that push.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

use std::{fs, path::Path};

use jiff::Timestamp;
use waybill_couriers::{
    Ask, Courier, Couriers, Credentials, HttpAnswer, HttpRequest, Outcome, PushFault, Query,
    TroubleKind,
};

const TOP: &str = "slug = \"acme\"\nname = \"Acme\"\nevidence = \"guessed\"\n";
const LIMITS: &str = "requests_per_second = 1.0\nconcurrency = 1\ntimeout_seconds = 5\n";
const READ: &str = "{shipments: .body.parcels}";

fn courier(toml: &str, files: &[(&str, &str)]) -> Result<Couriers, String> {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join("acme").join(name), text);
    fs::create_dir(dir.path().join("acme")).unwrap();
    write(
        "courier.toml",
        &format!("{TOP}[connection]\n{LIMITS}{toml}"),
    )
    .unwrap();
    write("read.jq", READ).unwrap();
    write(
        "statuses.csv",
        "field,code,sub_status,events\ncode,D,Delivered_001,\n",
    )
    .unwrap();
    let request = "{method: \"GET\", url: \"https://acme.test/\\(.query.numbers | join(\",\"))\", \
                    headers: (if .token then {\"x-token\": .token} else {} end)}";
    write("request.jq", request).unwrap();
    for (name, text) in files {
        write(name, text).unwrap();
    }
    Couriers::from_folder(Path::new(dir.path())).map_err(|error| error.to_string())
}

fn acme(couriers: &Couriers) -> &Courier {
    couriers.get("acme").unwrap()
}

fn query(number: &str) -> Query {
    let now: Timestamp = "2026-03-05T12:00:00Z".parse().unwrap();
    Query::new(number, now, now)
}

fn account() -> Credentials {
    let pairs = [("user", "me"), ("secret", "hush hush")];
    pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).into()
}

fn answer<'a>(headers: &'a [(String, String)], body: &'a str) -> HttpAnswer<'a> {
    HttpAnswer {
        status: 200,
        headers,
        body: body.as_bytes(),
    }
}

fn text(request: &HttpRequest) -> &str {
    std::str::from_utf8(request.body.as_deref().unwrap_or_default()).unwrap()
}

const ACCOUNT: &str = "credentials = [{ name = \"user\", kind = \"text\", required = true }, \
                       { name = \"secret\", kind = \"secret\", required = true }]\n";

#[test]
fn a_login_buys_a_token_in_the_couriers_own_words() {
    let toml = format!("authentication = {{ kind = \"login\" }}\n{ACCOUNT}");
    let files = [
        (
            "token_request.jq",
            "{method: \"POST\", url: \"https://acme.test/login\", body: (.credentials + {at: .now_ms} | form)}",
        ),
        (
            "token_read.jq",
            "if .body.fault then {refused: .body.fault} else {token: .body.login.key, expires_in: 3600} end",
        ),
    ];
    let couriers = courier(&toml, &files).unwrap();
    let acme = acme(&couriers);
    let Ask::NeedsToken(needed) = acme.ask(&query("A1"), &account(), None, None).unwrap() else {
        panic!("a token is needed first");
    };
    assert_eq!(needed.request.url, "https://acme.test/login");
    assert_eq!(
        text(&needed.request),
        "secret=hush%20hush&user=me&at=1772712000000"
    );
    let token = acme
        .read_token(&answer(&[], "<login><key>abc</key></login>"))
        .unwrap();
    assert_eq!(
        (token.access_token.as_str(), token.expires_in_seconds),
        ("abc", 3600)
    );
    let refused = acme
        .read_token(&answer(&[], "{\"fault\": \"no\"}"))
        .unwrap_err();
    assert_eq!(refused.kind, TroubleKind::BadCredentials);
    let unreadable = acme.read_token(&answer(&[], "{}")).unwrap_err();
    assert_eq!(unreadable.kind, TroubleKind::RetryLater);
    let Ask::Request(request) = acme
        .ask(&query("A1"), &account(), Some("abc"), None)
        .unwrap()
    else {
        panic!("with a token it is asked");
    };
    assert_eq!(request.headers, [("x-token".to_owned(), "abc".to_owned())]);
}

#[test]
fn a_request_is_signed_by_its_program() {
    let toml = format!("authentication = {{ kind = \"none\" }}\n{ACCOUNT}");
    let request = r#"
        .credentials as $account
        | "abc" as $body
        | {
            method: "POST",
            url: "https://acme.test/",
            body: $body,
            headers: {
              md5: ($body | hash("md5"; "hex")),
              digest: ($body | hash("md5"; "base64")),
              sha256: ($body | hash("sha256"; "hex")),
              hmac: ("what do ya want for nothing?" | hmac("sha256"; "Jefe"; "hex")),
            }
          }"#;
    let couriers = courier(&toml, &[("request.jq", request)]).unwrap();
    let Ask::Request(request) = acme(&couriers)
        .ask(&query("A1"), &account(), None, None)
        .unwrap()
    else {
        panic!("it is asked");
    };
    // RFC 1321 appendix A.5, FIPS 180-4, RFC 4231 §4.3.
    for (name, value) in [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("digest", "kAFQmDzST7DWlj99KOF/cg=="),
        (
            "sha256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "hmac",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ] {
        assert!(
            request
                .headers
                .contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
}

#[test]
fn a_batch_has_an_outcome_for_each_number() {
    let couriers = courier("authentication = { kind = \"none\" }\nbatch = 10\n", &[]).unwrap();
    let acme = acme(&couriers);
    let queries = ["A1", "B2", "C3", "D4"].map(query);
    let Ask::Request(request) = acme
        .ask_batch(&queries, &Credentials::new(), None, None)
        .unwrap()
    else {
        panic!("it is asked");
    };
    assert_eq!(request.url, "https://acme.test/A1,B2,C3,D4");
    let body = r#"{"parcels": [
        {"number": "b-2", "checkpoints": [{"time": "2026-03-05", "code": "D"}]},
        {"number": "A1", "unknown": "never heard of it"},
        {"number": "C3", "checkpoints": [{"time": "tomorrow"}]}
    ]}"#;
    let outcomes = acme.read_batch(&queries, &answer(&[], body));
    assert!(
        matches!(&outcomes[0], Outcome::UnknownToCourier { reason } if reason == "never heard of it")
    );
    assert!(matches!(&outcomes[1], Outcome::Reading(reading) if reading.checkpoints.len() == 1));
    assert!(
        matches!(&outcomes[2], Outcome::CouldNotRead { reason, .. } if reason.contains("checkpoints[0].time"))
    );
    assert!(
        matches!(&outcomes[3], Outcome::CouldNotRead { reason, .. } if reason.contains("no shipment"))
    );
    let busy = HttpAnswer {
        status: 429,
        headers: &[],
        body: b"",
    };
    assert!(
        acme.read_batch(&queries, &busy)
            .iter()
            .all(|it| matches!(it, Outcome::CouldNotAsk(_)))
    );
}

#[test]
fn a_shipment_without_a_number_is_nobodys_in_a_batch() {
    let couriers = courier("authentication = { kind = \"none\" }\nbatch = 10\n", &[]).unwrap();
    let body = r#"{"parcels": [{"checkpoints": [{"time": "2026-03-05", "code": "D"}]}]}"#;
    let read = |numbers: &[&str]| {
        let queries: Vec<Query> = numbers.iter().map(|number| query(number)).collect();
        acme(&couriers).read_batch(&queries, &answer(&[], body))
    };
    let is_read = |outcome: &Outcome| matches!(outcome, Outcome::Reading(_));
    // Two trackings that follow one number are one question.
    assert!(read(&["A1", "A1"]).iter().all(is_read));
    assert!(!read(&["A1", "B2"]).iter().any(is_read));
}

#[test]
fn questions_go_together_unless_a_program_looks_at_what_differs() {
    let request = "{method: \"GET\", url: \"https://acme.test/\\(.query.numbers | join(\",\"))?l=\\(.query.language)\"}";
    let toml = "authentication = { kind = \"none\" }\nbatch = 10\n";
    let couriers = courier(toml, &[("request.jq", request)]).unwrap();
    let key = |language: &str, postal_code: &str| {
        acme(&couriers).batch_key(&Query {
            language: Some(language.to_owned()),
            destination_postal_code: Some(postal_code.to_owned()),
            ..query("A1")
        })
    };
    assert_eq!(key("en", "12345"), key("en", "54321"));
    assert_ne!(key("en", "12345"), key("de", "12345"));
}

#[test]
fn a_status_that_refuses_elsewhere_is_read_where_the_folder_says_so() {
    let toml = "authentication = { kind = \"none\" }\nreadable_statuses = [500]\n";
    let read = "{unknown: .body.Envelope.Body.Fault.faultstring}";
    let couriers = courier(toml, &[("read.jq", read)]).unwrap();
    let body = b"<e:Envelope><e:Body><e:Fault><faultstring>no such parcel</faultstring></e:Fault></e:Body></e:Envelope>";
    let outcome = |status| {
        let answer = HttpAnswer {
            status,
            headers: &[],
            body,
        };
        acme(&couriers).read(&query("A1"), &answer)
    };
    assert_eq!(
        outcome(500),
        Outcome::UnknownToCourier {
            reason: "no such parcel".into()
        }
    );
    assert!(matches!(outcome(503), Outcome::CouldNotAsk(_)));
}

#[test]
fn a_message_of_the_couriers_is_taken_if_its_signature_is_right() {
    let push = "[push]\nsignature = { kind = \"hmac\", header = \"X-Hmac\", prefix = \"sha256=\", \
                algorithm = \"sha256\", encoding = \"hex\", credential = \"secret\" }\n";
    let toml = format!("authentication = {{ kind = \"none\" }}\n{ACCOUNT}{push}");
    let program =
        "if .body.test then {no_data_yet: \"a test\"} else {shipments: .body.parcels} end";
    let couriers = courier(&toml, &[("push.jq", program)]).unwrap();
    let acme = acme(&couriers);
    let key = Credentials::from([("secret".to_owned(), "Jefe".to_owned())]);
    let body =
        r#"{"parcels": [{"number": "A1", "checkpoints": [{"time": "2026-03-05", "code": "D"}]}]}"#;
    let signed = |signature: &str| [("x-hmac".to_owned(), signature.to_owned())];
    let other = "sha256=e9e4cbbc27a5a0ab51b9c8bb8d48d8c5ffbd6d10dc2e8a2f7e8c5ed4aa6ff2de";
    let expected = {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(body.as_bytes());
        let digest = mac.finalize().into_bytes();
        digest.iter().fold("sha256=".to_owned(), |text, byte| {
            format!("{text}{byte:02x}")
        })
    };
    let told = acme
        .read_push(&answer(&signed(&expected), body), &key)
        .unwrap();
    assert_eq!(told[0].number.as_deref(), Some("A1"));
    assert!(
        matches!(&told[0].outcome, Outcome::Reading(reading) if reading.checkpoints.len() == 1)
    );
    for forged in [other, "", "sha256="] {
        assert_eq!(
            acme.read_push(&answer(&signed(forged), body), &key),
            Err(PushFault::Forged)
        );
    }
    assert_eq!(
        acme.read_push(&answer(&[], body), &key),
        Err(PushFault::Forged)
    );
    let missing = acme.read_push(&answer(&signed(&expected), body), &Credentials::new());
    assert_eq!(missing, Err(PushFault::MissingCredential("secret".into())));
}

#[test]
fn fields_of_a_message_may_be_what_is_signed() {
    let push = "[push]\nsignature = { kind = \"hmac\", header = \"X-HMAC\", algorithm = \"sha256\", \
                encoding = \"base64\", fields = [\"timestamp\", \"payload\"], credential = \"secret\" }\n";
    let toml = format!("authentication = {{ kind = \"none\" }}\n{ACCOUNT}{push}");
    let program = ".body.payload | fromjson | {shipments: [.]}";
    let couriers = courier(&toml, &[("push.jq", program)]).unwrap();
    let key = Credentials::from([("secret".to_owned(), "Jefe".to_owned())]);
    let payload = r#"{"number": "A1", "checkpoints": []}"#;
    let message = |timestamp: &str| {
        serde_json::json!({"timestamp": timestamp, "payload": payload, "links": []}).to_string()
    };
    let signature = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"2026-03-05T12:00:00Z");
        mac.update(payload.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    };
    let signed = [("x-hmac".to_owned(), signature)];
    let read = |body: &str| acme(&couriers).read_push(&answer(&signed, body), &key);
    let told = read(&message("2026-03-05T12:00:00Z")).unwrap();
    assert_eq!(told[0].number.as_deref(), Some("A1"));
    for forged in [
        message("2026-03-05T12:00:01Z").as_str(),
        r#"{"payload": "{}"}"#,
        r#"{"timestamp": 5, "payload": "{}"}"#,
        "no JSON",
    ] {
        assert_eq!(read(forged), Err(PushFault::Forged), "{forged}");
    }
}

#[test]
fn a_message_may_be_a_form_and_is_never_trusted() {
    let toml = "authentication = { kind = \"none\" }\n[push]\nsignature = { kind = \"none\" }\n";
    let program = "if .body.ping then {no_data_yet: \"\"} else .body.content | fromjson end";
    let couriers = courier(toml, &[("push.jq", program)]).unwrap();
    let form = [(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let read = |body: &str| acme(&couriers).read_push(&answer(&form, body), &Credentials::new());
    assert_eq!(read("ping=1").unwrap(), []);
    let told = read("content=%7B%22shipments%22%3A+%5B%7B%22number%22%3A+%22A1%22%2C+%22unknown%22%3A+%22x%22%7D%5D%7D").unwrap();
    assert_eq!(told[0].number.as_deref(), Some("A1"));
    for body in [
        "content=%7",
        "content=%zz",
        "content=[1",
        "a=b",
        "content=%ff",
    ] {
        assert!(
            matches!(read(body), Err(PushFault::Unreadable(_))),
            "{body}"
        );
    }
}

#[test]
fn programs_and_their_sections_go_together() {
    let faults = [
        (
            "authentication = { kind = \"login\" }\n",
            vec![],
            "token_request.jq: is missing",
        ),
        (
            "authentication = { kind = \"none\" }\n",
            vec![("token_read.jq", ".")],
            "token_read.jq: is there, but courier.toml has no authentication of the kind `login`",
        ),
        (
            "authentication = { kind = \"none\" }\n",
            vec![("push.jq", ".")],
            "push.jq: is there, but courier.toml has no [push]",
        ),
        (
            "authentication = { kind = \"none\" }\n[push]\nsignature = { kind = \"secret\", header = \"x\", credential = \"k\" }\n",
            vec![("push.jq", ".")],
            "push.signature: needs a credential `k`",
        ),
    ];
    for (toml, files, fault) in faults {
        let error = courier(toml, &files).unwrap_err();
        assert!(error.contains(fault), "{error}");
    }
}
