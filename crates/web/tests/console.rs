//! The console as a browser asks for it.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
    response::Response,
};
use tower::ServiceExt;
use waybill_couriers::Couriers;
use waybill_versions::Version;

async fn get(path: &str) -> Response {
    // The console shows no couriers.
    let couriers = tempfile::tempdir().expect("a folder");
    let couriers = Couriers::from_folder(couriers.path()).expect("no couriers");
    let couriers = std::sync::Arc::new(couriers);
    let request = Request::get(path).body(Body::empty()).expect("a request");
    waybill_web::router(move || couriers.clone())
        .oneshot(request)
        .await
        .expect("infallible")
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("a body");
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// The texts between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.filter_map(|part| part.split(after).next()).collect()
}

#[tokio::test]
async fn the_page_offers_every_version_the_newest_first() {
    let response = get("/docs/api").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()["content-type"],
        "text/html; charset=utf-8"
    );
    let page = text(response).await;
    let offered = between(&page, "<option>", "<");
    let versions = Version::ALL.iter().rev().map(|version| version.as_str());
    assert_eq!(offered, versions.chain(["waybill-v1"]).collect::<Vec<_>>());
}

#[tokio::test]
async fn everything_that_it_loads_is_served_and_nothing_comes_from_elsewhere() {
    let page = text(get("/docs/api").await).await;
    let mut wanted: Vec<String> = ["href=\"/", "src=\"/"]
        .iter()
        .flat_map(|before| between(&page, before, "\""))
        .map(|path| format!("/{path}"))
        .collect();
    assert_eq!(wanted.len(), 2);
    let mut seen = Vec::new();
    while let Some(path) = wanted.pop() {
        if seen.contains(&path) {
            continue;
        }
        let response = get(&path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .expect("text");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        let file = text(response).await;
        assert!(
            !file.contains("http://") && !file.contains("https://"),
            "{path}"
        );
        let imports = between(&file, "from \"./", "\"");
        wanted.extend(imports.iter().map(|name| format!("/docs/api/{name}")));
        seen.push(path);
    }
    assert_eq!(seen.len(), 6);
}

#[tokio::test]
async fn there_is_no_other_file() {
    for path in [
        "/docs/api/../Cargo.toml",
        "/docs/api/index.html",
        "/docs/api/x",
    ] {
        assert_eq!(get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
