//! Signed requests as the published clients in Java, Go, PHP, Ruby and Python put them on the wire,
//! byte by byte over a socket, with the text that each of them signs.

use waybill_api::Options;

use crate::{
    signatures::{DATE, Signer},
    wire::Wire,
};

/// A request that a client sent.
struct Recorded {
    client: &'static str,
    /// Request line and headers, without host, key, date and signature, which all of them send.
    head: &'static [&'static str],
    body: &'static str,
    /// What it signed: method, digest, content type, then the resource; date and headers are put
    /// in between.
    signed: [&'static str; 4],
    /// Other headers that it signed, lines of the text.
    with: &'static str,
    /// The answer where the signature holds: status and meta code.
    answers: (u16, u16),
}

/// MD5 of [`CREATE`].
const CREATE_MD5: &str = "2B19B66BDB4A60BFE5C531C445707105";
const CREATE: &str = r#"{"tracking_number":"ITOD-1-SIGNED77","slug":"testing-courier"}"#;
const JSON: &str = "application/json";

#[rustfmt::skip]
const RECORDED: &[Recorded] = &[
    // Java ends every address in a question mark and signs it; its encodings and its POST without
    // body and length are peculiar.
    Recorded {
        client: "Java 8, list",
        head: &["GET /tracking/2026-07/trackings? HTTP/1.1", "Accept: application/json", "Accept-Encoding: utf-8", "Content-Type: application/json"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Java 8, list with a query, and a header that it does not sign",
        head: &["GET /tracking/2026-07/trackings?limit=5&order_id=a+b*c%7E%C3%A9&slug=usps%2Cfedex HTTP/1.1", "Accept-Encoding: utf-8", "Content-Type: application/json", "as-store-id: 1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?limit=5&order_id=a+b*c%7E%C3%A9&slug=usps%2Cfedex"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Java 8, retrack",
        head: &["POST /tracking/2026-07/trackings/00000000000000000000000000000000/retrack? HTTP/1.1", "Accept-Encoding: utf-8", "Content-Type: application/json"],
        body: "", signed: ["POST", "", "", "/tracking/2026-07/trackings/00000000000000000000000000000000/retrack?"], with: "", answers: (404, 4004),
    },
    Recorded {
        client: "Java of the first generation, create",
        head: &["POST /tracking/2026-07/trackings HTTP/1.1", "Content-Type: application/json; charset=utf-8", "Content-Length: 62"],
        body: CREATE, signed: ["POST", CREATE_MD5, "application/json; charset=utf-8", "/tracking/2026-07/trackings"], with: "", answers: (201, 201),
    },
    // Go leaves the bare question mark out of what it signs, and signs the path decoded.
    Recorded {
        client: "Go 4, list",
        head: &["GET /tracking/2026-07/trackings? HTTP/1.1", "Accept-Encoding: gzip"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Go 4, list with a query as its caller built it, signed sorted",
        head: &["GET /tracking/2026-07/trackings?slug=usps%2Cfedex&limit=5&order_id=a%20b~ HTTP/1.1", "Accept-Encoding: gzip"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?limit=5&order_id=a+b~&slug=usps%2Cfedex"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Go 4, a path that has to be escaped",
        head: &["GET /tracking/2026-07/trackings/a%20b? HTTP/1.1", "Accept-Encoding: gzip"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings/a b"], with: "", answers: (400, 4015),
    },
    Recorded {
        client: "Go 4, a header trimmed on the left alone",
        head: &["GET /tracking/2026-07/couriers? HTTP/1.1", "as-store-id: 1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/couriers"], with: "\nas-store-id:1", answers: (200, 200),
    },
    // PHP encodes a tilde when it signs and not when it sends.
    Recorded {
        client: "PHP 8, list",
        head: &["GET /tracking/2026-07/trackings?slug=usps%2Cfedex&order_id=a%20b~&limit=5 HTTP/1.1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?limit=5&order_id=a+b%7E&slug=usps%2Cfedex"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "PHP 8, create (of what Java has created)",
        head: &["POST /tracking/2026-07/trackings HTTP/1.1", "Content-Type: application/json", "Content-Length: 62"],
        body: CREATE, signed: ["POST", CREATE_MD5, JSON, "/tracking/2026-07/trackings"], with: "", answers: (400, 4003),
    },
    Recorded {
        client: "PHP 6, list, with a bare question mark",
        head: &["GET /tracking/2026-07/trackings? HTTP/1.1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings"], with: "", answers: (200, 200),
    },
    // Ruby sends the query in its caller's order and a content type with nothing.
    Recorded {
        client: "Ruby 10, list",
        head: &["GET /tracking/2026-07/trackings?slug=usps%2Cfedex&limit=5&order_id=a%20b HTTP/1.1", "Content-Type: application/json"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?limit=5&order_id=a+b&slug=usps%2Cfedex"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Ruby 10, delete, with an empty content type",
        head: &["DELETE /tracking/2026-07/trackings/00000000000000000000000000000000 HTTP/1.1", "Content-Type: "],
        body: "", signed: ["DELETE", "", "", "/tracking/2026-07/trackings/00000000000000000000000000000000"], with: "", answers: (404, 4004),
    },
    // Node's `aftership` glues a query to a path, and signs that path.
    Recorded {
        client: "Node aftership 8, get with fields",
        head: &["GET /tracking/2023-10/trackings/000000000000000000000000&fields=title%2Corder_id&limit=5 HTTP/1.1", "Content-Type: application/json", "aftership-agent: nodejs-sdk-6.0.0"],
        body: "", signed: ["GET", "", "", "/tracking/2023-10/trackings/000000000000000000000000&fields=title%2Corder_id&limit=5"], with: "", answers: (404, 4004),
    },
    // Python walks through a set: any order. What it signs differs by major.
    Recorded {
        client: "Python 3, list, signed as sent",
        head: &["GET /tracking/2026-07/trackings?slug=usps%2Cfedex&order_id=a+b&limit=5&tag= HTTP/1.1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?slug=usps%2Cfedex&order_id=a+b&limit=5&tag="], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Python 10.0.0, list, without what is empty",
        head: &["GET /tracking/2026-07/trackings?slug=usps%2Cfedex&order_id=a%20b~&tag=&limit=5 HTTP/1.1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?slug=usps%2Cfedex&order_id=a+b~&limit=5"], with: "", answers: (200, 200),
    },
    Recorded {
        client: "Python 10.0.1, list, sorted with what is empty",
        head: &["GET /tracking/2026-07/trackings?slug=usps%2Cfedex&order_id=a%20b&tag=&limit=5 HTTP/1.1"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings?limit=5&order_id=a+b&slug=usps%2Cfedex&tag="], with: "", answers: (200, 200),
    },
];

/// These leave a part of the request unsigned.
#[rustfmt::skip]
const LENIENT: &[Recorded] = &[
    Recorded {
        client: "PHP 6, retrack: the body `[]` is not signed",
        head: &["POST /tracking/2026-07/trackings/00000000000000000000000000000000/retrack HTTP/1.1", "Content-Type: application/json", "Content-Length: 2"],
        body: "[]", signed: ["POST", "", "", "/tracking/2026-07/trackings/00000000000000000000000000000000/retrack"], with: "", answers: (404, 4004),
    },
    Recorded {
        client: "PHP 6, delete: the same",
        head: &["DELETE /tracking/2026-07/trackings/00000000000000000000000000000000 HTTP/1.1", "Content-Type: application/json", "Content-Length: 2"],
        body: "[]", signed: ["DELETE", "", "", "/tracking/2026-07/trackings/00000000000000000000000000000000"], with: "", answers: (404, 4004),
    },
    Recorded {
        client: "Java 6, list: the query is not signed",
        head: &["GET /tracking/2026-07/trackings?limit=5 HTTP/1.1", "Accept-Encoding: utf-8"],
        body: "", signed: ["GET", "", "", "/tracking/2026-07/trackings"], with: "", answers: (200, 200),
    },
];

/// Signs and sends a request; `tamper` changes what is sent afterwards.
async fn send(
    wire: &Wire,
    signer: &Signer,
    request: &Recorded,
    tamper: impl Fn(String) -> String,
) -> (u16, u16) {
    let Recorded {
        head, body, with, ..
    } = request;
    let [method, digest, content_type, resource] = request.signed;
    let key = &signer.key;
    let text =
        format!("{method}\n{digest}\n{content_type}\n{DATE}\nas-api-key:{key}{with}\n{resource}");
    let signature = signer.sign(&text);
    let mut lines: Vec<String> = head.iter().map(ToString::to_string).collect();
    lines.push("Host: tracking.example".to_owned());
    lines.push(format!("as-api-key: {key}"));
    lines.push(format!("Date: {DATE}"));
    lines.push(format!("as-signature-hmac-sha256: {signature}"));
    let bytes = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
    wire.send(&tamper(bytes)).await
}

#[tokio::test]
async fn requests_of_every_client_are_taken_and_changed_ones_refused() {
    let wire = Wire::new(Options::default()).await;
    let signer = Signer::new(&wire.installation).await;
    for request in RECORDED {
        let [method, ..] = request.signed;
        let other = if method == "GET" { "DELETE" } else { "PUT" };
        let changes: [(&str, &dyn Fn(String) -> String); 4] = [
            ("the method", &|sent| sent.replacen(method, other, 1)),
            ("the version", &|sent| {
                sent.replacen("/trackings", "/trackings/abc", 1).replacen(
                    "/couriers",
                    "/trackings",
                    1,
                )
            }),
            ("the query", &|sent| {
                let changed = sent.replacen("limit=5", "limit=6", 1);
                if changed == sent {
                    sent.replacen(" HTTP", "&a=1 HTTP", 1)
                        .replacen("?&", "?", 1)
                } else {
                    changed
                }
            }),
            ("the date", &|sent| {
                sent.replace("12:00:00 GMT", "12:00:01 GMT")
            }),
        ];
        for (what, change) in changes {
            let refused = send(&wire, &signer, request, change).await;
            assert!(
                refused.0 == 401 || refused == (404, 404),
                "{}, {what} changed: {refused:?}",
                request.client
            );
        }
        let taken = send(&wire, &signer, request, |sent| sent).await;
        assert_eq!(taken, request.answers, "{}", request.client);
    }
}

#[tokio::test]
async fn what_leaves_a_part_unsigned_is_taken_only_where_an_operator_says_so() {
    let strict = Wire::new(Options::default()).await;
    let strict_signer = Signer::new(&strict.installation).await;
    let lenient = Wire::new(Options {
        lenient_signatures: true,
        ..Options::default()
    })
    .await;
    let signer = Signer::new(&lenient.installation).await;
    for request in LENIENT {
        let refused = send(&strict, &strict_signer, request, |sent| sent).await;
        assert_eq!(refused, (401, 401), "{}", request.client);
        let taken = send(&lenient, &signer, request, |sent| sent).await;
        assert_eq!(taken, request.answers, "{}", request.client);
        let other_key = send(&lenient, &signer, request, |sent| {
            sent.replacen(
                "as-signature-hmac-sha256: ",
                "as-signature-hmac-sha256: A",
                1,
            )
        });
        assert_eq!(other_key.await.0, 401, "{}", request.client);
    }
}
