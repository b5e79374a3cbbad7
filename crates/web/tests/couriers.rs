//! The page of the couriers as a browser asks for it.

use std::{
    fs,
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use tower::ServiceExt;
use waybill_couriers::Couriers;

const PATH: &str = "/docs/supported-couriers";

static EMBEDDED: LazyLock<Arc<Couriers>> =
    LazyLock::new(|| Arc::new(Couriers::embedded().expect("couriers")));

async fn get(router: Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    (parts.status, parts.headers, text)
}

async fn page(query: &str) -> String {
    let router = waybill_web::router(|| EMBEDDED.clone());
    let (status, _, page) = get(router, &format!("{PATH}{query}")).await;
    assert_eq!(status, StatusCode::OK, "{query}");
    page
}

/// The slugs of the rows, in their order.
fn slugs(page: &str) -> Vec<&str> {
    let rows = page.split("<tr><td>").skip(1);
    rows.filter_map(|row| row.split("<code>").nth(1)?.split('<').next())
        .collect()
}

#[tokio::test]
async fn all_couriers_stand_there_a_hundred_a_page() {
    let all: Vec<String> = EMBEDDED.all().map(|it| it.slug().to_string()).collect();
    let pages = all.len().div_ceil(100);
    let mut found = Vec::new();
    for number in 1..=pages {
        let page = page(&format!("?page={number}")).await;
        assert!(page.contains(&format!("{} couriers:", all.len())));
        found.extend(slugs(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(found, all);
    for beyond in ["?page=0", "?page=99999999999999999999", "?page=x"] {
        assert_eq!(slugs(&page(beyond).await)[0], all[0], "{beyond}");
    }
}

#[tokio::test]
async fn names_slugs_and_countries_are_searched() {
    for (search, slug) in [
        ("fedex", "fedex"),
        ("FeDeX%C2%AE", "fedex"),
        ("dhl-germany", "dhl-germany"),
        ("post+austria", "austrian-post"),
        ("federal+express", "fedex"),
    ] {
        let page = page(&format!("?search={search}")).await;
        assert!(slugs(&page).contains(&slug), "{search}: {:?}", slugs(&page));
    }
    let none = page("?search=no+such+courier").await;
    assert!(slugs(&none).is_empty() && none.contains("No courier is called so"));
    assert_eq!(
        slugs(&page("?search=%20").await).len(),
        100,
        "blanks ask nothing"
    );
}

#[tokio::test]
async fn detection_connection_and_evidence_are_told() {
    let fedex = page("?search=fedex").await;
    let row = fedex
        .split("<tr>")
        .find(|row| row.contains("<code>fedex</code>"));
    let row = row.expect("a row");
    for text in [" formats", "live", "sample", "with your account", "sends"] {
        assert!(row.contains(text), "{text}: {row}");
    }
    let connected = page("?show=connected").await;
    let count = EMBEDDED.all().filter(|it| it.has_connection()).count();
    assert_eq!(slugs(&connected).len(), count.min(100));
    let recognised = page("?show=recognised&search=007ex").await;
    assert!(slugs(&recognised).is_empty(), "it has no formats");
    assert!(recognised.contains("<option value=\"recognised\" selected>"));
}

#[tokio::test]
async fn what_is_asked_is_shown_as_text() {
    let hostile = page("?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!hostile.contains("<script"));
    assert!(hostile.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));
    let marks = page("?search=%7Brows%7D&show=x").await;
    assert!(
        marks.contains("value=\"{rows}\""),
        "marks are not filled in twice"
    );
    let long = page(&format!("?search={}", "x".repeat(5_000))).await;
    assert!(long.contains(&format!("value=\"{}\"", "x".repeat(100))));
    assert_eq!(
        slugs(&page("?search=a&search=b").await).len(),
        100,
        "that cannot be read"
    );
}

#[tokio::test]
async fn a_courier_of_ones_own_cannot_break_out_of_its_cell() {
    let folder = tempfile::tempdir().expect("a folder");
    let acme = folder.path().join("acme");
    fs::create_dir(&acme).expect("a folder");
    let definition = r#"
        slug = "acme"
        name = '<b>A"cme</b>, Ltd'
        default_language = "en"
        languages = ["en"]
        countries = []
        evidence = "guessed"
    "#;
    fs::write(acme.join("courier.toml"), definition).expect("a file");
    let couriers = Couriers::from_folder(folder.path()).expect("couriers");
    let couriers = Arc::new(couriers);
    let router = waybill_web::router(move || couriers.clone());
    let (_, _, page) = get(router.clone(), PATH).await;
    assert!(page.contains("&lt;b&gt;A&quot;cme&lt;/b&gt;, Ltd") && !page.contains("<b>"));
    let (_, headers, csv) = get(router, &format!("{PATH}.csv")).await;
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    let line = csv.lines().nth(1);
    assert_eq!(line, Some("acme,\"<b>A\"\"cme</b>, Ltd\",global,,0,,,,"));
}

#[tokio::test]
async fn nothing_is_loaded_from_elsewhere_and_no_script_at_all() {
    let router = waybill_web::router(|| EMBEDDED.clone());
    for path in [PATH, "/docs/supported-couriers/couriers.css"] {
        let (status, headers, file) = get(router.clone(), path).await;
        assert_eq!(status, StatusCode::OK);
        let policy = headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        for outside in ["<script", "src=\"http", "url(", "@import"] {
            assert!(!file.contains(outside), "{path}: {outside}");
        }
    }
    let (_, _, csv) = get(router, "/docs/supported-couriers.csv").await;
    assert_eq!(csv.lines().count(), EMBEDDED.all().count() + 1);
}
