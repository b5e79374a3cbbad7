//! `POST /courier-connections` and `PATCH /courier-connections/{id}`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use waybill_model::CourierSlug;

use super::{
    object::{object, slug, take_text},
    values::{object_of, text_of},
};
use crate::{CredentialField, Problem};

/// Keys and certificates in PEM have some 4,000 characters.
const MAX_CREDENTIAL: usize = 16_384;
/// What an answer shows in place of a secret. Sent back, it leaves the secret as it is.
pub const MASK: &str = "********";
/// The kind of credential that is never shown again.
pub const SECRET: &str = "secret";

/// A connection to make.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateConnection {
    /// To which courier.
    pub slug: CourierSlug,
    /// With what.
    pub credentials: GivenCredentials,
}

/// What to change of a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateConnection {
    /// What is absent stays, null clears.
    pub credentials: GivenCredentials,
}

/// Credentials as they came: what they may be is the courier's word.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenCredentials(Map<String, Value>);

impl CreateConnection {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001, 4009, 4008, 4010, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        for name in ["courier_slug", "credentials"] {
            if body.get(name).is_none_or(Value::is_null) {
                return Err(Problem::required(name));
            }
        }
        let credentials = take_credentials(&mut body)?;
        let text = take_text(&mut body, "courier_slug")?.unwrap_or_default();
        Ok(Self {
            slug: slug(&text, "courier_slug")?,
            credentials,
        })
    }
}

impl UpdateConnection {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001, 4009, 4008, in this order.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        if body.get("credentials").is_none_or(Value::is_null) {
            return Err(Problem::required("credentials"));
        }
        Ok(Self {
            credentials: take_credentials(&mut body)?,
        })
    }
}

impl GivenCredentials {
    /// The credentials that a courier's fields make of these, over what there was. Names the courier
    /// does not know are ignored.
    ///
    /// # Errors
    /// 4009 for a required one that is missing, then 4008 for one that is no text or too long.
    pub fn over(
        &self,
        fields: &[CredentialField],
        mut old: BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Problem> {
        let is_empty = |value: &Value| value.is_null() || value == "";
        for field in fields.iter().filter(|field| field.required) {
            let given = self.0.get(&field.name);
            if given.map_or(!old.contains_key(&field.name), is_empty) {
                return Err(Problem::required(format_args!(
                    "credentials.{}",
                    field.name
                )));
            }
        }
        for field in fields {
            let Some(value) = self.0.get(&field.name) else {
                continue;
            };
            if is_empty(value) {
                old.remove(&field.name);
                continue;
            }
            let path = format!("credentials.{}", field.name);
            let text = text_of(value.clone(), &path)?;
            if text.len() > MAX_CREDENTIAL {
                let mend = format!("It has {MAX_CREDENTIAL} bytes at most.");
                return Err(Problem::invalid(&path, &mend));
            }
            let unchanged = field.r#type == SECRET && text == MASK && old.contains_key(&field.name);
            if !unchanged {
                old.insert(field.name.clone(), text);
            }
        }
        Ok(old)
    }
}

fn take_credentials(body: &mut Map<String, Value>) -> Result<GivenCredentials, Problem> {
    let credentials = body.remove("credentials").unwrap_or_default();
    object_of(credentials, &"credentials").map(GivenCredentials)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> Vec<CredentialField> {
        let field = |name: &str, r#type: &str, required| CredentialField {
            name: name.to_owned(),
            r#type: r#type.to_owned(),
            required,
        };
        vec![
            field("account", "text", false),
            field("client_id", "text", true),
            field("client_secret", SECRET, true),
        ]
    }

    fn code(problem: &Problem) -> u16 {
        problem.code.entry().meta_code
    }

    #[test]
    fn faults_are_told_in_order_and_by_name() {
        for (body, expected, field) in [
            (json!([]), 4001, ""),
            (json!({}), 4009, "courier_slug"),
            (json!({"courier_slug": "ups"}), 4009, "credentials"),
            (
                json!({"courier_slug": "U", "credentials": []}),
                4008,
                "credentials",
            ),
            (
                json!({"courier_slug": 1, "credentials": {}}),
                4008,
                "courier_slug",
            ),
            (
                json!({"courier_slug": "U P S", "credentials": {}}),
                4010,
                "courier_slug",
            ),
        ] {
            let problem = CreateConnection::parse(body).expect_err("refused");
            assert_eq!(code(&problem), expected);
            assert!(problem.message.contains(field), "{}", problem.message);
        }
        let problem = UpdateConnection::parse(json!({"credentials": null})).expect_err("refused");
        assert_eq!(code(&problem), 4009);
    }

    #[test]
    fn what_is_given_goes_over_what_there_was() {
        let given = |credentials: Value| {
            let body = json!({ "credentials": credentials });
            UpdateConnection::parse(body).expect("good").credentials
        };
        let old = || {
            let pairs = [("account", "1"), ("client_id", "a"), ("client_secret", "s")];
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        };
        let over = |credentials: Value| given(credentials).over(&fields(), old());
        let changed = over(json!({"account": null, "client_id": "b", "unknown": 7})).expect("good");
        let expected = [("client_id", "b"), ("client_secret", "s")];
        assert!(
            changed
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .eq(expected)
        );
        assert_eq!(over(json!({"client_secret": MASK})), Ok(old()));
        for (credentials, expected) in [
            (json!({"client_secret": ""}), 4009),
            (json!({"client_id": null}), 4009),
            (json!({"client_id": 7}), 4008),
            (json!({"account": "a".repeat(MAX_CREDENTIAL + 1)}), 4008),
        ] {
            assert_eq!(code(&over(credentials).expect_err("refused")), expected);
        }
        // A mask of nothing is a value like any other.
        let fresh = given(json!({"client_id": "a", "client_secret": MASK}));
        let made = fresh.over(&fields(), BTreeMap::new()).expect("good");
        assert_eq!(made["client_secret"], MASK);
        let missing = given(json!({"client_id": "a"})).over(&fields(), BTreeMap::new());
        assert!(
            missing
                .expect_err("refused")
                .message
                .contains("`credentials.client_secret`")
        );
    }
}
