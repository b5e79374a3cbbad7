//! Webhooks to make and to change.

use serde_json::{Value, json};
use waybill_versions::{CreateWebhook, Problem, UpdateWebhook, Version};

use crate::refused;

fn parse(fields: Value) -> Result<CreateWebhook, Problem> {
    let mut body = json!({"url": "https://example.org/hook", "events": ["tracking_update"]});
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        body.extend(fields);
    }
    CreateWebhook::parse(body)
}

#[test]
fn a_webhook_is_read() {
    let webhook = parse(json!({
        "url": "http://127.0.0.1:9000/x?y=1",
        "events": ["tracking_update.Delivered", "edd_revise", "edd_revise", "tracking_pending_time"],
        "headers": {"X-Shop": "7"}, "secret": "long enough",
        "oauth": {"token_url": "https://id.example.org/token", "client_id": "a", "client_secret": "b", "credentials": "basic"},
    }))
    .expect("good");
    assert_eq!(
        webhook.events,
        [
            "tracking_update.Delivered",
            "edd_revise",
            "tracking_pending_time"
        ]
    );
    assert_eq!(webhook.version, Version::NEWEST.as_str());
    assert_eq!(webhook.headers, [("X-Shop".to_owned(), "7".to_owned())]);
    assert_eq!(webhook.oauth.expect("oauth").credentials, "basic");
    let webhook = parse(json!({"oauth": null, "secret": null, "version": null, "headers": null}))
        .expect("good");
    assert_eq!(
        (webhook.oauth, webhook.secret, webhook.headers.len()),
        (None, None, 0)
    );
}

#[test]
fn faults_name_their_field() {
    refused(parse(json!({"url": null})), 4009, "url");
    refused(parse(json!({"events": null})), 4009, "events");
    let oauth = |fields: Value| json!({"oauth": fields});
    refused(
        parse(oauth(json!({"client_id": "a", "client_secret": "b"}))),
        4009,
        "oauth.token_url",
    );
    let six: Value = (0..6)
        .map(|at| (format!("x-{at}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (fields, field) in [
        (json!({"url": "ftp://example.org"}), "url"),
        (json!({"url": "example.org"}), "url"),
        (json!({"url": "https://"}), "url"),
        (json!({"url": "https://user:pass@example.org"}), "url"),
        (json!({"url": 7}), "url"),
        (json!({"events": []}), "events"),
        (json!({"events": "tracking_update"}), "events"),
        (json!({"events": ["tracking_update.Pending"]}), "events[0]"),
        (json!({"events": ["edd_revise", "other"]}), "events[1]"),
        (json!({"version": "2019-01"}), "version"),
        (json!({"headers": six}), "headers"),
        (json!({"headers": []}), "headers"),
        (
            json!({"headers": {"Content-Type": "x"}}),
            "headers.Content-Type",
        ),
        (
            json!({"headers": {"aftership-hmac-sha256": "x"}}),
            "headers.aftership-hmac-sha256",
        ),
        (json!({"headers": {"a b": "x"}}), "headers"),
        (json!({"headers": {"a": "x\r\ny: z"}}), "headers.a"),
        (json!({"headers": {"a": 7}}), "headers.a"),
        (json!({"headers": {"a": "1", "A": "2"}}), "headers.a"),
        (
            oauth(json!({"token_url": "x", "client_id": "a", "client_secret": "b"})),
            "oauth.token_url",
        ),
        (
            oauth(
                json!({"token_url": "https://e.org", "client_id": "a", "client_secret": "b", "credentials": "x"}),
            ),
            "oauth.credentials",
        ),
        (
            json!({"headers": {"Authorization": "x"}, "oauth": {"token_url": "https://e.org", "client_id": "a", "client_secret": "b"}}),
            "headers",
        ),
        (json!({"secret": "short"}), "secret"),
        (json!({"secret": "x".repeat(257)}), "secret"),
        (json!({"secret": ""}), "secret"),
    ] {
        refused(parse(fields), 4008, field);
    }
}

#[test]
fn a_change_leaves_what_it_does_not_name_and_null_clears() {
    let parse = UpdateWebhook::parse;
    assert_eq!(parse(json!({})).expect("good"), UpdateWebhook::default());
    let change = parse(json!({"headers": null, "oauth": null, "version": null})).expect("good");
    assert_eq!(change.headers, Some(Vec::new()));
    assert_eq!(change.oauth, Some(None));
    assert_eq!(change.version.as_deref(), Some(Version::NEWEST.as_str()));
    for field in ["url", "events", "secret"] {
        refused(parse(json!({field: null})), 4008, field);
    }
}
