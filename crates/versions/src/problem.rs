//! An error on its way to the caller.

use std::fmt::Display;

use serde_json::Value;

use crate::{Code, Version};

/// After how many seconds to try again when the database was away.
const UNAVAILABLE_RETRY_AFTER_SECONDS: u32 = 1;

/// An entry of the catalogue with what is particular to this request.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Which error.
    pub code: Code,
    /// `meta.message`: the wire constant, then how to mend it.
    pub message: String,
    /// The answer's `data`; an empty object where there is none.
    pub data: Option<Value>,
    /// The answer's `Retry-After`.
    pub retry_after_seconds: Option<u32>,
}

impl Problem {
    /// The error with its message from the catalogue.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            message: code.message(),
            data: None,
            retry_after_seconds: None,
        }
    }

    /// The field it is about, as a full path such as `customers[0].email`. Comes before
    /// [`Problem::because`].
    #[must_use]
    pub fn on(mut self, field: impl Display) -> Self {
        self.message = self.code.message_on(&field.to_string());
        self
    }

    /// How to mend it, as a sentence.
    #[must_use]
    pub fn because(mut self, mend: &str) -> Self {
        self.message.push(' ');
        self.message.push_str(mend);
        self
    }

    /// What to answer as `data`.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// The same by the names of an older version.
    #[must_use]
    pub fn in_version(&self, version: Version) -> Self {
        let mut problem = self.clone();
        if self.code == Code::RequiredFieldMissing && version != Version::NEWEST {
            problem.message = renamed(&self.message, version);
        }
        if version < Version::V2024_07
            && let Some(tracking) = problem
                .data
                .as_mut()
                .and_then(|data| data.get_mut("tracking"))
            && let Some(tracking) = tracking.as_object_mut()
            && let Some(id) = tracking.remove("legacy_id")
        {
            tracking.insert("id".to_owned(), id);
        }
        problem
    }

    /// A field's value is wrong (4008), and what it may be.
    pub fn invalid(field: impl Display, mend: &str) -> Self {
        Self::new(Code::ValueInvalid).on(field).because(mend)
    }

    /// A field is missing (4009).
    pub fn required(field: impl Display) -> Self {
        Self::new(Code::ValueRequired).on(field)
    }

    /// Nothing was written; the same request may be sent again at once.
    pub fn unavailable() -> Self {
        Self {
            retry_after_seconds: Some(UNAVAILABLE_RETRY_AFTER_SECONDS),
            ..Self::new(Code::Unavailable)
        }
    }

    /// A fault of ours. The cause belongs in the log, never in the answer.
    pub fn internal() -> Self {
        Self::new(Code::InternalError)
    }
}

/// A message whose fields in back-ticks have the names of an older version.
fn renamed(message: &str, version: Version) -> String {
    let parts = message.split('`').enumerate().map(|(at, part)| {
        if at % 2 == 1 {
            version.additional_field(part)
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} {}",
            self.code.entry().meta_code,
            self.message
        )
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_field_and_then_the_mend() {
        let problem = Problem::invalid("customers[0].email", "Send an e-mail address.");
        assert_eq!(
            problem.message,
            "The value of `customers[0].email` is invalid. Send an e-mail address."
        );
        let problem = Problem::new(Code::RequiredFieldMissing).on("tracking_key");
        assert_eq!(
            problem.message,
            "The courier needs more than the tracking number. See `tracking_key`."
        );
    }
}
