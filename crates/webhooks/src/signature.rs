//! What proves to a receiver that a delivery is ours.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use ring::hmac;

/// The form of a secret that the Standard Webhooks libraries read.
const STANDARD_PREFIX: &str = "whsec_";

/// Signature headers of a body, for secrets newest first.
///
/// `aftership-hmac-sha256` is the HMAC-SHA256 of the raw body keyed with the whole text of the
/// newest secret. The three `webhook-…` headers follow Standard Webhooks, keyed with the decoded
/// bytes of each secret that has its form; without one they are left out.
pub fn headers(secrets: &[String], id: &str, at: Timestamp, body: &[u8]) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (secret, name) in secrets
        .iter()
        .zip(["aftership-hmac-sha256", "aftership-hmac-sha256-previous"])
    {
        headers.push((name.to_owned(), mac(secret.as_bytes(), &[body])));
    }
    let seconds = at.as_second().to_string();
    let signatures: Vec<String> = secrets
        .iter()
        .filter_map(|secret| STANDARD.decode(secret.strip_prefix(STANDARD_PREFIX)?).ok())
        .map(|key| {
            format!(
                "v1,{}",
                mac(&key, &[id.as_bytes(), b".", seconds.as_bytes(), b".", body])
            )
        })
        .collect();
    if !signatures.is_empty() {
        headers.push(("webhook-id".to_owned(), id.to_owned()));
        headers.push(("webhook-timestamp".to_owned(), seconds));
        headers.push(("webhook-signature".to_owned(), signatures.join(" ")));
    }
    headers
}

fn mac(key: &[u8], parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    STANDARD.encode(context.sign())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's `hmac` over the same bytes.
    #[test]
    fn signs_as_independent_code_does() {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        let body = br#"{"event":"tracking_update"}"#;
        let key = STANDARD.encode([7_u8; 32]);
        let signed = headers(
            &[format!("whsec_{key}"), "plain".to_owned()],
            "evt_1",
            at,
            body,
        );
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "aftership-hmac-sha256",
                "aftership-hmac-sha256-previous",
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature"
            ]
        );
        let value = |name: &str| {
            signed
                .iter()
                .find(|(known, _)| known == name)
                .unwrap()
                .1
                .clone()
        };
        assert_eq!(
            value("aftership-hmac-sha256-previous"),
            "yqRY6FFwS6hP17ytd4Z/KmUBE1P/wcvwysE8mTaiYS8="
        );
        assert_eq!(
            value("aftership-hmac-sha256"),
            "gmkr68KvqpFQL7PEFXRnKmqNFgo3cMPbRcB2QXIafkc="
        );
        assert_eq!(
            value("webhook-signature"),
            "v1,dlDb2L1Xb97aWJ2bl+OienGr/BscgWgO5cbIC6CQL8M="
        );
    }

    #[test]
    fn a_secret_of_another_form_leaves_the_standard_headers_out() {
        let signed = headers(
            &["chosen by the shop".to_owned()],
            "evt_1",
            Timestamp::UNIX_EPOCH,
            b"{}",
        );
        assert_eq!(signed.len(), 1);
    }
}
