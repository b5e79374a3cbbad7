//! What published clients put on the wire besides what is documented, byte by byte, in order.

use waybill_api::Options;

use crate::wire::Wire;

/// A client, its request without host and length (`KEY` stands for the key), the body, and the
/// answer: status and meta code.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static str,
    (u16, u16),
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Node's `aftership` 4 sends `{}` with everything, a bare question mark, and a slash after detect.
    ("Node 4, create", &["POST /v4/trackings HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        r#"{"tracking":{"tracking_number":"ITOD-1-NODE4","slug":"testing-courier"}}"#, (201, 201)),
    ("Node 4, get", &["GET /v4/trackings/testing-courier/ITOD-1-NODE4? HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        "{}", (200, 200)),
    ("Node 4, last checkpoint", &["GET /v4/last_checkpoint/testing-courier/ITOD-1-NODE4? HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        "{}", (200, 200)),
    ("Node 4, retrack", &["POST /v4/trackings/testing-courier/ITOD-1-NODE4/retrack HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        r#"{"tracking":{}}"#, (400, 4013)),
    ("Node 4, detect", &["POST /v4/couriers/detect/ HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        r#"{"tracking":{"tracking_number":"ITOD-1-NODE4","detect_mode":"tracking_number"}}"#, (200, 200)),
    ("Node 4, delete", &["DELETE /v4/trackings/testing-courier/ITOD-1-NODE4? HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        "{}", (200, 200)),
    // Node's `aftership` 6 and 7 say JSON with nothing, and glue a query to the path.
    ("Node 7, get with fields", &["GET /v4/trackings/testing-courier/ITOD-1-NODE4&fields=title%2Ctag HTTP/1.1", "Content-Type: application/json", "aftership-api-key: KEY"],
        "", (404, 4004)),
    // Python's `aftership` sends its parts in another order and no content type.
    ("Python 1, list", &["GET /v4/trackings?limit=5&tag=Delivered HTTP/1.1", "Accept-Encoding: gzip, deflate", "Accept: */*", "aftership-api-key: KEY"],
        "", (200, 200)),
    // Java of the first generation: a list of slugs, and `{}` for a retrack.
    ("Java 2, create", &["POST /v4/trackings HTTP/1.1", "Content-Type: application/json; charset=utf-8", "aftership-api-key: KEY"],
        r#"{"tracking":{"tracking_number":"ITOD-1-JAVA2","slug":["testing-courier"]}}"#, (201, 201)),
    ("Java 2, retrack", &["POST /v4/trackings/testing-courier/ITOD-1-JAVA2/retrack HTTP/1.1", "Content-Type: application/json; charset=utf-8", "aftership-api-key: KEY"],
        "{}", (400, 4013)),
    ("Java 8, list", &["GET /tracking/2025-01/trackings? HTTP/1.1", "Accept: application/json", "Accept-Encoding: utf-8", "Content-Type: application/json", "as-api-key: KEY"],
        "", (200, 200)),
    // PHP sends `[]` for nothing.
    ("PHP 6, detect", &["POST /tracking/2024-01/couriers/detect/ HTTP/1.1", "Content-Type: application/json", "as-api-key: KEY"],
        r#"{"tracking":{"tracking_number":"1ZYEPUANE230MMV4Q5"}}"#, (200, 200)),
    ("PHP 6, retrack", &["POST /tracking/2024-01/trackings/testing-courier/ITOD-1-JAVA2/retrack HTTP/1.1", "Content-Type: application/json", "as-api-key: KEY"],
        "[]", (400, 4013)),
    ("PHP 6, delete", &["DELETE /tracking/2024-01/trackings/testing-courier/ITOD-1-JAVA2 HTTP/1.1", "Content-Type: application/json", "as-api-key: KEY"],
        "[]", (200, 200)),
    // Go writes its own names into a query, the empty ones too.
    ("Go 3, get", &["GET /tracking/2023-10/trackings/testing-courier/ITOD-1-GO?TrackingPostalCode=&TrackingShipDate=&Fields= HTTP/1.1", "Accept-Encoding: gzip", "as-api-key: KEY"],
        "", (404, 4004)),
    // Ruby sends an empty content type and a date, signed or not.
    ("Ruby 10, list", &["GET /tracking/2025-01/trackings?slug=usps%2Cfedex HTTP/1.1", "Content-Type: ", "date: Thu, 15 Jan 2026 10:30:00 GMT", "as-api-key: KEY"],
        "", (200, 200)),
    // Which header carries the key: v4 takes both, dated versions the newer one.
    ("v4, the newer header", &["GET /v4/couriers HTTP/1.1", "as-api-key: KEY"], "", (200, 200)),
    ("2023-10, the older header", &["GET /tracking/2023-10/couriers HTTP/1.1", "aftership-api-key: KEY"], "", (401, 401)),
];

#[tokio::test]
async fn every_client_is_understood_as_it_writes() {
    let wire = Wire::new(Options::default()).await;
    let shop = wire.installation.organization("shop").await;
    for (client, head, body, answers) in ROWS {
        let mut lines: Vec<String> = head
            .iter()
            .map(|line| line.replace("KEY", &shop.key))
            .collect();
        lines.push("Host: tracking.example".to_owned());
        if !body.is_empty() {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        let bytes = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
        assert_eq!(wire.send(&bytes).await, *answers, "{client}");
    }
}

#[tokio::test]
async fn a_post_without_body_and_length_is_taken() {
    let wire = Wire::new(Options::default()).await;
    let shop = wire.installation.organization("shop").await;
    for path in [
        "/v4/trackings/000000000000000000000000/retrack",
        "/tracking/2026-07/trackings/00000000000000000000000000000000/retrack?",
    ] {
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nas-api-key: {}\r\n\r\n",
            shop.key
        );
        assert_eq!(wire.send(&bytes).await, (404, 4004), "{path}");
    }
}
