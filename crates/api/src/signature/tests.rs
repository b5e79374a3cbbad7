use ring::hmac;

use super::*;

const DATE: &str = "Thu, 15 Jan 2026 10:30:00 GMT";

fn signed<'a>(
    method: &'a str,
    target: &'a str,
    headers: &'a HeaderMap,
    body: &'a str,
) -> Signed<'a> {
    Signed {
        method,
        target,
        headers,
        body: body.as_bytes(),
        lenient: false,
    }
}

fn headers(key: &str, date: &str, others: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [("as-api-key", key), ("date", date)].iter().chain(others) {
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

/// Whether one of the texts has this signature under the secret.
fn is_signed(request: &Signed<'_>, secret: &str, signature: &str) -> bool {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = STANDARD.decode(signature).unwrap();
    request
        .texts()
        .iter()
        .any(|text| hmac::verify(&key, text.as_bytes(), &signature).is_ok())
}

#[test]
fn the_published_signatures_hold() {
    let sorted = "/tracking/2026-07/trackings?created_at_min=2026-01-01T00%3A00%3A00%2B00%3A00&keyword=two%20words%2B%C3%A9&limit=5&slug=usps%2Cfedex";
    let declared = "/tracking/2026-07/trackings?slug=usps%2Cfedex&limit=5&keyword=two%20words%2B%C3%A9&created_at_min=2026-01-01T00%3A00%3A00%2B00%3A00";
    let node_body = r#"{"tracking_number":"RB123456785GB","slug":"royal-mail"}"#;
    let python_body = r#"{"tracking_number": "RB123456785GB", "slug": "royal-mail"}"#;
    let (one, list) = (
        "/tracking/2026-07/trackings/abc",
        "/tracking/2026-07/trackings",
    );
    let retrack = "/tracking/2026-07/trackings/abc/retrack";
    let (json, store) = (
        ("content-type", "application/json"),
        ("as-store-id", " store 1 "),
    );
    let table = [
        (
            "GET",
            sorted,
            "",
            vec![json],
            "wi88jIiKp9iZ6uiXIWmO+Xs5zpk2GUxfHefbrwi/wmQ=",
        ),
        (
            "GET",
            one,
            "",
            vec![store],
            "1YAVWJJ7/q+0K+o4kqm9i4Sfsev7mx2zZ46nnShQE9U=",
        ),
        (
            "GET",
            one,
            "",
            vec![store],
            "khmr0C2FfnujATYVbXpsvYr5WiGrt9SijT19OwxtANc=",
        ),
        (
            "POST",
            list,
            node_body,
            vec![json],
            "Bxlcbex063ctAMwn6a/Ikn4X0fG7nbo6Nr/IJ5JKI6U=",
        ),
        (
            "POST",
            list,
            python_body,
            vec![json],
            "5+65bilMYZVHvoD+z0ghTpsLY1Fhkb43itLgXg5aM94=",
        ),
        (
            "POST",
            retrack,
            "",
            vec![json],
            "s2C6sV0cvWoVHYzAvrHKiqm9aMJ4fyFKO4QH4P12JDs=",
        ),
        (
            "GET",
            declared,
            "",
            vec![],
            "AAOMmg34/ISF2hubqH4fUUHe9jjrUcbVzz76rxlwpPE=",
        ),
        (
            "GET",
            declared,
            "",
            vec![],
            "hbkOvySKIzqVw2ToDe6gajZrbucnxsEWHcC9By5duBs=",
        ),
        (
            "GET",
            declared,
            "",
            vec![],
            "V3DTvV5tU2HrKp0sqXdnXt++RnK4SvezoaegoB0F+k4=",
        ),
    ];
    for (method, target, body, others, signature) in table {
        let headers = headers("test-key", DATE, &others);
        let request = signed(method, target, &headers, body);
        assert!(is_signed(&request, "test-secret", signature), "{signature}");
        assert!(!is_signed(&request, "test-secreT", signature));
    }
}

#[test]
fn the_documented_examples_hold() {
    let date = "Thu, 15 Jan 2026 09:30:00 GMT";
    let headers = headers("demo_key_0001", date, &[]);
    let body = r#"{"tracking_number":"1Z999AA10123456784","slug":"ups"}"#;
    let create = signed("POST", "/tracking/2026-01/trackings", &headers, body);
    let secret = "demo_secret_0001";
    assert!(is_signed(
        &create,
        secret,
        "NxgzDfMqPtd9Z/OhZCCHCCnLZMLmp9xn8O6gecJK/wY="
    ));
    let list = signed(
        "GET",
        "/tracking/2026-01/trackings?limit=2&tag=Delivered",
        &headers,
        "",
    );
    assert!(is_signed(
        &list,
        secret,
        "EfGgRs2AKm/p4dOT17qJt1RbX5ESMw6DLE48aGbfOds="
    ));
}

#[test]
fn every_part_is_protected() {
    let original_headers = headers(
        "k",
        DATE,
        &[("as-store-id", "1"), ("content-type", "application/json")],
    );
    let original = signed("POST", "/a/b?x=1&y=two", &original_headers, "{}");
    let texts = original.texts();
    let other_key = headers("K", DATE, &[("as-store-id", "1")]);
    let other_date = headers(
        "k",
        "Thu, 15 Jan 2026 10:31:00 GMT",
        &[("as-store-id", "1")],
    );
    let changed = [
        signed("PUT", "/a/b?x=1&y=two", &original_headers, "{}"),
        signed("POST", "/a/c?x=1&y=two", &original_headers, "{}"),
        signed("POST", "/a/b?x=1&y=three", &original_headers, "{}"),
        signed("POST", "/a/b?x=1", &original_headers, "{}"),
        signed("POST", "/a/b", &original_headers, "{}"),
        signed("POST", "/a/b?x=1&y=two", &original_headers, "{ }"),
        signed("POST", "/a/b?x=1&y=two", &original_headers, ""),
        signed("POST", "/a/b?x=1&y=two", &other_key, "{}"),
        signed("POST", "/a/b?x=1&y=two", &other_date, "{}"),
    ];
    for request in changed {
        let common = request
            .texts()
            .into_iter()
            .find(|text| texts.contains(text));
        assert_eq!(common, None);
    }
}

#[test]
fn the_forms_of_other_clients_are_among_the_texts() {
    let headers = headers("k", DATE, &[("as-store-id", "1")]);
    let resource_of = |target: &str, resource: &str| {
        let texts = signed("GET", target, &headers, "").texts();
        texts
            .iter()
            .any(|text| text.ends_with(&format!("\n{resource}")))
    };
    // Documentation, Java's and Go's bare question mark, PHP's tilde, Ruby's plus, a glued query.
    assert!(resource_of(
        "/t?3key=111&2key=222&key=333&1key=000",
        "/t?1key=000&2key=222&3key=111&key=333"
    ));
    assert!(resource_of("/t", "/t?") && resource_of("/t?", "/t"));
    assert!(resource_of("/t?a=~b", "/t?a=%7Eb"));
    assert!(resource_of("/t?b=x%20y&a=1", "/t?a=1&b=x+y"));
    assert!(resource_of(
        "/t/1&fields=title%2Corder_id",
        "/t/1&fields=title%2Corder_id"
    ));
    assert!(resource_of("/t/a%20b", "/t/a b"));
    // Empty values dropped.
    assert!(resource_of("/t?a=&b=1", "/t?b=1"));
    // The query may never be left out.
    assert!(!resource_of("/t?a=1", "/t") && !resource_of("/t?a=1", "/t?"));
}

#[test]
fn only_the_lenient_leave_parts_unsigned() {
    let headers = headers("k", DATE, &[]);
    let mut php = signed("DELETE", "/t/1?x=1", &headers, "[]");
    let unsigned = format!("DELETE\n\n\n{DATE}\nas-api-key:k\n/t/1");
    assert!(!php.texts().contains(&unsigned));
    php.lenient = true;
    assert!(php.texts().contains(&unsigned));
}

#[test]
fn a_date_holds_three_minutes_either_way() {
    let now: Timestamp = "2026-01-15T10:30:00Z".parse().unwrap();
    let timely = |date: &str| signed("GET", "/", &headers("k", date, &[]), "").is_timely(now);
    assert!(
        timely(DATE)
            && timely("Thu, 15 Jan 2026 10:33:00 GMT")
            && timely("Thu, 15 Jan 2026 10:27:00 GMT")
    );
    for late in [
        "Thu, 15 Jan 2026 10:33:01 GMT",
        "Thu, 15 Jan 2026 10:26:59 GMT",
        "",
        "today",
        "2026-01-15T10:30:00Z",
    ] {
        assert!(!timely(late), "{late}");
    }
}

#[test]
fn a_long_query_costs_bounded_work() {
    let headers = headers("k", DATE, &[]);
    let query: Vec<_> = (0..10_000).map(|number| format!("a={number}")).collect();
    let target = format!("/t?{}", query.join("&"));
    assert!(signed("GET", &target, &headers, "").texts().is_empty());
}
