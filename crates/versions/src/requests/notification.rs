//! `POST /notifications/{id}/add` and `/remove`, up to 2024-04.

use serde_json::{Map, Value};

use super::{
    body::{ReadBody, tolerated},
    details::CUSTOMERS,
    fields::{Field, Kind, Nulls, Reader},
};
use crate::{Code, Model, Problem, Version};

/// Lists, or one text with commas.
pub(crate) const FIELDS: &[Field] = &[
    Field::new("emails", Kind::Listed(CUSTOMERS, &Kind::Email)),
    Field::new("smses", Kind::Listed(CUSTOMERS, &Kind::Phone)),
];

/// Addresses that are to be told of a tracking, or not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenNotification {
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Phone numbers.
    pub smses: Vec<String>,
}

impl ReadBody for GivenNotification {
    const WRAPPER: Option<(&'static str, Code)> =
        Some(("notification", Code::NotificationRequired));

    fn read(mut body: Map<String, Value>, version: Version) -> Result<Self, Problem> {
        let fields = version.fields(Model::NotificationGiven);
        tolerated(Model::NotificationGiven, &mut body, version);
        let mut read = Reader(version).read(fields, body, Nulls::Drop)?;
        let mut texts = |name: &str| match read.remove(name) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            emails: texts("emails"),
            smses: texts("smses"),
        })
    }
}
