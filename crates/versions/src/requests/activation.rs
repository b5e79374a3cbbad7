//! `PUT /waybill/v1/courier-activation`.

use serde_json::Value;

use super::{
    object::{object, slug},
    values::{list, text_of},
};
use crate::Problem;

/// More than there are couriers.
pub(crate) const MAX_COURIERS: usize = 5_000;

/// The couriers to activate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivateCouriers {
    /// Their slugs, each once, in the caller's order; none activates all.
    pub couriers: Vec<String>,
}

impl ActivateCouriers {
    /// Reads a body.
    ///
    /// # Errors
    /// 4001; 4009 without `couriers`; 4008 for what is no list of texts; 4010 for what is no slug.
    pub fn parse(body: Value) -> Result<Self, Problem> {
        let mut body = object(body)?;
        let given = body.remove("couriers").filter(|given| !given.is_null());
        let given = given.ok_or_else(|| Problem::required("couriers"))?;
        let read = list(given, &"couriers", MAX_COURIERS, |item, path| {
            let text = text_of(item, path)?;
            Ok(slug(&text, path)?.to_string().into())
        })?;
        let mut couriers: Vec<String> = Vec::new();
        for slug in read
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !couriers.iter().any(|known| known == slug) {
                couriers.push(slug.to_owned());
            }
        }
        Ok(Self { couriers })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slugs_are_read_and_faults_named() {
        let body = json!({"couriers": ["ups", "fedex", "ups"]});
        let read = ActivateCouriers::parse(body).expect("good");
        assert_eq!(read.couriers, ["ups", "fedex"]);
        for (body, code) in [
            (json!({}), 4009),
            (json!({"couriers": "ups"}), 4008),
            (json!({"couriers": [1]}), 4008),
            (json!({"couriers": ["U P S"]}), 4010),
        ] {
            let problem = ActivateCouriers::parse(body).expect_err("refused");
            assert_eq!(problem.code.entry().meta_code, code);
        }
    }
}
