//! `/docs/api`: every version of the API to read and to try.
//!
//! The page reads `/docs/openapi/<version>.json` and sends its requests from the browser, so it
//! shows what the API says and nothing of its own.

use axum::{Router, response::Redirect, routing::get};
use waybill_versions::Version;

use crate::asset::{Asset, HTML, SCRIPT, STYLE};

/// The files of the page.
const FILES: &[(&str, &str, &str)] = &[
    (
        "console.css",
        STYLE,
        include_str!("../assets/console/console.css"),
    ),
    (
        "console.js",
        SCRIPT,
        include_str!("../assets/console/console.js"),
    ),
    (
        "description.js",
        SCRIPT,
        include_str!("../assets/console/description.js"),
    ),
    ("dom.js", SCRIPT, include_str!("../assets/console/dom.js")),
    (
        "operation.js",
        SCRIPT,
        include_str!("../assets/console/operation.js"),
    ),
    (
        "request.js",
        SCRIPT,
        include_str!("../assets/console/request.js"),
    ),
];

/// The description of `/waybill/v1`.
const OWN: &str = "waybill-v1";

const PAGE: &str = include_str!("../assets/console/index.html");

/// Its routes.
pub(crate) fn router() -> Router {
    let page = Asset {
        kind: HTML,
        text: page().into(),
    };
    let mut router = Router::new()
        .route("/docs/api", get(async || page))
        .route("/docs/api/", get(async || Redirect::permanent("/docs/api")));
    for &(name, kind, text) in FILES {
        let file = Asset {
            kind,
            text: text.into(),
        };
        router = router.route(&format!("/docs/api/{name}"), get(async || file));
    }
    router
}

/// The page with the descriptions to choose from: the versions, the newest first, and our own API.
fn page() -> String {
    let versions = Version::ALL.iter().rev().map(|version| version.as_str());
    let options = versions.chain([OWN]).fold(String::new(), |options, name| {
        options + "<option>" + name + "</option>"
    });
    PAGE.replace("{versions}", &options)
}
