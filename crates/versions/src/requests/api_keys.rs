//! `POST /waybill/v1/api-keys`.

use serde_json::{Map, Value};

use super::{
    fields::{Field, Kind, Nulls, read},
    object::object,
};
use crate::Problem;

const NAME: usize = 100;
/// An RSA key of 16,384 bits in PEM has some 3,000 characters.
const PEM: usize = 8_192;
const SCOPES: usize = 100;

pub(crate) const FIELDS: &[Field] = &[
    Field::required("name", Kind::FilledText(NAME)),
    Field::new("authentication", Kind::Choice(&["api-key", "aes", "rsa"])),
    Field::new("public_key", Kind::Text(PEM)),
    Field::new("scopes", Kind::Texts(SCOPES, NAME)),
];

/// A key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateApiKey {
    /// What its owner calls it.
    pub name: String,
    /// `api-key`, `aes` or `rsa`.
    pub authentication: String,
    /// For `rsa`: the public key in PEM.
    pub public_key: Option<String>,
    /// What it opens; empty: what its maker's key opens.
    pub scopes: Vec<String>,
}

impl CreateApiKey {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001; 4009 without a name, or for `rsa` without `public_key`; 4008 for every other fault.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut fields = read(FIELDS, object(body)?, Nulls::Drop)?;
        let authentication = text(&mut fields, "authentication");
        let public_key = text(&mut fields, "public_key");
        if authentication.as_deref() == Some("rsa") && public_key.is_none() {
            return Err(Problem::required("public_key"));
        }
        let scopes = fields.remove("scopes");
        let scopes = scopes.iter().filter_map(Value::as_array).flatten();
        Ok(Self {
            name: text(&mut fields, "name").unwrap_or_default(),
            authentication: authentication.unwrap_or_else(|| "api-key".to_owned()),
            public_key,
            scopes: scopes
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        })
    }
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_read_and_faults_are_named() {
        let key = CreateApiKey::parse(json!({"name": "shop", "scopes": ["a", "b"]})).expect("good");
        assert_eq!(
            (key.authentication.as_str(), key.scopes.len()),
            ("api-key", 2)
        );
        for (body, code, field) in [
            (json!({}), 4009, "name"),
            (json!({"name": ""}), 4008, "name"),
            (
                json!({"name": "a", "authentication": "rsa"}),
                4009,
                "public_key",
            ),
            (
                json!({"name": "a", "authentication": "dsa"}),
                4008,
                "authentication",
            ),
            (json!({"name": "a", "scopes": [1]}), 4008, "scopes[0]"),
        ] {
            let problem = CreateApiKey::parse(body).expect_err("refused");
            assert_eq!(problem.code.entry().meta_code, code);
            assert!(
                problem.message.contains(&format!("`{field}`")),
                "{}",
                problem.message
            );
        }
    }
}
