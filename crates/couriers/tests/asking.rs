//! What is sent to a courier, whichever way it wants to know who is asking.

#![expect(clippy::unwrap_used, reason = "a test may fail wherever it likes")]

mod support;

use support::{Folder, acme, credentials, definition, now, query};
use waybill_couriers::{Ask, Couriers, HttpAnswer, HttpRequest, Method, TroubleKind};

const KEY: &str = "{ name = \"key\", kind = \"secret\", required = true }";
const USER: &str = "{ name = \"user\", kind = \"text\", required = true }, \
                    { name = \"pass\", kind = \"secret\", required = true }";
const CLIENT: &str = "{ name = \"client_id\", kind = \"text\", required = true }, \
                      { name = \"client_secret\", kind = \"secret\", required = true }";

fn couriers(authentication: &str, credentials: &str) -> Couriers {
    let folder = Folder {
        definition: definition(authentication, credentials, ""),
        ..Folder::default()
    };
    folder.load().unwrap()
}

fn request(couriers: &Couriers, pairs: &[(&str, &str)], token: Option<&str>) -> HttpRequest {
    match acme(couriers)
        .ask(&query("AC 1/2"), &credentials(pairs), token, None)
        .unwrap()
    {
        Ask::Request(request) => request,
        other => panic!("{other:?}"),
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found = request
        .headers
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn body(request: &HttpRequest) -> &str {
    std::str::from_utf8(request.body.as_deref().unwrap_or_default()).unwrap()
}

#[test]
fn nobody_in_particular_asks() {
    let request = request(&couriers("{ kind = \"none\" }", ""), &[], None);
    assert_eq!(request.method, Method::Get);
    assert_eq!(request.url, "https://api.acme.test/t/AC%201%2F2");
    assert!(request.headers.is_empty());
    assert_eq!(request.body, None);
}

#[test]
fn a_key_goes_into_a_header() {
    let couriers = couriers(
        "{ kind = \"header\", name = \"X-Api-Key\", credential = \"key\" }",
        KEY,
    );
    let request = request(&couriers, &[("key", "k-123")], None);
    assert_eq!(header(&request, "x-api-key"), Some("k-123"));
    assert!(
        !format!("{request:?}").contains("k-123"),
        "logs show no values"
    );
}

#[test]
fn a_key_goes_into_the_address() {
    let couriers = couriers(
        "{ kind = \"query\", name = \"apikey\", credential = \"key\" }",
        KEY,
    );
    let request = request(&couriers, &[("key", "k&1 2")], None);
    assert_eq!(
        request.url,
        "https://api.acme.test/t/AC%201%2F2?apikey=k%261%202"
    );
    assert!(
        !format!("{request:?}").contains("k%261"),
        "logs show no parameters"
    );
}

#[test]
fn a_user_has_a_password() {
    let couriers = couriers(
        "{ kind = \"basic\", username = \"user\", password = \"pass\" }",
        USER,
    );
    let request = request(
        &couriers,
        &[("user", "Aladdin"), ("pass", "open sesame")],
        None,
    );
    assert_eq!(
        header(&request, "Authorization"),
        Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
}

#[test]
fn a_token_is_bought_with_basic_authentication() {
    let authentication = "{ kind = \"oauth2_client_credentials\", token_url = \"https://auth.acme.test/token?v=1\", \
                          credentials_in = \"basic\", scope = \"track read\" }";
    let couriers = couriers(authentication, CLIENT);
    let account = credentials(&[("client_id", "me"), ("client_secret", "hush-hush")]);
    let Ok(Ask::NeedsToken(needed)) = acme(&couriers).ask(&query("AC1"), &account, None, None)
    else {
        panic!("a token is needed first");
    };
    assert_eq!(needed.request.method, Method::Post);
    assert_eq!(needed.request.url, "https://auth.acme.test/token?v=1");
    assert_eq!(
        body(&needed.request),
        "grant_type=client_credentials&scope=track%20read"
    );
    assert_eq!(
        header(&needed.request, "authorization"),
        Some("Basic bWU6aHVzaC1odXNo")
    );
    assert!(!needed.cache_key.contains("hush"), "{}", needed.cache_key);
    let other = credentials(&[("client_id", "me"), ("client_secret", "other")]);
    let Ok(Ask::NeedsToken(others)) = acme(&couriers).ask(&query("AC1"), &other, None, None) else {
        panic!("a token is needed first");
    };
    assert_ne!(needed.cache_key, others.cache_key);
    let pairs = [("client_id", "me"), ("client_secret", "hush-hush")];
    let request = request(&couriers, &pairs, Some("tok.en"));
    assert_eq!(header(&request, "authorization"), Some("Bearer tok.en"));
}

#[test]
fn a_token_is_bought_with_a_form() {
    let authentication = "{ kind = \"oauth2_client_credentials\", token_url = \"https://auth.acme.test/token\", \
                          credentials_in = \"body\" }";
    let couriers = couriers(authentication, CLIENT);
    let account = credentials(&[("client_id", "me"), ("client_secret", "a&b=c")]);
    let base = Some("http://127.0.0.1:9100/");
    let Ok(Ask::NeedsToken(needed)) = acme(&couriers).ask(&query("AC1"), &account, None, base)
    else {
        panic!("a token is needed first");
    };
    assert_eq!(needed.request.url, "http://127.0.0.1:9100/token");
    assert_eq!(
        body(&needed.request),
        "grant_type=client_credentials&client_id=me&client_secret=a%26b%3Dc"
    );
    assert_eq!(header(&needed.request, "authorization"), None);
}

#[test]
fn tokens_are_read_and_refusals_told_apart() {
    let couriers = Folder::default().load().unwrap();
    let token = |status, body: &str| {
        let answer = HttpAnswer {
            status,
            headers: &[],
            body: body.as_bytes(),
        };
        acme(&couriers).read_token(&answer)
    };
    for (expires, seconds) in [
        ("3599", 3599),
        ("\"14399\"", 14399),
        ("1e12", 86_400),
        ("null", 300),
        ("-1", 300),
        ("\"x\"", 300),
    ] {
        let good = token(
            200,
            &format!("{{\"access_token\": \"abc\", \"expires_in\": {expires}}}"),
        )
        .unwrap();
        assert_eq!(
            (good.access_token.as_str(), good.expires_in_seconds),
            ("abc", seconds),
            "{expires}"
        );
        assert!(!format!("{good:?}").contains("abc"));
    }
    let kind = |status, body| token(status, body).unwrap_err().kind;
    assert_eq!(kind(401, "{}"), TroubleKind::BadCredentials);
    assert_eq!(kind(403, "{}"), TroubleKind::BadCredentials);
    assert_eq!(
        kind(400, "{\"error\": \"invalid_client\"}"),
        TroubleKind::BadCredentials
    );
    assert_eq!(kind(429, ""), TroubleKind::RetryAfter(60));
    assert_eq!(kind(503, ""), TroubleKind::RetryLater);
    for body in [
        "",
        "<html>",
        "{}",
        "[]",
        "{\"access_token\": 5}",
        "{\"access_token\": \"a\\nb\"}",
        "{\"access_token\": \"\"}",
    ] {
        assert_eq!(kind(200, body), TroubleKind::RetryLater, "{body}");
    }
    let endless = format!("{{\"access_token\": \"{}\"}}", "x".repeat(100_000));
    assert_eq!(kind(200, &endless), TroubleKind::RetryLater);
    assert_eq!(
        kind(302, "{\"access_token\": \"abc\"}"),
        TroubleKind::RetryLater
    );
}

#[test]
fn what_is_missing_is_said_before_anything_is_asked() {
    let folder = Folder {
        definition: definition(
            "{ kind = \"basic\", username = \"user\", password = \"pass\" }",
            USER,
            "required_fields = [\"destination_postal_code\", \"tracking_ship_date\", \"origin_country_region\"]",
        ),
        ..Folder::default()
    };
    let couriers = folder.load().unwrap();
    let ask = |query: &_, pairs: &[_]| {
        acme(&couriers)
            .ask(query, &credentials(pairs), None, None)
            .unwrap()
    };
    let mut query = query("AC1");
    let full = [("user", "u"), ("pass", "p")];
    assert_eq!(
        ask(&query, &[("user", "u")]),
        Ask::MissingCredentials(vec!["pass".into()])
    );
    assert_eq!(
        ask(&query, &[("user", " "), ("pass", "p")]),
        Ask::MissingCredentials(vec!["user".into()])
    );
    let fields = [
        "destination_postal_code",
        "tracking_ship_date",
        "origin_country_region",
    ];
    assert_eq!(
        ask(&query, &full),
        Ask::MissingFields(fields.map(str::to_owned).to_vec())
    );
    query.destination_postal_code = Some("97103".into());
    query.origin_country = waybill_model::CountryCode::parse("GB");
    query.ship_date = Some("2026-03-01".parse().unwrap());
    assert!(matches!(ask(&query, &full), Ask::Request(_)));
}

#[test]
fn a_courier_without_a_connection_is_not_asked() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("acme")).unwrap();
    let definition = "slug = \"acme\"\nname = \"Acme\"\nevidence = \"guessed\"\n\
                      tracking_link = \"https://acme.test/{language}/{number}?p={postal_code}\"\n\
                      languages = [\"en\", \"fr\"]\n";
    std::fs::write(dir.path().join("acme/courier.toml"), definition).unwrap();
    let couriers = Couriers::from_folder(dir.path()).unwrap();
    let acme = acme(&couriers);
    assert!(!acme.has_connection());
    assert_eq!(
        acme.ask(&query("AC1"), &credentials(&[]), None, None),
        Ok(Ask::NoConnection)
    );
    let link = |language, postal_code| acme.tracking_link("A C/1", language, postal_code).unwrap();
    assert_eq!(
        link(Some("fr"), Some("SW1A 1AA")),
        "https://acme.test/fr/A%20C%2F1?p=SW1A%201AA"
    );
    assert_eq!(link(Some("de"), None), "https://acme.test/en/A%20C%2F1?p=");
}

#[test]
fn the_base_url_replaces_scheme_host_and_port_and_nothing_else() {
    for (url, base, expected) in [
        (
            "https://api.acme.test/a/b?c=https://x.test/#d",
            "http://127.0.0.1:9100",
            "http://127.0.0.1:9100/a/b?c=https://x.test/#d",
        ),
        (
            "https://api.acme.test:8443/a",
            "http://proxy.test/",
            "http://proxy.test/a",
        ),
        (
            "https://api.acme.test",
            "http://proxy.test",
            "http://proxy.test/",
        ),
        (
            "https://api.acme.test?a=1",
            "http://proxy.test/below",
            "http://proxy.test/below/?a=1",
        ),
    ] {
        let folder = Folder {
            request: format!("{{method: \"GET\", url: \"{url}\"}}"),
            ..Folder::default()
        };
        let couriers = folder.load().unwrap();
        match acme(&couriers).ask(&query("AC1"), &credentials(&[]), None, Some(base)) {
            Ok(Ask::Request(request)) => assert_eq!(request.url, expected),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[test]
fn programs_see_the_query_and_their_own_credentials_alone() {
    let folder = Folder {
        definition: definition("{ kind = \"none\" }", KEY, ""),
        request: "{method: \"POST\", url: \"https://api.acme.test/\", headers: {\"X-Leg\": (.query.leg | tostring)},\
                  body: {number: .query.number, to: .query.destination_country_alpha2, to3: .query.destination_country,\
                  day: .query.ship_date, at: .query.now, credentials, token}}"
            .into(),
        ..Folder::default()
    };
    let couriers = folder.load().unwrap();
    let mut query = query("AC1");
    query.leg = 1;
    query.destination_country = waybill_model::CountryCode::parse("FRA");
    query.ship_date = Some("2026-03-01".parse().unwrap());
    let account = credentials(&[("key", "k"), ("another_couriers", "not yours")]);
    let Ok(Ask::Request(request)) = acme(&couriers).ask(&query, &account, None, None) else {
        panic!("a request is made");
    };
    let sent: serde_json::Value = serde_json::from_str(body(&request)).unwrap();
    let expected = serde_json::json!({"number": "AC1", "to": "FR", "to3": "FRA", "day": "2026-03-01",
        "at": now().to_string(), "credentials": {"key": "k"}, "token": null});
    assert_eq!(sent, expected);
    assert_eq!(header(&request, "x-leg"), Some("1"));
}

#[test]
fn what_cannot_be_sent_is_an_error_without_secrets() {
    for (request, reason) in [
        ("{}", "missing field"),
        ("{method: \"DELETE\", url: \"https://a.test/\"}", "DELETE"),
        ("{method: \"GET\", url: 5}", "invalid type"),
        (
            "{method: \"GET\", url: \"https://a.test/\", proxy: 1}",
            "unknown field `proxy`",
        ),
        (
            "{method: \"GET\", url: \"https://a.test/a b\"}",
            "percent-encoded",
        ),
        (
            "{method: \"GET\", url: \"https://a.test/é\"}",
            "percent-encoded",
        ),
        (
            "{method: \"GET\", url: \"file:///etc/passwd\"}",
            "scheme `file`",
        ),
        ("{method: \"GET\", url: \"a.test\"}", "no scheme"),
        ("{method: \"GET\", url: \"https://\"}", "no host"),
        (
            "{method: \"GET\", url: \"https://user@a.test/\"}",
            "user in front",
        ),
        (
            "{method: \"GET\", url: \"https://a.test/\", headers: {\"X\": \"a\\r\\nY: b\"}}",
            "cannot be sent",
        ),
        (
            "{method: \"GET\", url: \"https://a.test/\", headers: {\"X Y\": \"a\"}}",
            "no name of a header",
        ),
        (
            "{method: \"GET\", url: \"https://a.test/\", headers: {a: \"1\", A: \"2\"}}",
            "twice",
        ),
        (
            "{method: \"GET\", url: \"https://a.test/\", headers: {a: 1}}",
            "invalid type",
        ),
        (".credentials.key | error", "request.jq: \"…\""),
        (".credentials | map_values(. * 1)", "request.jq"),
        (
            "[range(288)] | map(\"x\") | add | error(. + \"k-123456\")",
            "xxx…",
        ),
        (".credentials | .key.deeper", "request.jq"),
        ("empty", "no output"),
        (
            "{method: \"GET\", url: (\"https://a.test/\", \"https://b.test/\")}",
            "more than one",
        ),
        (
            "{method: \"POST\", url: \"https://a.test/\", body: ([range(40000)] | map(\"12345678\") | add)}",
            "body is longer",
        ),
        ("[range(100000000)]", "too many steps"),
    ] {
        let folder = Folder {
            definition: definition("{ kind = \"none\" }", KEY, ""),
            request: request.into(),
            ..Folder::default()
        };
        let couriers = folder.load().unwrap();
        let account = credentials(&[("key", "k-123456")]);
        let error = acme(&couriers)
            .ask(&query("AC1"), &account, None, None)
            .unwrap_err();
        assert!(error.to_string().contains(reason), "{request}: {error}");
        assert!(!error.to_string().contains("k-123456"), "{error}");
    }
}

#[test]
fn ups_is_asked_as_it_wants_to_be() {
    let couriers = Couriers::embedded().unwrap();
    let ups = couriers.get("ups").unwrap();
    let account = credentials(&[("client_id", "id"), ("client_secret", "secret")]);
    let number = query("1Z4W7X200312345673");
    assert_eq!(
        ups.ask(&number, &credentials(&[]), None, None),
        Ok(Ask::MissingCredentials(vec![
            "client_id".into(),
            "client_secret".into()
        ]))
    );
    let base = Some("http://127.0.0.1:9100");
    let Ok(Ask::NeedsToken(needed)) = ups.ask(&number, &account, None, base) else {
        panic!("a token is needed first");
    };
    assert_eq!(
        needed.request.url,
        "http://127.0.0.1:9100/security/v1/oauth/token"
    );
    let Ok(Ask::Request(request)) = ups.ask(&number, &account, Some("tok"), None) else {
        panic!("a request is made");
    };
    assert_eq!(
        request.url,
        "https://onlinetools.ups.com/api/track/v1/details/1Z4W7X200312345673\
         ?locale=en_US&returnSignature=false&returnMilestones=false&returnPOD=false"
    );
    assert_eq!(
        header(&request, "transId"),
        Some("1Z4W7X20031234567320260305T12000")
    );
    assert_eq!(header(&request, "transactionSrc"), Some("waybill"));
    assert_eq!(header(&request, "Authorization"), Some("Bearer tok"));
}
