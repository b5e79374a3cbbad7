//! Which key opens which route.

use axum::{body::Body, http::Request};
use waybill_api::ROUTES;
use waybill_storage::Authentication;

use crate::support::Installation;

/// One request per route, each with an id of nothing.
fn requests() -> impl Iterator<Item = (&'static str, Request<Body>, &'static str)> {
    ROUTES.iter().flat_map(|route| {
        route.paths().into_iter().map(move |path| {
            let path = path
                .replace("{id}", "0123456789abcdef0123456789abcdef")
                .replace("{slug}", "ups")
                .replace("{tracking_number}", "1Z999AA10123456784");
            let request = Request::builder().method(route.method.clone()).uri(path);
            (
                route.path,
                request.body(Body::empty()).expect("a request"),
                route.scope,
            )
        })
    })
}

#[tokio::test]
async fn a_key_opens_the_routes_of_its_scopes_alone() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let mut scopes: Vec<&str> = ROUTES.iter().map(|route| route.scope).collect();
    scopes.dedup();
    for scope in scopes {
        let key = installation
            .key(shop.id, Authentication::ApiKey, &[scope])
            .await;
        for (path, mut request, needed) in requests() {
            request
                .headers_mut()
                .insert("as-api-key", key.parse().expect("a header"));
            let reply = installation.send(request).await;
            assert_eq!(
                reply.status == 403,
                scope != needed,
                "{scope} at {path}: {}",
                reply.body
            );
        }
    }
}

#[tokio::test]
async fn every_route_needs_a_live_key_and_the_signature_of_its_kind() {
    let installation = Installation::new();
    let shop = installation.organization("shop").await;
    let aes = installation.key(shop.id, Authentication::Aes, &[]).await;
    let revoked = installation.key(shop.id, Authentication::ApiKey, &[]).await;
    let row = installation
        .service
        .authenticate(&revoked)
        .await
        .expect("asked")
        .expect("a key");
    assert!(
        installation
            .service
            .revoke_key(shop.id, &row.id.to_string())
            .await
            .expect("revoked")
    );
    // A revocation holds everywhere within five seconds.
    installation
        .clock
        .advance(jiff::SignedDuration::from_secs(6));
    for (path, request, _) in requests() {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        for key in [
            None,
            Some("unknown"),
            Some(aes.as_str()),
            Some(revoked.as_str()),
        ] {
            let mut request = Request::builder().method(method.clone()).uri(uri.clone());
            if let Some(key) = key {
                request = request.header("as-api-key", key);
            }
            let reply = installation
                .send(request.body(Body::empty()).expect("a request"))
                .await;
            assert_eq!(reply.status, 401, "{method} {path}");
            let message = reply.body["meta"]["message"].as_str().unwrap_or_default();
            assert!(message.starts_with("The API key is invalid."), "{message}");
        }
    }
}
